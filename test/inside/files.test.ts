import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ISOLATED, machine } from './support/machine.ts';

const PROBE = join(import.meta.dirname, 'support', 'disk-probe.py');
/** What a file system of Linux gives, by what was tried. */
const RIGHT = {
  maps_a_file: 'hi',
  locks_exclude_others: [1, 1],
  writes_past_the_cache: 4096,
  links: [2, 'linked'],
  keeps_attributes: 'kept',
  keeps_holes_and_reservations: [true, true],
  tells_cases_and_letters_apart: 2,
  renames_files_and_folders: true,
  runs_what_is_executable: 'it runs\n',
  keeps_times: 1_234_567_890_123_456_789n,
  makes_files_without_names: true,
  holds_sockets_and_pipes: 101,
  tells_of_changes: 'new',
  goes_deep: true,
  says_its_size: true,
};

describe.each(ISOLATED)('the folders of a session at level %s', (isolation) => {
  const { sh, lack } = machine(isolation, { python: true });

  it.for(['/workspace/probe', '/tmp/probe', '$HOME/probe', '/var/tmp/probe', '/dev/shm/probe'])(
    'do in %s what a file system does',
    async (folder, { skip }) => {
      const missing = await lack('python3');
      if (missing !== null) skip(missing);
      const text = await sh(`python3 - ${folder}`, {}, await readFile(PROBE, 'utf8'));
      expect(JSON.parse(text.replace(/\b\d{17,}\b/, '"big $&"'))).toEqual({
        ...RIGHT,
        keeps_times: `big ${RIGHT.keeps_times}`,
      });
    },
  );

  it('can be written by everyone where everyone writes, and are sticky there', async () => {
    for (const folder of ['/tmp', '/var/tmp', '/dev/shm']) {
      expect(await sh(`stat -c %a ${folder}`), folder).toBe('1777\n');
    }
    expect(await sh('stat -c "%a %U" /workspace "$HOME"')).toEqual(
      isolation === 'full' ? '755 root\n700 root\n' : expect.stringMatching(/^7\d\d \S+\n7\d\d \S+\n$/),
    );
  });

  it('hold nothing that everyone may change, but for links and what is sticky', async () => {
    const open =
      "find / -xdev -maxdepth 4 '(' -path /proc -o -path /dev ')' -prune -o ! -type l -perm -0002 ! -perm -1000 -print";
    expect(await sh(`${open} 2>/dev/null || true`)).toBe('');
  });

  it('are known to df, of the folder and of all', async () => {
    expect(await sh('df -P /workspace | tail -n 1 | grep -c "/workspace$"')).toBe('1\n');
    await sh('df; df -i; df -h / /tmp "$HOME"; mount; cat /etc/mtab > /dev/null; findmnt /workspace > /dev/null');
  });

  it('let links and moves cross them, as programs expect', async () => {
    await sh(
      'echo a > /tmp/a; mv /tmp/a /workspace/a; mv /workspace/a "$HOME/a"; cp -a "$HOME/a" /var/tmp/a; cat /var/tmp/a',
    );
    await sh(
      'mkdir -p /tmp/t/u; echo b > /tmp/t/u/b; mv /tmp/t /workspace/t; tar c -C /workspace t | tar x -C "$HOME"; cat "$HOME/t/u/b"',
    );
  });
});
