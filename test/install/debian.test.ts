import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Debian, bareDebian, debianLack } from './support/debian.ts';
import { freshClone } from './support/clone.ts';
import { installs, startsAndStops, tests } from './support/journey.ts';
import { type Person, type } from './support/person.ts';

const run = promisify(execFile);
let lack: string | null;
let folder: string;
let debian: Debian;

beforeAll(async () => {
  lack = await debianLack();
  if (lack !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'onmemos-debian-'));
  debian = await bareDebian(join(folder, 'root'));
});
afterAll(async () => {
  if (lack === null) await rm(folder, { recursive: true, force: true });
});

describe('a bare Debian 12 with its own npm 9.2 and Node 18', () => {
  it('installs, and says which library it lacks', async ({ skip }) => {
    if (lack !== null) skip(lack);
    await freshClone(debian.person.clone);
    await installs(debian.person);
    const { code, printed } = await type(debian.person, 'npm', 'start').ended;
    expect(code).toBe(1);
    expect(printed.trimEnd().split('\n').at(-1)).toMatch(
      /^OnMemOS needs Node 24 .* libatomic\.so\.1.*apt-get install libatomic1/,
    );
    const tested = await type(debian.person, 'npm', 'test').ended;
    expect([tested.code, tested.printed]).toEqual([1, expect.stringContaining('apt-get install libatomic1')]);
  });

  const journey = async (person: Person, level: RegExp): Promise<void> => {
    expect(await startsAndStops(person)).toMatch(level);
    await tests(person);
  };

  it('starts, runs a command, stops and tests with it, as root', async ({ skip }) => {
    if (lack !== null) skip(lack);
    await debian.install('libatomic1');
    await journey(debian.person, /isolation {2}full, network none/);
  });

  it('does so in a chroot', async ({ skip }) => {
    if (lack !== null) skip(lack);
    await journey(debian.chrooted, /isolation {2}full, network none/);
  });

  it('does so as an ordinary user', async ({ skip }) => {
    if (lack !== null) skip(lack);
    await freshClone(debian.user.clone);
    await run('chown', ['-R', '65534:65534', debian.user.home]);
    await installs(debian.user);
    await journey(debian.user, /isolation {2}(user|none), network/);
  });

  it('has a network of its own for sessions once pasta is there, without iproute2', async ({ skip }) => {
    if (lack !== null) skip(lack);
    await debian.install('passt');
    const ip = await type(debian.person, 'sh', '-c', 'command -v ip').ended;
    expect(ip.printed).toBe('');
    const env = { ...debian.person.env, ONMEMOS_NETWORK: 'auto' };
    await journey({ ...debian.person, env }, /isolation {2}full, network own/);
  });
});
