import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Exec, Executed } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Sandbox, sandbox } from './support/world.ts';

const LINE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is bash
  'mkdir -p words/{one,two} && ls words; [[ ab == a* ]] && a=(x y z) && echo "${a[1]}" "$0"; diff <(seq 2) <(seq 2)';

describe('a line in the words of bash', () => {
  let box: Sandbox;
  let missing: boolean;
  beforeAll(async () => {
    box = await sandbox(admin);
    missing = !ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'command -v bash' })).success;
  });
  afterAll(() => box.remove());

  it('is run by bash where that is asked for, and waited for or not', async ({ skip }) => {
    if (missing) skip('the machine of the session has no bash');
    const waited = ok(await box.api.post<Executed>(`${box.at}/execute`, { command: LINE, shell: 'bash' }));
    expect([waited.returncode, waited.stdout]).toEqual([0, expect.stringMatching(/^one\ntwo\ny \S*bash\n$/)]);
    const { exec_id } = ok(await box.api.post<Exec>(`${box.at}/execs`, { command: '[[ -n x ]]', shell: 'bash' }));
    const exec = await until('it ends', async () => {
      const now = ok(await box.api.get<Exec>(`${box.at}/execs/${exec_id}`));
      return now.status === 'running' ? null : now;
    });
    expect(exec).toMatchObject({ status: 'exited', exit_code: 0 });
  });

  it('has no settings of a person: neither a profile nor an rc file is read', async ({ skip }) => {
    if (missing) skip('the machine of the session has no bash');
    const write = 'for f in .bashrc .bash_profile .profile; do echo "echo from $f" >> ~/$f; done';
    ok(await box.api.post<Executed>(`${box.at}/execute`, { command: write }));
    const quiet = ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'echo only', shell: 'bash' }));
    expect(quiet.stdout).toBe('only\n');
  });

  it('is run by sh where nothing is asked for', async () => {
    const { stdout } = ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'echo "$0"' }));
    expect(stdout).toMatch(/sh\n$/);
    expect(stdout).not.toMatch(/bash/);
  });

  it('is refused with a shell that there is not, and where there is no line', async () => {
    const other = await box.api.post(`${box.at}/execute`, { command: 'true', shell: 'fish' });
    expect(fieldsOf(refused(other, 'invalid'))).toEqual(['shell']);
    const argv = await box.api.post(`${box.at}/execs`, { argv: ['true'], shell: 'bash' });
    expect(fieldsOf(refused(argv, 'invalid'))).toContain('shell');
  });
});
