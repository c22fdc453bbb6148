import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { type PythonVersion, pythons } from '../support/backends.ts';
import { runPython } from './support/python.ts';
import { builtWheels, environmentOf, SDK, toolsOf } from './support/python-tools.ts';

const found = await pythons();
const oldest = found.at(0);
const newest = found.at(-1);
/** The ends of the range; one where the machine has one. */
const ends = [
  ...new Map([oldest, newest].filter((one) => one !== undefined).map((one) => [one.version, one])).values(),
];
const made: string[] = [];
let tools = '';
let wheels = '';

describe.skipIf(!newest)('the Python SDK', () => {
  beforeAll(async () => {
    tools = await toolsOf(newest as PythonVersion);
    wheels = await builtWheels(tools, [SDK, join(SDK, 'compat')]);
    made.push(wheels);
  });

  afterAll(async () => {
    await Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  /** Runs one of the pinned tools in the SDK's folder. */
  const tool = (...args: string[]): Promise<string> => runPython(join(tools, 'python'), ['-m', ...args], {}, SDK);

  it('has what its generator makes now', async () => {
    const fresh = await mkdtemp(join(tmpdir(), 'onmemos-generated-'));
    made.push(fresh);
    await runPython(join(tools, 'python'), [join(SDK, 'scripts', 'generate.py'), fresh], {});
    const committed = join(SDK, 'src', 'onmemos', 'generated');
    const names = await sources(fresh);
    expect(names.length).toBeGreaterThan(10);
    expect(await sources(committed)).toEqual(names);
    for (const name of names) {
      expect(await readFile(join(committed, name), 'utf8'), name).toBe(await readFile(join(fresh, name), 'utf8'));
    }
  });

  it('is formatted and free of lint', async () => {
    await tool('ruff', 'format', '--check', '--no-cache', '.');
    await tool('ruff', 'check', '--no-cache', '.');
  });

  it('is packed with its types and without its tests', async () => {
    const listed = await runPython(join(tools, 'python'), ['-c', LIST_WHEELS, wheels], {});
    expect(listed).toContain('onmemos/py.typed\n');
    expect(listed).toContain('onmemos/generated/sync/client.py\n');
    expect(listed.match(/dist-info\/licenses\/LICENSE$/gm)).toHaveLength(2);
    expect(listed).not.toMatch(/test|\.sh\n/);
  });

  describe('installed', () => {
    let server: RunningServer;
    const environments = new Map<string, string>();

    beforeAll(async () => {
      const install = async (python: PythonVersion): Promise<void> => {
        const environment = await environmentOf(python, tools, wheels, ['onmemos', 'onmemos-compat']);
        made.push(environment);
        environments.set(python.version, environment);
      };
      [server] = await Promise.all([startServer(), ...ends.map(install)]);
    });

    afterAll(async () => {
      await stopServer(server);
    });

    it.concurrent.each(ends)('passes its tests on Python $version', async ({ version }) => {
      const environment = environments.get(version) ?? '';
      const program = join(environment, 'bin', 'python');
      const env = { ONMEMOS_TEST_URL: server.url, ONMEMOS_TEST_KEY: server.key, PYTHONDONTWRITEBYTECODE: '1' };
      const where = await runPython(program, ['-c', 'import onmemos; print(onmemos.__file__)'], {}, SDK);
      expect(where).toContain(environment);
      const printed = await runPython(program, ['-m', 'pytest', '-v', '-p', 'no:cacheprovider', 'tests'], env, SDK);
      expect(printed).toMatch(/\d+ passed/);
    });
  });

  it('gives type checkers what each answer has', async () => {
    const environment = await environmentOf(newest as PythonVersion, tools, wheels, ['onmemos']);
    made.push(environment);
    await tool(
      'mypy',
      '--cache-dir',
      join(environment, 'own'),
      'src',
      'scripts',
      'tests/unit',
      'tests/server',
      'tests/support',
    );
    // From elsewhere, so that the installed package and its own mark of being typed are what is found.
    const strict = ['-m', 'mypy', '--strict', '--python-executable', join(environment, 'bin', 'python')];
    const check = (program: string): Promise<string> =>
      runPython(join(tools, 'python'), [...strict, join(SDK, program)], {}, environment);
    await check('tests/typing/good_program.py');
    const wrong = 'tests/typing/wrong_program.py';
    const lines = (await readFile(join(SDK, wrong), 'utf8')).split('\n');
    const marked = lines.flatMap((line, i) => (line.endsWith('# wrong') ? [i + 1] : []));
    const said = await check(wrong).catch(String);
    const refused = new Set([...said.matchAll(/wrong_program\.py:(\d+): error/g)].map(([, line]) => Number(line)));
    expect([...refused]).toEqual(marked);
  });
});

const sources = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => /\.(py|sha256)$/.test(name)).sort();

const LIST_WHEELS = `
import pathlib, sys, zipfile
for wheel in pathlib.Path(sys.argv[1]).glob("*.whl"):
    print(*zipfile.ZipFile(wheel).namelist(), sep="\\n")
`;
