import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERROR_STATUS, ERROR_TITLES } from '../../shared/contract/errors.ts';
import { withoutEngines } from '../run/lock.ts';
import { files, isTest, read } from './source.ts';

const code = files('.ts', '.mjs', '.py', '.go').filter((file) => !/(^|\/)(generated|dist|node_modules)\//.test(file));
const source = code.filter((file) => !isTest(file));

/** Lines of code that match, with comments left out. */
const hits = (list: readonly string[], pattern: RegExp): string[] =>
  list.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) =>
        pattern.test(line.replace(/\/\/.*$|^\s*\*.*$|\/\*.*?\*\//g, '')) ? [`${file}:${i + 1} ${line.trim()}`] : [],
      ),
  );

describe('habits', () => {
  it('keeps every file under 400 lines', () => {
    const long = code
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it('takes time, ids and randomness through the ports', () => {
    const ruled = source.filter(
      (file) => /^(shared|functions)\//.test(file) && !/^shared\/(platform|drivers)\//.test(file),
    );
    const pattern =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\b|\brandomBytes\b|\bset(Timeout|Interval|Immediate)\(|\bperformance\.now\(|node:timers/;
    expect(hits(ruled, pattern)).toEqual([]);
  });

  it('leaves nothing for later', () => {
    const pattern = /\b(TODO|FIXME|XXX|HACK)\b|[Nn]ot (yet )?implemented/;
    const own = 'test/architecture/habits.test.ts';
    expect(
      code
        .filter((file) => file !== own)
        .flatMap((file) =>
          read(file)
            .split('\n')
            .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
        ),
    ).toEqual([]);
  });

  it('skips and focuses no test without saying why', () => {
    const pattern = /\b(it|test|describe)\.(only|todo)\b|\b(it|test|describe)\.skip\(/;
    expect(
      hits(
        code.filter((file) => isTest(file) && !file.endsWith('habits.test.ts')),
        pattern,
      ),
    ).toEqual([]);
  });

  it('carries no path of one machine and no registry', () => {
    const text = files('.ts', '.mjs', '.json', '.md', '.sh', '.py', '.go', '.yaml', '.yml', 'run').filter(
      (file) => file !== 'test/architecture/habits.test.ts',
    );
    const pattern = /(?<![\w.-])\/(work|farm)\/|registry\.npmjs\.org|"resolved": "(?!(sdk|functions)\/)/;
    expect(
      text.flatMap((file) =>
        read(file)
          .split('\n')
          .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}`] : [])),
      ),
    ).toEqual([]);
  });

  it('locks no engines, by which npm leaves packages out under an old Node (npm run lock takes them out)', () => {
    const lock = read('package-lock.json');
    expect(lock === withoutEngines(lock)).toBe(true);
  });

  it('gives every error code a status and a title', () => {
    for (const name of ERROR_CODES) {
      expect(ERROR_STATUS[name]).toBeGreaterThanOrEqual(400);
      expect(ERROR_TITLES[name]).not.toBe('');
    }
  });
});
