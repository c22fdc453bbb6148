import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../acceptance/support/until.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { freePort } from '../../support/free-port.ts';
import { type Started, startProgram } from '../../support/program.ts';

const missing = await emulatorMissing();
const ROOT = join(import.meta.dirname, '..', '..', '..');

describe.skipIf(missing !== null)(`npm run cloud:local${missing === null ? '' : `: ${missing}`}`, () => {
  let dataDir: string;
  let port: number;
  let program: Started;
  let script: string;
  let folder: NodeJS.ProcessEnv;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-local-'));
    port = await freePort();
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    folder = { PATH: process.env['PATH'], ONMEMOS_PORT: String(port), ONMEMOS_DATA_DIR: dataDir };
    script = scripts['cloud:local'] ?? '';
    program = startProgram('sh', ['-c', script], { env: folder, cwd: ROOT });
  });
  afterEach(async () => {
    program.child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  const says = (text: string): Promise<unknown> =>
    until(`it says ${text}`, async () => {
      if (program.child.exitCode !== null) throw new Error(program.printed());
      return program.stdout().includes(text);
    });
  /** The processes that it has started and that run. */
  const children = async (): Promise<readonly number[]> => {
    const { pid } = program.child;
    return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
  };
  const left = (pids: readonly number[]): readonly number[] => pids.filter((pid) => existsSync(`/proc/${pid}`));

  it('serves with the key in its folder, and a signal ends it with all that it has started', async () => {
    await says('runs on this machine');
    const key = join(dataDir, 'admin.key');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    const headers = { 'x-api-key': (await readFile(key, 'utf8')).trim() };
    expect((await fetch(`http://127.0.0.1:${port}/v1/sessions`, { headers })).status).toBe(200);
    const pids = await children();
    expect(pids.length).toBeGreaterThan(10);

    // The command line uses it, and starts no server of its own on the folder.
    const onmemos = startProgram(join(ROOT, 'onmemos'), ['run', '--', 'echo found'], { env: folder, cwd: ROOT });
    expect(await onmemos.ended, onmemos.printed()).toMatchObject({ code: 0 });
    expect(onmemos.stdout()).toBe('found\n');
    expect((await readFile(key, 'utf8')).trim()).toBe(headers['x-api-key']);
    // Nor does a second one start, which would end the sessions of this one.
    for (const [env, sentence] of [
      [{ ...folder, ONMEMOS_PORT: String(await freePort()) }, `${dataDir} is in use by the server at `],
      [{ ...folder, ONMEMOS_DATA_DIR: `${dataDir}/other` }, `Port ${port} is in use`],
    ] as const) {
      const second = startProgram('sh', ['-c', script], { env, cwd: ROOT });
      expect(await second.ended).toMatchObject({ code: 1 });
      expect(second.stderr()).toContain(sentence);
      expect(second.stdout()).not.toContain('pid');
    }
    for (let time = 0; time < 2; time++) program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
    expect(left(pids)).toEqual([]);
    expect(program.stderr()).toBe('');
  });

  it('leaves nothing either where the signal comes while it starts', async () => {
    await says('tasks ');
    const pids = await children();
    expect(pids.length).toBeGreaterThan(1);
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
    expect(left(pids)).toEqual([]);
    expect(program.stdout()).not.toContain('runs on this machine');
  });
});
