import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { running, shell } from '../acceptance/support/world.ts';
import { ground } from './support/launched.ts';
import { type Rooted, rooted, rootedLack } from './support/rooted.ts';

const roots: string[] = [];
// Before the hooks of `ground`, because the last one that was added runs first: the servers end while they have their root.
afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true });
});

const { folder, start, refuse } = ground();
const lack = rootedLack();

/** A server's options in a root of its own, which has the data folder and nothing else of this machine's folders. */
const inOwnRoot = async (more: Partial<Rooted> = {}) => {
  const root = await mkdtemp(join(tmpdir(), 'onmemos-root-'));
  roots.push(root);
  const dataDir = await folder();
  return { dataDir, before: await rooted({ root, shown: [dataDir], ...more }) };
};

describe('a server that runs as root', () => {
  it('refuses to run commands without isolation, and says what to do', async ({ skip }) => {
    if (lack !== null) skip(lack);
    const refused = await refuse(await inOwnRoot({ confined: true }));
    expect(refused.code).toBe(1);
    expect(refused.printed).toMatch(
      /can’t isolate sessions \(full: the system does not allow namespaces here .*\)\. .*ONMEMOS_ISOLATION=none/,
    );
    expect(refused.printed).not.toMatch(/^\s+at /m);
  });

  it('refuses the level of ordinary users, which would leave commands root’s rights outside', async ({ skip }) => {
    if (lack !== null) skip(lack);
    const refused = await refuse({ dataDir: await folder(), env: { ONMEMOS_ISOLATION: 'user' } });
    expect([refused.code, refused.printed]).toEqual([1, expect.stringMatching(/ONMEMOS_ISOLATION=full\.\n$/)]);
  });

  it('does so where it is asked to', async ({ skip }) => {
    if (lack !== null) skip(lack);
    const options = await inOwnRoot({ confined: true });
    const server = await start({ ...options, args: [], env: { ONMEMOS_ISOLATION: 'none' } });
    expect(server.printed()).toMatch(/isolation {2}none, network host\n.*plain processes of this user/);
    const session = await running(server.api, { user: 'me' });
    expect(await shell(server.api, session, 'id -u')).toBe('0\n');
  });

  it('isolates in a chroot too: a command sees neither what is outside of that nor a way there', async ({ skip }) => {
    if (lack !== null) skip(lack);
    const outside = await folder();
    await writeFile(join(outside, 'secret'), 'x');
    const server = await start({ ...(await inOwnRoot()), args: [] });
    expect(server.printed()).toContain('isolation  full');
    const session = await running(server.api, { user: 'me' });
    expect(await shell(server.api, session, 'pwd; ls /workspace')).toBe('/workspace\n');
    const climb = `mkdir("hole"); chroot("hole") or die "chroot: $!"; chdir("..") for 1 .. 99; chroot(".");`;
    const look = `for (@ARGV) { print -e $_ ? "seen" : "hidden", "\\n" }`;
    const secret = join(outside, 'secret');
    expect(await shell(server.api, session, `perl -e '${look}' ${secret} ${server.dataDir}`)).toBe('hidden\nhidden\n');
    expect(await shell(server.api, session, `perl -e '${climb} ${look}' ${secret} ${server.dataDir}`)).toBe(
      'hidden\nhidden\n',
    );
  });
});

describe('a network tool that does not work', () => {
  it('takes away the network, and leaves the isolation', async ({ skip }) => {
    if (lack !== null) skip(lack);
    const programs = { pasta: '#!/bin/sh\necho "no devices here" >&2\nexit 1\n' };
    const options = await inOwnRoot({ programs });
    const path = `${process.env['PATH']}:/programs/bin`;
    const server = await start({ ...options, args: [], env: { PATH: path } });
    expect(server.printed()).toMatch(/isolation {2}full, network none\n.*pasta could not connect it: no devices here/);
    const session = ok(await server.api.post<Session>('/v1/sessions?wait=60', { user: 'me' }));
    expect(session.details).toMatchObject({ isolation: 'full', network: 'none' });
    expect(session.details['warnings']).toContainEqual(expect.stringContaining('no devices here'));
  });
});
