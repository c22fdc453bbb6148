import { afterEach, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { keeperPids } from '../acceptance/support/server.ts';
import type { Exec, Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running, sandbox, shell } from '../acceptance/support/world.ts';
import { ground } from './support/launched.ts';
import { speaking } from './support/speaking.ts';

const { folder, start, refuse } = ground();

const stopped = new Set<number>();
/** Stops the one keeper of a folder, as a debugger or Ctrl-Z would. */
const stopKeeper = async (dataDir: string): Promise<number> => {
  const [pid = 0] = await keeperPids(dataDir);
  process.kill(pid, 'SIGSTOP');
  stopped.add(pid);
  return pid;
};
const go = (pid: number): void => {
  if (stopped.delete(pid)) process.kill(pid, 'SIGCONT');
};
afterEach(() => {
  for (const pid of stopped) go(pid);
});

const toldOf = (pid: number) =>
  expect.stringContaining(`(pid ${pid}) is stopped and does not answer. Let it go on with "kill -CONT ${pid}".`);

it('a keeper that is stopped delays nobody for long, and all goes on when it does', async () => {
  const dataDir = await folder();
  const server = await start({ dataDir });
  const box = await sandbox(server.api);
  const command = 'for i in 1 2 3; do echo $i; sleep 0.2; done; while [ ! -e go ]; do sleep 0.1; done; echo end';
  const exec = ok(await box.api.post<Exec>(`${box.at}/execs`, { command }));
  const pid = await stopKeeper(dataDir);

  // One that waits already, and one that begins now.
  const answers = await Promise.all([
    box.api.post(`${box.at}/execute`, { command: 'true' }),
    box.api.get(`${box.at}/execs/${exec.exec_id}/output?from=0`),
  ]);
  for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { detail: toldOf(pid) } });
  expect((await box.api.get(`${box.at}/usage`)).status).toBe(503);
  // The rest works: the store, the list, a create, which waits for the keeper by itself.
  expect(ok(await box.api.get<Session>(box.at)).status).toBe('running');
  const created = ok(await box.api.post<Session>('/v1/sessions?wait=0', { workspace_id: box.workspace_id }));
  expect(created.status).toBe('creating');

  go(pid);
  await until('the create has its session', async () => {
    const session = ok(await box.api.get<Session>(`/v1/sessions/${created.id}`));
    return session.status === 'running';
  });
  await shell(box.api, box.session, 'touch go');
  const ended = await until('the command that ran meanwhile has ended', async () => {
    const now = ok(await box.api.get<Exec>(`${box.at}/execs/${exec.exec_id}`));
    return now.status !== 'running' && now;
  });
  expect(ended).toMatchObject({ status: 'exited', exit_code: 0, next_offset: '1\n2\n3\nend\n'.length });
  expect(await keeperPids(dataDir)).toEqual([pid]);
});

it('a start beside a keeper that is stopped says what to do, and works once it is done', async () => {
  const dataDir = await folder();
  const first = await start({ dataDir });
  const box = await sandbox(first.api);
  first.child.kill('SIGKILL');
  await first.ended;
  const pid = await stopKeeper(dataDir);
  const { code, printed } = await refuse({ dataDir });
  expect(printed).toEqual(toldOf(pid));
  expect(printed).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
  expect(await keeperPids(dataDir)).toEqual([pid]);
  go(pid);
  const second = await start({ dataDir });
  expect(await shell(second.api.as(box.owner.key), box.session, 'echo on')).toBe('on\n');
});

it('a server works with its own keeper beside one of another version that is stopped', async () => {
  const dataDir = await folder();
  const first = await start({ dataDir });
  const old = await sandbox(first.api);
  first.child.kill('SIGKILL');
  await first.ended;
  const pid = await stopKeeper(dataDir);
  // The old one has noted which versions it speaks, so that its silence does not keep a new one away.
  const second = await start({ dataDir, env: speaking(2, 3) });
  const api = second.api.as(old.owner.key);
  const fresh = await running(api, { workspace_id: old.workspace_id });
  expect(await shell(api, fresh, 'echo new')).toBe('new\n');
  const refusal = await api.post(`${old.at}/execute`, { command: 'true' });
  expect(refusal).toMatchObject({ status: 503, body: { detail: expect.stringContaining('another version') } });
  second.child.kill('SIGKILL');
  await second.ended;
  const third = await start({ dataDir, env: speaking(2, 3) });
  expect(await shell(third.api.as(old.owner.key), fresh, 'echo again')).toBe('again\n');
  go(pid);
});
