import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectNone, files, read, ROOT } from './source.ts';

const pages = files('.md');

describe('docs', () => {
  it('link only to what is there', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => join(dirname(page), match[1] ?? ''))
        .filter((target) => !existsSync(join(ROOT, target)))
        .map((target) => `${page} links to ${target}, which is not there.`),
    );
    expectNone(dead, 'Correct the link, or remove it.');
  });

  it('name only paths of the repository that are there', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/`((?:functions|shared|test|docs|sdk|agent|infra)\/[A-Za-z0-9_./-]+)`/g)]
        .map((match) => match[1] ?? '')
        // Built, and not in the repository.
        .filter((target) => !existsSync(join(ROOT, target)) && !/\/dist(\/|$)/.test(target))
        .map((target) => `${page} names ${target}, which is not there.`),
    );
    expectNone(dead, 'Correct the path, or remove it.');
  });

  it('name only npm scripts that there are, and give them only files that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const commands = pages.flatMap((page) =>
      [...read(page).matchAll(/\bnpm (?:run (?:--silent )?)?([a-z:]+)((?: -- |(?<=node) )[^`\n]*)?/g)].map((match) => {
        const [text, script = '', rest = ''] = match;
        return { page, text, script, isRun: text.startsWith('npm run'), rest };
      }),
    );
    const runs = commands.filter(({ isRun, script }) => isRun || script === 'test' || script === 'start');
    expect(runs.length).toBeGreaterThan(30);
    expect(
      runs.filter(({ script }) => !Object.hasOwn(scripts, script)).map(({ page, text }) => `${page}: ${text}`),
    ).toEqual([]);
    const missing = runs.flatMap(({ page, rest }) =>
      [...rest.matchAll(/(?<=^|\s)[a-z]+(?:\/[\w.-]+)+/g)]
        .map(([file]) => file)
        .filter((file) => !existsSync(join(ROOT, file)))
        .map((file) => `${page} runs ${file}`),
    );
    expect(missing).toEqual([]);
  });

  it('are pointed to by the glossary where each term is defined', () => {
    const rows = read('docs/glossary.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| Term |'));
    expect(rows.length).toBeGreaterThan(40);
    const wrong = rows.filter((row) => {
      const [, file = '', name] = /\| `([^`]+)`(?: `([^`]+)`)? \|$/.exec(row) ?? [];
      if (!existsSync(join(ROOT, file)) || file === '') return true;
      return name !== undefined && !new RegExp(`\\b${name}\\b`).test(read(file));
    });
    expect(wrong).toEqual([]);
    const terms = rows.map((row) => row.split('|')[1]?.trim());
    expect(terms.filter((term, i) => terms.indexOf(term) !== i)).toEqual([]);
  });

  it('give every dependency its reason in a decision', () => {
    const manifests = files('package.json').filter((file) => !/(^|\/)generate\//.test(file));
    const ofNode = manifests.flatMap((file) => {
      const manifest = JSON.parse(read(file)) as Record<string, Record<string, string>>;
      return Object.keys({
        ...manifest['dependencies'],
        ...manifest['optionalDependencies'],
        ...manifest['devDependencies'],
      });
    });
    const ofPython = files('pyproject.toml').flatMap((file) => {
      const [, list = ''] = /^dependencies = \[([^\]]*)\]/m.exec(read(file)) ?? [];
      return [...list.matchAll(/"([A-Za-z0-9_.-]+)/g)].map((match) => match[1] ?? '');
    });
    const own = /^(onmemos|@onmemos\/.*)$/;
    const names = [...ofNode, ...ofPython].filter((name) => !own.test(name));
    expect(names).toEqual(expect.arrayContaining(['hono', 'commander', 'httpx', 'vitest']));
    const decisions = files('.md')
      .filter((file) => file.startsWith('docs/adr/'))
      .map(read)
      .join('\n');
    const without = names.filter((name) => !decisions.includes(`\`${name}\``));
    expectNone(
      without.map((name) => `No decision gives a reason for \`${name}\`.`),
      'Add a line to docs/adr/0002-runtime-and-dependencies.md that says what it saves us from writing, or do without it.',
    );
  });
});
