import { describe, expect, it } from 'vitest';
import { run } from '../support/sandbox/host.ts';
import { ISOLATED, machine } from './support/machine.ts';

const isRoot = process.getuid?.() === 0;

describe.each(ISOLATED)('the names of a session at level %s', (isolation) => {
  const { sh, python, lack, sandbox } = machine(isolation);

  it('are one host name, short and whole, that has an address', async () => {
    expect(await sh('hostname; hostname -f; uname -n; cat /etc/hostname; echo $HOSTNAME')).toBe('inside\n'.repeat(5));
    expect(await sh('getent hosts inside | cut -d" " -f1')).toMatch(/^(127\.|::1)/);
  });

  it('have localhost in both versions of IP, to listen on and to reach', async ({ skip }) => {
    const missing = await lack('python3');
    if (missing !== null) skip(missing);
    expect(
      await sh('getent ahostsv4 localhost | head -n 1 | cut -d" " -f1; getent hosts ::1 | grep -c localhost'),
    ).toBe('127.0.0.1\n1\n');
    const program = `
import socket
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    server = socket.socket(family)
    server.bind((address, 0))
    server.listen()
    client = socket.create_connection(("localhost" if family == socket.AF_INET else address, server.getsockname()[1]))
    client.sendall(b"heard")
    print(server.accept()[0].recv(9).decode())
`;
    expect(await python(program)).toBe('heard\nheard\n');
  });

  it('have a user with an entry, a home of its own and a group', async () => {
    const [name, home, shell] = (await sh('id -un; getent passwd "$(id -u)" | cut -d: -f6; id -gn')).split('\n');
    expect([name, home]).toEqual([(await sh('echo $USER')).trim(), (await sh('echo $HOME')).trim()]);
    expect(shell).not.toBe('');
    expect(await sh('cd && touch .probe && rm .probe; echo ~')).toBe(`${home}\n`);
  });

  it('let files be given keys, and agents have sockets', async ({ skip }) => {
    const missing = await lack('ssh-keygen', 'ssh-agent');
    if (missing !== null) skip(missing);
    await sh(
      'mkdir -p -m 700 ~/.ssh; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id; eval "$(ssh-agent)"; ssh-add -q ~/.ssh/id; ssh-add -l; kill $SSH_AGENT_PID',
    );
    expect(await sh('stat -c %a ~/.ssh/id')).toBe('600\n');
    if ((await run(sandbox(), 'command -v gpg && command -v gpg-agent')).code === 0) {
      await sh('gpg -q --batch --passphrase "" --quick-gen-key probe ed25519 sign; gpgconf --kill all');
      expect(await sh('gpg -q --list-keys --with-colons | grep -c ^pub')).toBe('1\n');
    }
  });

  it('let git work in a folder that the session’s user made, for whom it asks nothing', async ({ skip }) => {
    const missing = await lack('git');
    if (missing !== null) skip(missing);
    await sh(
      'git init -q one && cd one && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first && git clone -q . ../two',
    );
    expect(
      await sh('git -C two log --format=%s; git config --global color.ui never; git config --global color.ui'),
    ).toBe('first\nnever\n');
  });

  it('say clearly what is not there: an init system, a module, a device', async () => {
    const { code, err, out } = await run(
      sandbox(),
      'if command -v systemctl >/dev/null; then systemctl status; else echo "System has not been booted"; false; fi',
    );
    expect(code).not.toBe(0);
    expect(out + err).toMatch(/not been booted/);
    expect((await run(sandbox(), 'LC_ALL=C mount -t tmpfs none /mnt')).err).toMatch(
      /permission denied|must be superuser|not permitted/,
    );
  });
});

describe.runIf(isRoot)('other users of a session at level full', () => {
  const { sh, lack, sandbox } = machine('full');
  const as = 'setpriv --reuid 4242 --regid 4242 --clear-groups';

  it('are made, act as themselves in a home of their own, and go', async ({ skip }) => {
    const missing = await lack('useradd', 'su');
    if (missing !== null) skip(missing);
    await sh('useradd -m -s /bin/sh probe');
    expect(await sh('su probe -c "id -un; touch ~/mine; stat -c %U ~/mine; umask"; su - probe -c pwd')).toBe(
      'probe\nprobe\n0022\n/home/probe\n',
    );
    expect(await sh('su probe -s /bin/sh -c "echo x > /workspace/not-mine" 2>/dev/null || echo refused')).toBe(
      'refused\n',
    );
    await sh('chown probe /workspace && su probe -c "echo x > /workspace/mine" && chown root /workspace');
    await sh('userdel -r probe 2>/dev/null; ! getent passwd probe');
  });

  it('see all of the machine’s programs and libraries, and no folder of root', async () => {
    const closed = `${as} find / -xdev '(' -path /proc -o -path /usr/share ')' -prune -o -type d '(' ! -readable -o ! -executable ')' -print`;
    const found = (await sh(`${closed} 2>/dev/null || true`)).trim().split('\n');
    // apt keeps what it is fetching to its own user.
    expect(found.filter((folder) => !/^\/var\/(lib\/apt|cache\/apt)\/.*partial$/.test(folder))).toEqual(['/root']);
    // As on every machine; the one with a dash is what the tools kept of a change.
    const ofRoot = "! -name .pwd.lock ! -name 'shadow*' ! -name 'gshadow*'";
    expect(
      await sh(
        `${as} find /etc /usr/bin /usr/lib/*-linux-gnu -maxdepth 1 -type f ! -readable ${ofRoot} 2>/dev/null || true`,
      ),
    ).toBe('');
  });

  it('work without an entry, without a home, and with one that can’t be written', async () => {
    for (const home of ['env -u HOME', 'env HOME=/nonexistent', 'env HOME=/usr']) {
      const line = `unset USER LOGNAME; touch /tmp/by-4242 && stat -c %u /tmp/by-4242 && rm /tmp/by-4242; perl -e 'print "perl\\n"'`;
      const { code, out, err } = await run(sandbox(), `${as} ${home} sh -c '${line.replaceAll("'", "'\\''")}'`);
      expect([home, code, out, err]).toEqual([home, 0, '4242\nperl\n', '']);
    }
  });

  it('are warned by git of a folder that is another’s', async ({ skip }) => {
    const missing = await lack('git');
    if (missing !== null) skip(missing);
    const { code, err } = await run(sandbox(), `git init -q of-root; cd of-root; ${as} env HOME=/tmp git status`);
    expect([code, err]).toEqual([128, expect.stringContaining('dubious ownership')]);
    expect(
      await sh(
        `cd of-root && HOME=/tmp git config --global --add safe.directory /workspace/of-root && ${as} env HOME=/tmp git status -s`,
      ),
    ).toBe('');
  });
});
