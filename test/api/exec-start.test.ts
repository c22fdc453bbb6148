import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExecChannel, ExecError, type ExecStart, type ExecState, type NotStarted } from '#ports/exec.ts';
import { type Client, clientOf } from './support/client.ts';
import { apiOver, openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const start = (body: Record<string, unknown>) => world.call(`/v1/sessions/${world.session}/execs`, { body });

/** The same with some methods replaced. */
const withOther = <T extends object>(whole: T, methods: Partial<T>): T =>
  new Proxy(whole, {
    get: (on, name) => {
      const value: unknown = Reflect.get(name in methods ? methods : on, name);
      return typeof value === 'function' ? value.bind(on) : value;
    },
  });

/** A client of the same platform, on whose channels a command is started so. */
const startingBy = (started: (channel: ExecChannel, command: ExecStart) => Promise<ExecState>): Client => {
  const { deps } = world.platform;
  const byDriver: typeof deps.computes.byDriver = (driver) => {
    const compute = deps.computes.byDriver(driver);
    const exec: typeof compute.exec = async (target) => {
      const channel = await compute.exec(target);
      return withOther(channel, { start: (command) => started(channel, command) });
    };
    return withOther(compute, { exec });
  };
  const computes = { ...deps.computes, byDriver };
  return clientOf(apiOver(world.platform, { deps: { ...deps, computes } }), world.keys.admin);
};

interface Exec {
  readonly exec_id: string;
  readonly exit_code: number | null;
}
const idIn = (json: unknown): string => (json as Exec).exec_id;

const NOT_STARTED = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/signals.json'), 'utf8')) as {
    readonly not_started: readonly { readonly field: NotStarted['field']; readonly exit_code: 126 | 127 | null }[];
  }
).not_started.flatMap(({ field, exit_code }) => (exit_code === null ? [] : [{ field, exit_code }]));

describe('starting a command', () => {
  it.each([
    [{ argv: ['no-such-program'] }, 'argv', 127],
    [{ argv: ['no-such-program'], cwd: '/tmp' }, 'argv', 127],
    [{ argv: ['/tmp/no-such-program'], cwd: '/tmp' }, 'argv', 127],
    [{ argv: ['./Permission denied'] }, 'argv', 127],
    [{ argv: ['/etc/passwd'] }, 'argv', 126],
    [{ argv: ['/etc'] }, 'argv', 126],
    [{ argv: ['true'], cwd: '/no/such/folder' }, 'cwd', 126],
    [{ argv: ['true'], cwd: '/etc/passwd' }, 'cwd', 126],
    [{ command: 'true', cwd: '/no/such/folder' }, 'cwd', 126],
  ])('says which field does not hold, and the exit code, which is on record: %j', async (body, field, exit_code) => {
    const { status, json } = await start(body);
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'invalid', errors: [{ field }], exit_code });
    const { exec_id } = json as { exec_id: string };
    const record = await world.call(`/v1/sessions/${world.session}/execs/${exec_id}`);
    expect(record.json).toMatchObject({ status: 'exited', exit_code });
  });

  it('ends as the vectors say, by the fields of the keeper alone', async () => {
    let said: ExecError;
    const call = startingBy(async () => {
      throw said;
    });
    const at = `/v1/sessions/${world.session}/execs`;
    const answers: unknown[] = [];
    for (const { field, exit_code } of NOT_STARTED) {
      said = new ExecError('spawn_failed', 'no words of the system', { field, exit_code });
      const body = field === 'argv' ? { argv: ['x'], cwd: '/tmp' } : { command: 'x', cwd: '/tmp' };
      const { json } = await call(at, { body });
      answers.push({ json, exit_code: ((await world.call(`${at}/${idIn(json)}`)).json as Exec).exit_code });
    }
    expect(answers.length).toBeGreaterThan(10);
    expect(answers).toMatchObject(
      NOT_STARTED.map(({ field, exit_code }) => ({ json: { errors: [{ field }], exit_code }, exit_code })),
    );
    // An earlier keeper says no fields.
    said = new ExecError('spawn_failed', 'x: Permission denied');
    expect((await call(at, { body: { argv: ['x'] } })).json).toMatchObject({ exit_code: 127 });
  });

  it('takes a timeout of any fraction of a second', async () => {
    // This is no whole number of milliseconds, and neither is 1.001 in binary.
    const timeout = 1000.0005;
    expect(Number.isInteger(timeout * 1000)).toBe(false);
    expect(await start({ argv: ['true'], timeout })).toMatchObject({
      status: 200,
      json: { status: expect.anything() },
    });
    const held = await world.call(`/v1/sessions/${world.session}/execute`, { body: { command: 'true', timeout } });
    expect(held).toMatchObject({ status: 200, json: { returncode: 0 } });
  });

  it('of more than a record holds is refused by its field, or by its size', async () => {
    const words = (count: number, word: string) => ({ argv: ['true', ...Array.from({ length: count }, () => word)] });
    expect(await start(words(4000, 'x'.repeat(1000)))).toMatchObject({
      status: 422,
      json: { code: 'invalid', errors: [{ field: 'argv', message: 'at most 256 KiB in all' }] },
    });
    const euros = {
      command: 'true',
      env: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`V${n}`, '€'.repeat(10_000)])),
    };
    expect(await start(euros)).toMatchObject({ status: 422, json: { errors: [{ field: 'env' }] } });
    // Each field within its limit, and a record past its own: control characters take six bytes each in it.
    const rest = { cwd: '/tmp', env: { A: 'x'.repeat(32_000), B: 'y'.repeat(32_000) } };
    const most = { command: `: ${'\u0001'.repeat(131_000)}`, ...rest };
    expect([200, 422]).toContain((await start(most)).status);
    const wide = { argv: ['true', ...Array.from({ length: 2 }, () => '\u0001'.repeat(130_000))], ...rest };
    expect(await start(wide)).toMatchObject({ status: 413, json: { code: 'too_large' } });
  });

  it('that was started without an answer is named, and retried only where a repeat can’t start it twice', async () => {
    let starts = 0;
    const call = startingBy(async (channel, command) => {
      await channel.start(command);
      starts += 1;
      throw new ExecError('unavailable', 'the connection was lost');
    });
    const at = `/v1/sessions/${world.session}/execs`;
    const body = { argv: ['true'] };
    const plain = await call(at, { body });
    expect(plain).toMatchObject({ status: 503, json: { code: 'unavailable', retryable: false } });
    expect(plain.headers.get('retry-after')).toBeNull();
    const { exec_id, detail } = plain.json as { exec_id: string; detail: string };
    expect(detail).toContain(`${at}/${exec_id} before you start another`);
    expect((await world.call(`${at}/${exec_id}`)).json).toMatchObject({ exec_id });
    for (const repeatable of [
      { body, headers: { 'Idempotency-Key': 'once' } },
      { body: { ...body, exec_id: 'named' } },
    ])
      expect((await call(at, repeatable)).json).toMatchObject({ code: 'unavailable', retryable: true });
    expect(starts).toBe(3);
  });

  it('twice under one id starts it once, and another command under that id is refused', async () => {
    const first = await start({ exec_id: 'mine', argv: ['true'] });
    expect(first.json).toMatchObject({ exec_id: 'mine' });
    const again = await start({ exec_id: 'mine', argv: ['true'] });
    expect(again.json).toMatchObject({ started_at: (first.json as { started_at: string }).started_at });
    expect((await start({ exec_id: 'mine', argv: ['false'] })).json).toMatchObject({
      code: 'conflict',
      exec_id: 'mine',
    });
    expect((await start({ exec_id: 'mine', command: 'true' })).json).toMatchObject({ code: 'conflict' });
  });

  it('to its end under an id of the caller’s own can be ended by that id, and runs once', async () => {
    const run = (body: Record<string, unknown>) => world.call(`/v1/sessions/${world.session}/execute`, { body });
    const where = `/v1/sessions/${world.session}/execs/to-be-ended`;
    const running = run({ command: 'sleep 300', exec_id: 'to-be-ended' });
    // Until the call has arrived, there is nothing to end.
    const kill = () => world.call(where, { method: 'DELETE' });
    await expect.poll(async () => (await kill()).json).toMatchObject({ status: 'killed' });
    expect((await running).json).toMatchObject({ exec_id: 'to-be-ended', returncode: 137 });
    expect((await run({ command: 'sleep 300', exec_id: 'to-be-ended' })).json).toMatchObject({ returncode: 137 });
    expect((await run({ command: 'true', exec_id: 'to-be-ended' })).json).toMatchObject({ code: 'conflict' });
    const job = await run({ command: 'true', exec_id: 'a-job', async_execution: true });
    expect(job.json).toMatchObject({ job_id: 'a-job' });
  });
});
