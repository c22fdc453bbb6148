import { describe, it } from 'vitest';
import { expectNone, files, read } from './source.ts';

const { version } = JSON.parse(read('package.json')) as { version: string };

/** Every place that must say the version, as programs and packages can't read it from one. */
const PLACES: readonly (readonly [file: string, says: RegExp])[] = [
  ...files('package.json')
    .filter((file) => /^sdk\/\w+\/package\.json$/.test(file))
    .map((file) => [file, /"version": "([^"]+)"/] as const),
  ['sdk/cli/package.json', /"onmemos": "(\d[^"]+)"/],
  ['sdk/cli/package.json', /"@onmemos\/standalone": "([^"]+)"/],
  ['sdk/openapi.json', /"version": "([^"]+)"/],
  ['sdk/python/compat/pyproject.toml', /^version = "([^"]+)"/m],
  ['sdk/python/pyproject.toml', /^version = "([^"]+)"/m],
  ['sdk/python/src/onmemos/version.py', /^VERSION = "([^"]+)"/m],
  ['sdk/typescript/src/version.ts', /VERSION = '([^']+)'/],
  ['shared/wiring/version.ts', /\bVERSION = '([^']+)'/],
];

describe('the version', () => {
  it('is that of package.json everywhere', () => {
    const wrong = PLACES.map(([file, says]) => ({ file, said: says.exec(read(file))?.[1] ?? 'nothing' }))
      .filter(({ said }) => said !== version)
      .map(({ file, said }) => `${file} says ${said}, and package.json says ${version}.`);
    expectNone(wrong, 'A release has one version: write the same in each of them.');
  });
});
