import { describe, expect, it } from 'vitest';
import { run } from '../support/sandbox/host.ts';
import { ISOLATED, machine } from './support/machine.ts';

const isRoot = process.getuid?.() === 0;

describe.each(ISOLATED)('the accounts of a session at level %s', (isolation) => {
  const { sh } = machine(isolation);

  it('are whole: each user has a line in shadow, each group one in gshadow, which open nothing', async () => {
    const names = (file: string) => sh(`cut -d: -f1 /etc/${file}`);
    expect(await names('shadow')).toBe(await names('passwd'));
    expect(await names('gshadow')).toBe(await names('group'));
    // No password of the host, and none that is empty.
    expect(await sh('cut -d: -f2 /etc/shadow /etc/gshadow | sort -u')).toMatch(/^[*!]+\n([*!]+\n)?$/);
  });

  it('write locks where every program may', async () => {
    expect(await sh('stat -c %a /run/lock')).toBe('1777\n');
  });
});

describe.runIf(isRoot)('the accounts of a session at level full, whose root is more than one user', () => {
  const { sh, lack, sandbox } = machine('full');

  it('have files of passwords like a machine’s', async () => {
    expect(await sh('stat -c "%a %U %G" /etc/shadow /etc/gshadow')).toBe('640 root shadow\n640 root shadow\n');
  });

  it('can be acted for by root: each system user by su', async ({ skip }) => {
    const missing = await lack('su');
    if (missing !== null) skip(missing);
    for (const user of ['daemon', 'www-data', 'nobody']) {
      const { out, err } = await run(sandbox(), `su ${user} -s /bin/sh -c 'id -un'`);
      expect([out, err]).toEqual([`${user}\n`, '']);
    }
  });

  it('take a password, a lock and another shell', async ({ skip }) => {
    const missing = await lack('chpasswd', 'passwd', 'chsh');
    if (missing !== null) skip(missing);
    await sh("echo 'www-data:a pass phrase' | chpasswd; passwd -q -l daemon; chsh -s /bin/sh www-data");
    expect(await sh('getent passwd www-data | cut -d: -f7; grep -c "^www-data:[$]" /etc/shadow')).toBe('/bin/sh\n1\n');
  });
});

describe.each(ISOLATED)('the audit of the kernel, to a session at level %s', (isolation) => {
  const { sh } = machine(isolation);

  it('is not there, so that sshd and sudo do without: one that refuses them ends a login with a terminal', async () => {
    const [AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, NETLINK_ROUTE] = [16, 3, 9, 0];
    const open = (kind: number) =>
      `perl -e 'socket(my $s, ${AF_NETLINK}, ${SOCK_RAW}, ${kind}) or print $!+0; print ";"'`;
    expect(await sh(`${open(NETLINK_AUDIT)}; ${open(NETLINK_ROUTE)}`)).toBe('97;;');
  });
});
