import { expect, it } from 'vitest';
import { floatingLines } from './floating.ts';
import { files, isTest, read } from './source.ts';

/** Where a promise may float, and why nothing is lost by it. */
const ALLOWED: Readonly<Record<string, string>> = {
  'shared/services/kernel/lanes.ts': 'a lane is driven for its callers, and each of them awaits its own item',
};

const TO_DO =
  'A service starts nothing that nobody waits for: await it, or hand it to `deps.background.run(label, work)`, which ' +
  'logs its error and which a shutdown drains.';

it('services start no work of their own but in the background', () => {
  const found = files('.ts')
    .filter((file) => file.startsWith('shared/services/') && !isTest(file) && !Object.hasOwn(ALLOWED, file))
    .flatMap((file) => floatingLines(read(file)).map((line) => `${file}:${line}`));
  expect(found, TO_DO).toEqual([]);
});

it('allows only files that still need it', () => {
  const idle = Object.keys(ALLOWED).filter((file) => floatingLines(read(file)).length === 0);
  expect(idle, 'Take these files off the list in this test.').toEqual([]);
});

it.each([
  ['void noteUse(deps);'],
  ['if (old) void noteUse(deps);'],
  ['const f = () => void noteUse(deps);'],
  ['look(deps).catch(() => {});'],
  ['look(deps)\n  .then(() => 1)\n  .catch((error) => {\n    log(error);\n  });'],
  ['for (const a of all) {\n  await b(a);\n}\nlook(deps).catch(() => {});'],
  ['if (gone) {\n  look(deps).catch(() => {});\n}'],
  ['const a = 1;\nlook({ a }).finally(() => {});'],
])('finds what floats: %s', (text) => {
  expect(floatingLines(text)).toHaveLength(1);
});

it.each([
  ['await look(deps).catch(() => {});'],
  ['return look(deps).then(() => 1);'],
  ['const seen = look(deps).then(() => 1);'],
  ['queue = result.catch(() => {});'],
  ['const f = () =>\n  look(deps).catch(() => null);'],
  ['await Promise.race([look(deps), sleep(1).then(() => null)]);'],
  ['for (const a of all) {\n  b(a);\n}\nawait look(deps).catch(() => {});'],
  ['const f = (): void => {\n  stop();\n};\nconst g: () => void = f;'],
  ["// void noteUse(deps)\nlog('a.catch(');"],
])('lets pass what somebody waits for: %s', (text) => {
  expect(floatingLines(text)).toEqual([]);
});
