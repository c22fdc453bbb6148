import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemIds } from '#platform/ids.ts';
import type { World } from './attacks.ts';

/** Secrets, sockets and a process on the host, as far as this user may plant them; all gone when disposed of. */
export interface Planted extends AsyncDisposable {
  readonly world: World;
  victimLives(): boolean;
}

export async function plantWorld(owner: number): Promise<Planted> {
  const token = `secret-${Buffer.from(systemIds.random(12)).toString('hex')}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-escape-'));
  const name = `onmemos-escape-${token.slice(-8)}`;
  const world: Omit<World, 'victimPid' | 'loopbackPort'> = {
    token,
    dataDir,
    rootSecret: `/root/${name}`,
    homeSecret: `/home/${name}`,
    srvSecret: `/srv/${name}`,
    runSocket: `/run/${name}.sock`,
    keeperSocket: join(dataDir, 'keeper', 'keeper.sock'),
    abstractSocket: name,
    shadowSum: createHash('sha256').update(readFileSync('/etc/shadow')).digest('hex'),
    rootDevice: deviceOfRoot(),
  };
  const files = [world.rootSecret, world.homeSecret, world.srvSecret, join(dataDir, 'admin.key')];
  for (const path of files) writeFileSync(path, token);
  mkdirSync(join(dataDir, 'keeper'));
  const loopback = await listening(createServer(), 0);
  const servers = [
    loopback,
    await listening(createServer(), world.runSocket),
    await listening(createServer(), world.keeperSocket),
    await listening(createServer(), `\0${world.abstractSocket}`),
  ];
  chmodSync(world.runSocket, 0o666);
  chmodSync(world.keeperSocket, 0o600);
  const address = loopback.address();
  const victim = spawn('sleep', ['86398'], {
    env: { TOKEN: token, PATH: '/usr/bin:/bin' },
    stdio: 'ignore',
    uid: owner,
  });
  const victimPid = victim.pid ?? 0;
  return {
    world: { ...world, victimPid, loopbackPort: typeof address === 'object' ? (address?.port ?? 0) : 0 },
    victimLives: () => victim.exitCode === null && victim.signalCode === null && existsSync(`/proc/${victimPid}`),
    [Symbol.asyncDispose]: async () => {
      victim.kill('SIGKILL');
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      for (const path of [...files, world.runSocket, '/usr/onmemos-escape', '/etc/onmemos-escape']) {
        rmSync(path, { force: true });
      }
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function listening(server: Server, at: number | string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (typeof at === 'number') server.listen(at, '127.0.0.1', () => resolve(server));
    else server.listen(at, () => resolve(server));
  });
}

function deviceOfRoot(): { major: number; minor: number } {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((mount) => mount.split(' ')[4] === '/');
  const [major = 0, minor = 0] = (line?.split(' ')[2] ?? '').split(':').map(Number);
  const dev = statSync('/').dev;
  return major ? { major, minor } : { major: dev >> 8, minor: dev & 0xff };
}
