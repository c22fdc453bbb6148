import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERROR_STATUS, ERROR_TITLES } from '../../shared/contract/errors.ts';
import { withoutEngines } from '../run/lock.ts';
import { expectNone, files, isTest, read } from './source.ts';

const code = files('.ts', '.mjs', '.py', '.go').filter((file) => !/(^|\/)(generated|dist|node_modules)\//.test(file));

/** This file, which names what it looks for. */
const OWN = 'test/architecture/habits.test.ts';
const except = (list: readonly string[], own: string): readonly string[] => list.filter((file) => file !== own);

/** Lines that match. */
const hits = (list: readonly string[], pattern: RegExp, clean = (line: string) => line): readonly string[] =>
  list.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(clean(line)) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
  );

/** Lines of code that match, with comments left out. */
const codeHits = (list: readonly string[], pattern: RegExp): readonly string[] =>
  hits(list, pattern, (line) => line.replace(/\/\/.*$|^\s*\*.*$|\/\*.*?\*\//g, ''));

describe('habits', () => {
  it('keeps every file under 400 lines', () => {
    const long = code
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400)
      .map(({ file, lines }) => `${file} has ${lines} lines.`);
    expectNone(
      long,
      'A file has one subject and at most 400 lines: move a part that can be named into a file of its own.',
    );
  });

  it('leaves nothing for later', () => {
    const pattern = /\b(TODO|FIXME|XXX|HACK)\b|[Nn]ot (yet )?implemented/;
    expectNone(
      hits(except(code, OWN), pattern),
      'Nothing is left for later: do it now, or remove it and file an issue.',
    );
  });

  it('skips and focuses no test without saying why', () => {
    const pattern = /\b(it|test|describe)\.(only|todo)\b|\b(it|test|describe)\.skip\(/;
    expectNone(
      codeHits(except(code.filter(isTest), OWN), pattern),
      'A test is skipped only by `skipIf` or `ctx.skip` with a reason that is printed: run it, or say why not.',
    );
  });

  it('carries no path of one machine and no registry', () => {
    const text = files('.ts', '.mjs', '.json', '.md', '.sh', '.py', '.go', '.yaml', '.yml', 'run');
    const pattern = /(?<![\w.-])\/(work|farm)\/|registry\.npmjs\.org|"resolved": "(?!(sdk|functions)\/)/;
    expectNone(
      hits(except(text, OWN), pattern),
      'The repository names no path of one machine and no registry: `npm run lock` takes them out of package-lock.json.',
    );
  });

  it('locks no engines, by which npm leaves packages out under an old Node', () => {
    const lock = read('package-lock.json');
    expectNone(
      lock === withoutEngines(lock) ? [] : ['package-lock.json says which engines its packages need.'],
      'npm leaves packages out by that under an old Node: `npm run lock` takes it out.',
    );
  });

  it('gives every error code a status and a title', () => {
    for (const name of ERROR_CODES) {
      expect(ERROR_STATUS[name]).toBeGreaterThanOrEqual(400);
      expect(ERROR_TITLES[name]).not.toBe('');
    }
  });
});
