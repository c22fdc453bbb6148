import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { keeperFolder, SLOTS } from '#platform/keeper-folders.ts';
import { writeKeeperIdentity } from '#platform/keeper-identity.ts';
import { CallError } from '#platform/protocol/call-error.ts';
import { serveExec } from '#platform/protocol/serve.ts';
import { ComputeUnavailable } from '#ports/compute.ts';
import { ExecError } from '#ports/exec.ts';
import { KeeperDialer } from './keeper-dialer.ts';

/** What a keeper says to a hello: null is its own hello. */
type Answer = Error | null;

const otherVersion = new CallError('version', 'only version 99');

describe('KeeperDialer', () => {
  let dataDir: string;
  let servers: Server[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-dialer-'));
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) server.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('starts no keeper without a command, and says that none runs', async () => {
    const dialer = new KeeperDialer({ dataDir, clock: systemClock, command: null });
    await expect(dialer.connect()).rejects.toThrow(`no keeper runs in ${dataDir}; start it first`);
    await expect(dialer.connect()).rejects.toThrow(ComputeUnavailable);
    await keeper(1, null);
    expect(await (await dialer.connect()).call('any', {})).toBe(1);
  });

  /** A keeper in a slot, and how often it was asked. */
  const keeper = async (slot: number, answer: Answer) => {
    await mkdir(keeperFolder(dataDir, slot), { recursive: true });
    const asked = { times: 0 };
    const server = createServer((socket) => {
      asked.times++;
      serveExec(socket, {
        open: async () => {
          if (answer) throw answer;
          return { channel: null, call: async () => slot };
        },
      });
    });
    servers.push(server);
    server.listen(join(keeperFolder(dataDir, slot), 'keeper.sock'));
    await once(server, 'listening');
    return asked;
  };
  const dialer = () => new KeeperDialer({ dataDir, clock: systemClock, command: ['false'] });
  const slotOf = async (from: KeeperDialer): Promise<unknown> => {
    const client = await from.connect();
    const slot = await client.call('which', {});
    client.close();
    return slot;
  };

  it('takes the first keeper that speaks a version of ours, and asks the others once', async () => {
    const first = await keeper(1, otherVersion);
    await keeper(3, null);
    await keeper(4, null);
    const one = dialer();
    expect([await slotOf(one), await slotOf(one), await slotOf(one)]).toEqual([3, 3, 3]);
    expect(first.times).toBe(1);
  });

  it('knows a keeper of a release that refused a version as invalid', async () => {
    await keeper(1, new ExecError('invalid', 'version 2 is not spoken here, but 1'));
    await keeper(2, null);
    expect(await slotOf(dialer())).toBe(2);
  });

  it('starts none where the one that it can speak to refuses', async () => {
    await keeper(1, new ExecError('no_such_session', 'it has ended'));
    await keeper(2, null);
    await expect(dialer().connect('ses')).rejects.toMatchObject({ code: 'no_such_session' });
  });

  it('starts one in the first slot without a keeper', async () => {
    await keeper(1, otherVersion);
    await keeper(3, otherVersion);
    // `false` starts no keeper. The error names the log in the chosen slot.
    await expect(dialer().connect()).rejects.toThrow(join(keeperFolder(dataDir, 2), 'keeper.log'));
  });

  /** A keeper that accepts connections, as the kernel does for a process that is stopped, and says nothing. */
  const hanging = async (slot: number) => {
    await mkdir(keeperFolder(dataDir, slot), { recursive: true });
    const server = createServer((socket) => socket.unref());
    servers.push(server);
    server.listen(join(keeperFolder(dataDir, slot), 'keeper.sock'));
    await once(server, 'listening');
  };
  const impatient = () => {
    const clock = { ...systemClock, timer: (ms: number, run: () => void) => systemClock.timer(ms / 100, run) };
    return new KeeperDialer({ dataDir, clock, command: ['false'] });
  };

  it('starts none beside one that hangs, and says which process that is', async () => {
    await hanging(1);
    await expect(impatient().connect()).rejects.toThrow(join(keeperFolder(dataDir, 1), 'keeper.log'));
    await writeKeeperIdentity(keeperFolder(dataDir, 1));
    const { pid } = process;
    const dialling = impatient().connect();
    await expect(dialling).rejects.toBeInstanceOf(ComputeUnavailable);
    await expect(dialling).rejects.toThrow(`(pid ${pid}) does not answer. Let it go on with "kill -CONT ${pid}".`);
    await writeFile(join(keeperFolder(dataDir, 1), 'keeper.json'), JSON.stringify({ pid, start: '1' }));
    await expect(impatient().connect()).rejects.toThrow('keeper.log has its number');
  });

  it('starts one beside one that hangs and is noted to speak no version of ours', async () => {
    await hanging(1);
    await writeKeeperIdentity(keeperFolder(dataDir, 1));
    const path = join(keeperFolder(dataDir, 1), 'keeper.json');
    const own = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...own, oldest: 98, newest: 99 }));
    await expect(impatient().connect()).rejects.toThrow(join(keeperFolder(dataDir, 2), 'keeper.log'));
  });

  it('takes one that it can speak to beside one that hangs', async () => {
    await hanging(1);
    await keeper(2, null);
    expect(await slotOf(impatient())).toBe(2);
  });

  it('says so where every slot is taken', async () => {
    for (const slot of SLOTS) await keeper(slot, otherVersion);
    await expect(dialer().connect()).rejects.toThrow('8 keepers of other versions have sessions in');
  });
});
