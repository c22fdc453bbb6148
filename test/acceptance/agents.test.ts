import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Executed } from './support/shapes.ts';
import { jsonSocket, openSocket } from './support/socket.ts';
import { admin } from './support/target.ts';
import { type Sandbox, sandbox, shell } from './support/world.ts';

let box: Sandbox;
beforeAll(async () => {
  box = await sandbox(admin);
});
afterAll(() => box.remove());

const execute = async (command: string, more: object = {}): Promise<Executed> =>
  ok(await box.api.post<Executed>(`${box.at}/execute`, { command, ...more }));

/** Why a test is skipped: a program is not on the machine of the session. Null if all are there. */
const lack = async (...programs: string[]): Promise<string | null> => {
  const { stdout } = await execute(`for p in ${programs.join(' ')}; do command -v $p > /dev/null || echo $p; done`);
  return stdout === '' ? null : `the machine of the session has no ${stdout.trim().replaceAll('\n', ', no ')}`;
};

describe('a command as agents write it', () => {
  it.each([
    { what: 'only a comment', command: '# nothing to do', code: 0, stdout: '' },
    { what: 'only a line break', command: '\n', code: 0, stdout: '' },
    { what: 'blank lines between', command: '\n\n echo one \n \n\n echo two\n\n', code: 0, stdout: 'one\ntwo\n' },
    { what: 'a last line without its end', command: 'printf "%s" whole', code: 0, stdout: 'whole' },
    { what: 'signs', command: `echo '!@#$%^&*()_+{}[]|\\:;"<>?~\`'`, code: 0, stdout: '!@#$%^&*()_+{}[]|\\:;"<>?~`\n' },
    { what: 'a loop over lines', command: 'for i in 1 2 3;\n do\n  echo "$i";\ndone', code: 0, stdout: '1\n2\n3\n' },
    { what: 'a part in the background', command: '(sleep 300) &', code: 0, stdout: '' },
    { what: 'the last code of a list', command: 'true; false; (exit 9)', code: 9, stdout: '' },
    { what: 'a program that is not there', command: 'no-such-program --help', code: 127, stdout: '' },
    { what: 'a file that is no program', command: '/etc/passwd', code: 126, stdout: '' },
    {
      what: 'a quoted end of a here-document',
      command: "cat <<'END'\n$HOME `x` \\ é\nEND",
      code: 0,
      stdout: '$HOME `x` \\ é\n',
    },
  ])('with $what', async ({ command, code, stdout }) => {
    expect(await execute(command)).toMatchObject({ returncode: code, stdout, timed_out: false });
  });

  it('with a mistake says where, and nothing of it ran', async () => {
    const { returncode, stdout, stderr } = await execute('echo before; (echo a');
    expect([returncode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/syntax error/i);
  });

  it('that is empty, or no program, is refused by its field', async () => {
    expect(fieldsOf(refused(await box.api.post(`${box.at}/execute`, { command: '' }), 'invalid'))).toEqual(['command']);
    const start = await box.api.post(`${box.at}/execs`, { argv: ['/etc/passwd'] });
    expect(refused(start, 'invalid').detail).toContain('/etc/passwd: Permission denied');
  });

  it('goes on with what an earlier one left: files and folders, not variables', async () => {
    await execute('export KEPT=no; mkdir -p made; cd made; echo content > "a file"');
    expect(await execute('echo "[$KEPT]"; pwd | grep -c made; cat "made/a file"')).toMatchObject({
      stdout: '[]\n0\ncontent\n',
    });
  });

  it('that is cut in a character at its end gives the sign for it, once', async () => {
    const { stdout, stdout_base64 } = await execute(`printf '${'a'.repeat(8191)}\\342'`);
    expect(stdout).toBe(`${'a'.repeat(8191)}\u{FFFD}`);
    expect(Buffer.from(stdout_base64 ?? '', 'base64').at(-1)).toBe(0xe2);
  });
});

describe('an interactive program', () => {
  /** A terminal into which is typed, and what it has shown since the last line typed. */
  const terminal = async () => {
    const socket = jsonSocket(await openSocket(box.api, `${box.at}/shell`));
    socket.send({ type: 'resize', cols: 120, rows: 24 });
    return {
      type: async (data: string, wanted: RegExp): Promise<void> => {
        let seen = '';
        socket.send({ type: 'input', data });
        await socket.take((message) => {
          seen += message['type'] === 'output' ? String(message['data']) : '';
          return wanted.test(seen);
        });
      },
      closed: socket.closed,
    };
  };

  it('keeps its state, is interrupted by Ctrl-C, and is left for the one above: bash, python, less', async ({
    skip,
  }) => {
    const missing = await lack('bash', 'python3', 'less');
    if (missing !== null) skip(missing);
    const { type, closed } = await terminal();
    await type('exec bash --norc --noprofile\n', /bash-[\d.]+[#$] /);
    // What is typed is echoed too, so each answer differs from its question.
    await type('X=40; cd /usr; PS1="> "\n', /\n?> /);
    await type('echo $((X+2)) "<$PWD>"\n', /42 <\/usr>\r/);
    await type('python3 -q\n', />>> /);
    await type('import sys; print("he" + "llo", sys.stdin.isatty())\n', /hello True\r/);
    await type('while True: pass\n\n', /\.\.\. /);
    await type('\x03', /KeyboardInterrupt/);
    await type('print("st" + "ill")\n', /still\r/);
    await type('\x04', /> /);
    // A key that comes before the command has the terminal would interrupt the shell.
    const sleeps = `sh -c 'echo be""gun; exec sleep 1000'`;
    await type(`${sleeps}; echo "co"de $?\n`, /begun\r/);
    await type('\x03', /\^C/);
    await type('echo af""ter\n', /after\r/);
    await type('seq 500 | less -+F\n', /\n:/);
    await type('G', /500[\s\S]*END/);
    await type('q', /> /);
    await type(`${sleeps}\n`, /begun\r/);
    await type('\x1a', /Stopped/);
    await type('kill %1; wait; echo go""ne\n', /gone\r/);
    await type('exit 3\n', /exit/);
    expect(await closed).toBe(1000);
  });
});

describe('an agent that mends a program', () => {
  it('sees its tests fail, writes another version, and sees them pass', async ({ skip }) => {
    const missing = await lack('python3');
    if (missing !== null) skip(missing);
    const folder = (
      await shell(box.api, box.session, 'mkdir -p mend/lib && cd mend && touch lib/__init__.py && pwd')
    ).trim();
    await shell(
      box.api,
      box.session,
      [
        "cat > lib/middle.py <<'END'",
        'def middle(values):',
        '    return sorted(values)[len(values) // 2]',
        'END',
        "cat > test_middle.py <<'END'",
        'import unittest',
        'from lib.middle import middle',
        'class Middle(unittest.TestCase):',
        '    def test_odd(self): self.assertEqual(middle([3, 1, 2]), 2)',
        '    def test_even(self): self.assertEqual(middle([4, 1, 2, 3]), 2.5)',
        'END',
      ].join('\n'),
      { cwd: folder },
    );
    const test = { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } };
    const before = await execute('python3 -m unittest', test);
    expect(before.returncode).toBe(1);
    expect(before.stderr).toMatch(/AssertionError: 3 != 2\.5[\s\S]*FAILED \(failures=1\)/);
    const patch = [
      '--- a/lib/middle.py',
      '+++ b/lib/middle.py',
      '@@ -1,2 +1,3 @@',
      ' def middle(values):',
      '-    return sorted(values)[len(values) // 2]',
      '+    whole, half = sorted(values), len(values) // 2',
      '+    return whole[half] if len(whole) % 2 else (whole[half - 1] + whole[half]) / 2',
      '',
    ].join('\n');
    const missingPatch = await lack('patch');
    if (missingPatch !== null) skip(missingPatch);
    await shell(box.api, box.session, `patch -p1 <<'END'\n${patch}END`, { cwd: folder });
    expect(await execute('python3 -m unittest', test)).toMatchObject({
      returncode: 0,
      stderr: expect.stringContaining('OK'),
    });
  });
});
