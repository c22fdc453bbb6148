import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/program.ts';

const isHere = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Why there can be no uplink here; null if there can. */
const lack = (): string | null => {
  if (process.getuid?.() !== 0) return 'only root can make network namespaces: run the tests as root for this';
  const missing = ['pasta', 'ip', 'nsenter'].filter((program) => !isHere(program));
  return missing.length > 0 ? `not installed here: ${missing.join(', ')} (apt-get install passt iproute2)` : null;
};

/** Runs a scenario in a network of its own. */
const scenario = async (name: string): Promise<Record<string, unknown>> => {
  const folder = mkdtempSync(join(tmpdir(), 'onmemos-network-'));
  const program = join(import.meta.dirname, 'network', 'scenarios-child.ts');
  const apart = ['--net', '--mount', '--propagation', 'private', process.execPath, program, name, folder];
  try {
    const ended = await startProgram('unshare', apart, { env: process.env }).ended;
    expect(ended.stderr).toBe('');
    return JSON.parse(ended.stdout) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const REFUSED = 'Connection refused';
const refused = (...addresses: readonly string[]) => Object.fromEntries(addresses.map((address) => [address, REFUSED]));
const met = (...addresses: readonly string[]) =>
  Object.fromEntries(addresses.map((address) => [address, `${address} met`]));

describe.skipIf(lack() !== null)('the uplink that all sessions share', () => {
  it('leads each of them outside, to no other, and to nothing that is closed', async () => {
    const seen = await scenario('reach');
    const [first = '', second = ''] = seen['same'] as readonly string[];
    expect(first).toMatch(/^198\.51\.100\.7 met \d+$/);
    expect(second).toMatch(/^198\.51\.100\.7 met \d+$/);
    expect(first).not.toBe(second);
    expect(seen).toMatchObject({
      details: 'own',
      distinct: true,
      neighbour: REFUSED,
      heard: 'up\n',
      own: refused('192.0.2.2', '10.77.0.1', '10.77.128.53', '10.77.77.77'),
      closed: refused('169.254.169.254', '169.254.1.1', '168.63.129.16'),
      closedV6: refused('fd00:ec2::254', 'fd20:ce::254', '64:ff9b::a9fe:a9fe'),
      open: met('198.51.100.7', '2001:db8:1::7', '10.5.0.1', '100.64.1.1', 'fd12::1'),
      none: { '198.51.100.7': 'Network is unreachable' },
      noneDevices: 1,
      names: '198.51.100.7',
      pastas: 1,
    });
  });

  it('takes nothing from a session under the address of another, and a session can not even send so', async () => {
    const denied = 'Operation not permitted\n';
    expect(await scenario('forged')).toEqual({
      tried: denied.repeat(4),
      honest: '198.51.100.7 met \n',
      forged: 'nothing',
      quiet: true,
    });
  });

  it('translates the address of each to the one that pasta knows', async () => {
    expect(await scenario('translated')).toEqual(['192.0.2.2', '192.0.2.2']);
  });

  it('closes private networks where that is wanted, but for what is allowed and the way to names', async () => {
    expect(await scenario('closed')).toEqual({
      said: {
        ...met('198.51.100.7', '10.6.0.1'),
        ...refused('10.5.0.1', '100.64.1.1', 'fd12::1', '169.254.169.254'),
      },
      names: '198.51.100.7',
    });
  });

  it('lets no session hold more than its part, and leaves the others theirs', async () => {
    expect(await scenario('bound')).toEqual({
      held: 2048,
      full: REFUSED,
      other: '198.51.100.7 met ',
      again: '198.51.100.7 met ',
    });
  });

  it('is there again when pasta was killed, and refuses connections that were lost', async () => {
    expect(await scenario('killed')).toEqual({
      again: '198.51.100.7 met ',
      old: ['Connection reset by peer', 'over', ''],
      names: '198.51.100.7',
      pastas: 1,
    });
  });

  it('leaves nothing of a session that ended, of a keeper that ended or was killed', async () => {
    expect(await scenario('leftovers')).toEqual({ two: 2, open: true, held: 1 });
  });

  it('costs a session at most 2 MB of memory and no process', async () => {
    const { megabytes, processes, ...seen } = await scenario('memory');
    console.info(`an idle session with network: ${Number(megabytes).toFixed(2)} MB`);
    expect(megabytes).toBeLessThanOrEqual(2);
    // The launcher's waiter and process 1; of all the sessions together, a program of the keeper's may run meanwhile.
    expect(processes).toBeGreaterThanOrEqual(2);
    expect(processes).toBeLessThan(2.05);
    expect(seen).toEqual({ pastas: 1, cables: 101 });
  });
});

describe.skipIf(lack() !== null)('a pasta of its own, at level user', () => {
  it('keeps the same addresses closed, before anything is sent', async () => {
    const closed = ['10.5.0.1', '100.64.1.1', 'fd12::1', '169.254.169.254', 'fd00:ec2::254'];
    expect(await scenario('user')).toEqual({
      level: 'user',
      said: {
        ...met('198.51.100.7', '10.6.0.1'),
        ...Object.fromEntries(closed.map((address) => [address, 'Permission denied'])),
      },
      names: '198.51.100.7',
      pastas: 1,
    });
  });
});

it('says why its tests are left out', ({ skip }) => {
  const why = lack();
  if (why !== null) skip(why);
});
