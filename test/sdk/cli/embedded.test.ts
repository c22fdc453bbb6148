import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, type Home, launch, makeHome } from './support/cli.ts';
import { eventually, nothingLeft, processesOf } from './support/tidy.ts';

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  await nothingLeft(home.dataDir);
  await home.remove();
});

interface Wire {
  readonly id: string;
  readonly status: string;
  readonly status_reason: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
}

const sessions = async (): Promise<Wire[]> => JSON.parse((await call(['sessions', 'ls', '-a', '--json'], home)).stdout);

describe('a machine where nobody has started anything', () => {
  it('runs a command, keeps its data private, and leaves nothing behind', async () => {
    const first = await call(['run', '--', 'echo first; exit 3'], home);
    expect(first).toMatchObject({ code: 3, stdout: 'first\n' });
    const note = JSON.parse(await readFile(join(home.dataDir, 'server.json'), 'utf8')) as { embedded: boolean };
    expect(note.embedded).toBe(true);
    for (const name of ['.', 'server.json', 'admin.key', 'embedded.log']) {
      expect((await stat(join(home.dataDir, name))).mode & 0o077).toBe(0);
    }
    expect((await sessions()).map(({ status }) => status)).toEqual(['terminated']);
    await nothingLeft(home.dataDir);

    const again = await call(['run', '-q', '--', 'cat'], { ...home, input: 'second' });
    expect(again).toMatchObject({ code: 0, stdout: 'second', stderr: '' });
    expect(await sessions()).toHaveLength(2);
  });

  it('has its server offered by login, and doctor tries the key of the environment there', async () => {
    await call(['run', '-q', '-d', '--ttl', '2m', '--name', 'box', '--', 'sleep 100'], home);
    const { url } = JSON.parse(await readFile(join(home.dataDir, 'server.json'), 'utf8')) as { url: string };
    const env = { ...home.env, ONMEMOS_API_KEY: 'omk_no_thing' };
    const wrong = await call(['doctor'], { env });
    expect([wrong.code, wrong.stdout]).toEqual([
      1,
      expect.stringMatching(/^problem +Key +Authentication failed - check API key/m),
    ]);
    // The machine is looked at with that key too.
    expect(wrong.stdout).toMatch(/^\S+ +Data folder/m);
    const key = await readFile(join(home.dataDir, 'admin.key'), 'utf8');
    expect((await call(['login'], { ...home, input: key })).stderr).toContain(`Logged in at ${url}, `);
    await call(['rm', 'box'], home);
  });

  it('serves calls that begin at once by one server', async () => {
    const calls = [1, 2, 3, 4, 5].map((n) => call(['run', '-q', '--', `echo ${n}; exit ${n}`], home));
    const outcomes = await Promise.all(calls);
    expect(outcomes.map(({ code, stdout, stderr }) => [code, stdout, stderr])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, `${n}\n`, '']),
    );
    const all = await sessions();
    expect(all.map(({ status }) => status)).toEqual(Array(5).fill('terminated'));
  });

  it('ends the session of a call that was killed at its time to live', async () => {
    const killed = launch(['run', '--ttl', '1m', '--', 'echo ready; sleep 1000'], home);
    await eventually(killed.stdout, (text) => text.includes('ready'), 'ready');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const [left] = await sessions();
    expect(left).toMatchObject({ status: 'running' });
    expect(Date.parse(left?.expires_at ?? '') - Date.parse(left?.created_at ?? '')).toBe(60_000);
    expect((await processesOf(home.dataDir)).length).toBeGreaterThan(0);
    // Nobody calls meanwhile: the machine sees to it by itself.
    await pause(60_000);
    await nothingLeft(home.dataDir);
    const [ended] = await sessions();
    expect(ended).toMatchObject({ id: left?.id, status: 'terminated', status_reason: 'expired' });
  });

  it('says why, where its service can not start', async () => {
    const wrong = { ...home.env, ONMEMOS_LOG_LEVEL: 'nonsense' };
    const { code, stderr } = await call(['run', '--', 'true'], { env: wrong });
    // What a command may end with too is no code of ours.
    expect(code).toBe(125);
    expect(stderr).toContain('ONMEMOS_LOG_LEVEL');
    expect(stderr).toContain('onmemos doctor');
    const file = join(home.dir, 'file');
    await writeFile(file, '');
    const under = { ...home.env, ONMEMOS_DATA_DIR: join(file, 'data') };
    const nowhere = await call(['run', '--', 'true'], { env: under });
    expect(nowhere.code).toBe(125);
    expect(nowhere.stderr).toMatch(/The data folder can’t be written: .*\nSet ONMEMOS_DATA_DIR/);
  });
});
