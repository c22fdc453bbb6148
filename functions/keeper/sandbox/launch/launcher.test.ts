import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtempSync, openSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { findProgram, identify, type ProcessId } from '../process/proc.ts';
import { enter } from './enter.ts';
import { openSpawner, reader, type Spawner } from './spawner.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that could be hit: the leader of a group of its own. */
const bystander = async (): Promise<ProcessId> => {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  started.push(child);
  await once(child, 'spawn');
  return identify(child.pid ?? 0) ?? { pid: 0, start: '' };
};

/** The end of a pipe. */
const pipeEnd = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'onmemos-launcher-'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const end = openSync(join(folder, 'pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
  rmSync(folder, { recursive: true });
  return end;
};

/** A launched process whose waiter says what the test says; `children` are its own. */
const speaking = (status: PassThrough, children: readonly ProcessId[]): Spawner => ({
  start: async () => ({
    plan: new Writable({ write: (_chunk, _encoding, done) => done() }),
    status,
    stdin: null,
    stdout: pipeEnd(),
    stderr: null,
    kill: () => undefined,
    child: (pid) => children.find((child) => child.pid === pid) ?? null,
  }),
  close: () => undefined,
});

const nothing = { pids: () => [], signal: async () => false, kill: async () => false, release: () => undefined };
const command = { argv: ['true'], cwd: null, env: {}, tty: null, merge: true, stdin: false };
const enterWith = (spawner: Spawner) =>
  enter({ spawner, plan: '', first: [], processes: nothing, cwd: '/', env: {} }, command);

describe('what the keeper believes of a launched command', () => {
  it('is the first number, and no later one', async () => {
    const [own, other] = [await bystander(), await bystander()];
    const status = new PassThrough();
    const entered = enterWith(speaking(status, [own, other]));
    status.write(`pid ${own.pid}\npid ${other.pid}\nbegun\n`);
    const spawned = await entered;
    const end = once(started[0] as ChildProcess, 'exit');
    expect(await spawned.signal('HUP')).toBe(true);
    expect(await end).toEqual([null, 'SIGHUP']);
    expect(identify(other.pid)).toEqual(other);
  });

  it('is no number of a process that is not the child of its waiter', async () => {
    const other = await bystander();
    const status = new PassThrough();
    const entered = enterWith(speaking(status, []));
    status.write(`pid ${other.pid}\nbegun\n`);
    expect(await (await entered).signal('HUP')).toBe(false);
    expect(identify(other.pid)).toEqual(other);
  });

  it('is its end once: then it lets go of the number, and signals nothing any more', async () => {
    const own = await bystander();
    const status = new PassThrough();
    const entered = enterWith(speaking(status, [own]));
    status.write(`pid ${own.pid}\nbegun\n`);
    const spawned = await entered;
    status.write('exit 3 0\n');
    expect(await spawned.exited).toEqual({ code: 3, signal: null });
    expect(status.destroyed).toBe(true);
    expect(await spawned.signal('HUP')).toBe(false);
    expect(identify(own.pid)).toEqual(own);
  });
});

describe.runIf(findProgram('perl') !== null)('the resident launcher', () => {
  const perl = findProgram('perl') ?? '';

  it('runs from a sealed copy of the interpreter, which is no file of the host', async () => {
    const spawner = openSpawner(perl);
    try {
      const { plan, status } = await spawner.start({ stdin: false, stdout: false, stderr: false });
      plan.write('fork\n');
      const [said] = (await once(status, 'data')) as [Buffer];
      const program = `/proc/${/^pid (\d+)$/m.exec(said.toString())?.[1]}/exe`;
      expect(readlinkSync(program)).toBe('/memfd:perl (deleted)');
      expect(() => openSync(program, 'r+')).toThrow(/ETXTBSY|EPERM/);
    } finally {
      spawner.close();
    }
  });

  it('knows the children of what it started, and no other process', async () => {
    const spawner = openSpawner(perl);
    try {
      const launched = await spawner.start({ stdin: false, stdout: true, stderr: false });
      let said = '';
      launched.status.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      launched.plan.end('run\t/\t\t0\tsleep\t1000\nclosed\nfork\ncommand\n');
      if (launched.stdout !== null) reader(launched.stdout).resume();
      while (!said.includes('begun\n')) await systemClock.sleep(5);
      const pid = Number(/^pid (\d+)$/m.exec(said)?.[1]);
      expect(launched.child(pid)).toEqual(identify(pid));
      expect(launched.child(process.pid)).toBeNull();
      process.kill(pid, 'SIGTERM');
      while (!said.includes('exit ')) await systemClock.sleep(5);
      expect(said).toContain('exit 0 15\n');
      // Held until the keeper lets go, then gone.
      expect(identify(pid)).not.toBeNull();
      launched.status.destroy();
      while (identify(pid)) await systemClock.sleep(5);
    } finally {
      spawner.close();
    }
  });
});
