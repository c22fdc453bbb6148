import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHost, run, type TestHost, testSpec } from '../../../test/support/sandbox/host.ts';
import { programFolders } from '#platform/program-folders.ts';
import type { Sandbox } from './types.ts';

/** `full` needs root; the machine's folders can't be written at any other level. */
describe.skipIf(process.getuid?.() !== 0)('the machine seen from inside, at level full', () => {
  let test: TestHost;
  let sandbox: Sandbox;
  let umask = 0o022;
  const added = mkdtempSync('/opt/onmemos-test-');

  beforeAll(async () => {
    chmodSync(added, 0o755);
    mkdirSync(join(added, 'bin'), { mode: 0o755 });
    writeFileSync(join(added, 'bin', 'from-opt'), '#!/bin/sh\necho found\n', { mode: 0o755 });
    mkdirSync(join(added, 'kept', 'below'), { recursive: true });
    writeFileSync(join(added, 'kept', 'shown'), 'shown\n');
    writeFileSync(join(added, 'kept', 'hidden'), 'hidden\n', { mode: 0o600 });
    umask = process.umask(0o077);
    test = await openTestHost();
    sandbox = await test.host.create(testSpec('inside', { python: true }));
  });
  afterAll(async () => {
    process.umask(umask);
    await test[Symbol.asyncDispose]();
    rmSync(added, { recursive: true, force: true });
  });

  it('names the folders of this machine’s languages after those of every system', () => {
    const folders = programFolders();
    expect(folders[0]).toBe('/usr/local/sbin');
    expect(folders.indexOf(join(added, 'bin'))).toBeGreaterThan(folders.indexOf('/bin'));
    expect(folders.includes('/usr/local/go/bin')).toBe(existsSync('/usr/local/go/bin'));
  });

  it('renames a folder that came with the machine, and what is hidden in it stays hidden', async () => {
    // rename(2) itself: mv copies where that fails.
    const rename = `perl -e 'rename $ARGV[0], $ARGV[1] or die "$!\\n"'`;
    const script = `${rename} '${added}/kept' '${added}/moved' && ls '${added}' '${added}/moved' && cat '${added}/moved/hidden'
      ${rename} '${added}/moved' /opt/again && cat /opt/again/shown /opt/again/hidden`;
    const ran = await run(sandbox, script);
    expect(ran.out.split('\n').filter((line) => /hidden/.test(line))).toEqual([]);
    expect(ran.out).toMatch(/bin\nmoved\n\n.*moved:\nbelow\nshown\nshown\n$/s);
    expect(ran.err).not.toMatch(/cross-device/);
    expect(existsSync(join(added, 'kept', 'shown'))).toBe(true);
  });

  it('shows its own limits, which can be read and not changed, and nothing above them', async ({ skip }) => {
    if (test.host.capabilities.limits.memory !== 'hard') skip('no control groups can be made here');
    const small = await test.host.create(testSpec('small', { memory_mb: 200, cpu_millis: 500 }));
    const own =
      'cd /sys/fs/cgroup; cat memory.max cpu.max memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us 2>/dev/null';
    expect((await run(small, own)).out).toMatch(/^209715200\n50000( 100000)?\n$/);
    const attack = `cd /sys/fs/cgroup
      find . -name '*limit_in_bytes' -o -name memory.max -o -name cpu.cfs_quota_us -o -name cgroup.procs -o -name tasks -o -name release_agent |
        while read -r file; do (echo 1 > "$file") 2>/dev/null && echo "wrote $file"; done
      find . -type d | while read -r folder; do mkdir "$folder/mine" 2>/dev/null && echo "made $folder"; done
      find . -name release_agent; ls -d memory/../../../fs; cat /proc/self/cgroup | grep '/\\.\\.'; :`;
    expect((await run(small, attack)).out).toBe('memory/../../../fs\n');
    await small.destroy(0);
  });

  it('shows another user than its root all that programs expect, whatever umask the keeper has', async () => {
    const walk = `setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '
      for d in / /bin /usr /usr/bin /etc /opt /tmp /var /var/tmp /var/lib /run /dev /dev/shm /dev/pts /proc /sys /workspace /home /srv /mnt; do
        [ -x "$d/." ] || echo "not entered: $d"; done
      for f in /etc/passwd /etc/hosts /etc/hostname /etc/resolv.conf /bin/sh /dev/null /dev/urandom /dev/tty; do [ -r "$f" ] || echo "not read: $f"; done
      for d in /tmp /var/tmp /dev/shm; do touch $d/mine || echo "not written: $d"; done'; stat -c '%n %a %U' / /tmp /root /workspace /dev/null /etc/resolv.conf`;
    const ran = await run(sandbox, walk);
    expect(ran.err).toBe('');
    expect(ran.out).toBe(
      '/ 755 root\n/tmp 1777 root\n/root 700 root\n/workspace 755 root\n/dev/null 666 root\n/etc/resolv.conf 644 root\n',
    );
  });
});
