import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The address at which the outside answers, and what it has beside. */
export const OUTSIDE = '198.51.100.7';
export const OUTSIDE_V6 = '2001:db8:1::7';
const V4 = [OUTSIDE, '10.5.0.1', '10.6.0.1', '100.64.1.1', '169.254.169.254', '169.254.1.1', '168.63.129.16'];
const V6 = [OUTSIDE_V6, 'fd12::1', 'fd00:ec2::254', 'fd20:ce::254', '64:ff9b::a9fe:a9fe'];

/**
 * Gives this process's network namespace, which must be its own, another one as the outside. All addresses are there:
 * nothing is sent to what this machine reaches.
 */
export const makeWorld = async (folder: string): Promise<void> => {
  const ip = (...args: readonly string[]) => execFileSync('ip', args);
  const outside = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  await once(outside, 'spawn');
  const pid = String(outside.pid);
  const enter = [`--net=/proc/${pid}/ns/net`];
  const there = (...args: readonly string[]) => execFileSync('nsenter', [...enter, 'ip', ...args]);
  ip('link', 'set', 'lo', 'up');
  // Until the namespace is another one.
  for (;;) {
    try {
      ip('link', 'add', 'wan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', pid);
      there('link', 'set', 'lan', 'up');
      break;
    } catch {
      try {
        ip('link', 'del', 'wan');
      } catch {}
    }
  }
  there('link', 'set', 'lo', 'up');
  ip('addr', 'add', '192.0.2.2/24', 'dev', 'wan');
  there('addr', 'add', '192.0.2.1/24', 'dev', 'lan');
  ip('link', 'set', 'wan', 'up');
  ip('addr', 'add', '2001:db8::2/64', 'dev', 'wan', 'nodad');
  there('addr', 'add', '2001:db8::1/64', 'dev', 'lan', 'nodad');
  for (const address of V4) there('addr', 'add', `${address}/32`, 'dev', 'lo');
  for (const address of V6) there('addr', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
  ip('route', 'add', 'default', 'via', '192.0.2.1');
  ip('route', 'add', 'default', 'via', '2001:db8::1');
  const resolver = join(folder, 'resolv.conf');
  writeFileSync(resolver, 'nameserver 192.0.2.1\noptions timeout:5\n');
  execFileSync('mount', ['--bind', resolver, '/etc/resolv.conf']);
  // As on machines where every user may have a network of its own.
  const tun = join(folder, 'tun');
  execFileSync('mknod', ['--mode=666', tun, 'c', '10', '200']);
  execFileSync('mount', ['--bind', tun, '/dev/net/tun']);
  const server = spawn('nsenter', [...enter, process.execPath, join(import.meta.dirname, 'outside-child.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => {
    server.kill('SIGKILL');
    outside.kill('SIGKILL');
  });
  await once(server.stdout, 'data');
};
