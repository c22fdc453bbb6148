import { describe, expect, it } from 'vitest';
import { run } from '../support/sandbox/host.ts';
import { ISOLATED, machine } from './support/machine.ts';

describe.each(ISOLATED)('the devices of a session at level %s', (isolation) => {
  const { sh, python, lack, sandbox } = machine(isolation);

  it('name the streams of a command', async () => {
    const { code, out, err } = await run(
      sandbox(),
      'cat /dev/stdin; cat /dev/fd/0; echo out > /dev/stdout; echo err > /dev/stderr; exec 7<<X\nseven\nX\ncat /dev/fd/7',
      {},
      'in\n',
    );
    expect([code, out, err]).toEqual([0, 'in\nout\nseven\n', 'err\n']);
  });

  it('let bash read the output of a command as a file', async ({ skip }) => {
    const missing = await lack('bash');
    if (missing !== null) skip(missing);
    const line =
      'paste <(seq 3) <(seq 4 6) | tee >(wc -l > count) | tr "\\t" " "; while [ ! -s count ]; do sleep 0.02; done; cat count';
    expect(await sh('', { argv: ['bash', '-c', line] })).toBe('1 4\n2 5\n3 6\n3\n');
  });

  it('swallow, refuse and give bytes', async () => {
    expect(
      await sh('echo x > /dev/null; cat /dev/null; head -c 3 /dev/zero | wc -c; head -c 9 /dev/urandom | wc -c'),
    ).toBe('3\n9\n');
    expect((await run(sandbox(), 'LC_ALL=C; export LC_ALL; echo x | dd of=/dev/full 2>&1')).out).toContain(
      'No space left on device',
    );
    for (const name of ['null', 'zero', 'full', 'random', 'urandom', 'tty']) {
      expect(await sh(`stat -c %a /dev/${name}`), name).toBe('666\n');
    }
  });

  it('give terminals to programs, of the size that they ask for', async ({ skip }) => {
    const missing = await lack('python3');
    if (missing !== null) skip(missing);
    const program = `
import fcntl, os, pty, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    while os.get_terminal_size(0).columns != 33: pass
    print(os.ttyname(0).startswith("/dev/pts/"), os.get_terminal_size(0))
    sys.exit(0)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 33, 0, 0))
text = b""
while b"\\n" not in text: text += os.read(terminal, 1000)
print(text.decode().strip(), os.waitpid(child, 0)[1])
`;
    expect(await python(program)).toBe('True os.terminal_size(columns=33, lines=12) 0\n');
  });

  it('share memory and semaphores between processes', async ({ skip }) => {
    const missing = await lack('python3');
    if (missing !== null) skip(missing);
    const program = `
from multiprocessing import Pool, Queue, Process, shared_memory
queue = Queue()
child = Process(target=queue.put, args=(41,))
child.start()
got = queue.get() + 1
child.join()
memory = shared_memory.SharedMemory(create=True, size=1 << 20)
memory.buf[-1] = 7
other = shared_memory.SharedMemory(memory.name)
with Pool(2) as pool: print(got, other.buf[-1], pool.map(abs, [-1, -2]))
other.close(); memory.close(); memory.unlink()
`;
    expect(await python(program)).toBe('42 7 [1, 2]\n');
    expect(await sh('stat -c %a /dev/shm')).toBe('1777\n');
  });

  it('are as small as a caller says', async () => {
    const command = 'stty size; ls -C / > /dev/null && echo ok';
    expect(await sh(command, { tty: { cols: 1, rows: 1 } })).toBe('1 1\r\nok\r\n');
  });
});
