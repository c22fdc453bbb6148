import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Spawned } from '../../functions/keeper/sandbox/types.ts';
import { run, testCommand, until } from '../support/sandbox/host.ts';
import { ISOLATED, machine } from './support/machine.ts';

const tty = { cols: 80, rows: 24 };

/** A command on a terminal, and what it has printed. */
const onTerminal = async (starting: Promise<Spawned>) => {
  const spawned = await starting;
  const screen = { text: '' };
  spawned.stdout.on('data', (chunk: Buffer) => {
    screen.text += chunk.toString();
  });
  const shows = (wanted: string | RegExp) =>
    until(() => screen.text.search(wanted) >= 0, `the terminal shows ${wanted}`).catch((error: unknown) => {
      throw new Error(`${String(error)}; it shows ${screen.text.slice(-2000)}`);
    });
  return { spawned, screen, shows, type: (text: string | Buffer) => spawned.stdin?.write(text) };
};

describe.each(ISOLATED)('a terminal of a session at level %s', (isolation) => {
  const inside = machine(isolation);
  const other = machine(isolation);
  const start = (command: string, more = {}) =>
    onTerminal(inside.sandbox().spawn(testCommand(command, { tty, ...more })));

  it('has a name, which leads to it', async ({ skip }) => {
    const script = '[ -c "$(tty)" ] && tty && stat -c %a "$(tty)" && echo shown > "$(tty)" && echo again > /dev/tty';
    expect(await inside.sh(script, { tty })).toMatch(/^\/dev\/pts\/\d+\r\n620\r\nshown\r\nagain\r\n$/);
    const missing = await inside.lack('python3', 'script');
    if (missing !== null) skip(missing);
    const argv = ['python3', '-c', 'import os; print([os.ttyname(i) for i in range(3)], os.ctermid())'];
    expect(await inside.sh('', { argv, tty })).toMatch(/^\['(\/dev\/pts\/\d+)', '\1', '\1'\] \/dev\/tty\r\n$/);
    expect(await inside.sh(`script -qc 'tty; echo x' /dev/null`, { tty })).toMatch(/^\/dev\/pts\/\d+\r\nx\r\n$/);
  });

  it('is another one than that of each other command, and no other session has it', async () => {
    const first = await start('tty; read line; echo "got $line"');
    await first.shows(/pts\/\d+\r\n/);
    const second = await start('tty; ls /dev/pts | sort; read line');
    await second.shows(/ptmx\r\n/);
    const names = [first, second].map(({ screen }) => /\/dev\/pts\/(\d+)/.exec(screen.text)?.[1] ?? '');
    expect(names[0]).not.toBe(names[1]);
    const listed = second.screen.text.replaceAll('\r', '').split('\n').slice(1, -1);
    expect(listed).toEqual([...names, 'ptmx'].sort());
    expect((await run(other.sandbox(), 'ls /dev/pts')).out).toBe('ptmx\n');
    first.type('typed\n');
    await first.shows('got typed\r\n');
    second.type('\n');
    await Promise.all([first.spawned.exited, second.spawned.exited]);
    expect(await inside.sh('ls /dev/pts')).toBe('ptmx\n');
  });

  it('is shown again soon after a program has opened it anew, however fast is typed', async ({ skip }) => {
    const missing = await inside.lack('python3');
    if (missing !== null) skip(missing);
    const program = [
      'import os, signal, time',
      'signal.signal(signal.SIGHUP, signal.SIG_IGN)',
      'name = os.ttyname(0)',
      'print("ready", flush=True)',
      'for i in range(3): os.close(i)',
      'time.sleep(1)',
      'terminal = os.open(name, os.O_RDWR)',
      'os.write(terminal, b"opened anew\\n")',
      'time.sleep(600)',
    ].join('\n');
    const { spawned, shows, type } = await onTerminal(
      inside.sandbox().spawn(testCommand('', { argv: ['python3', '-c', program], tty })),
    );
    await shows('ready');
    // Faster than the pauses in which a closed terminal is looked at.
    const typing = setInterval(() => type('k'), 20);
    await shows('opened anew').finally(() => clearInterval(typing));
    await spawned.signal('KILL');
    await spawned.exited;
  });

  it('is one of at most 256', async ({ skip }) => {
    const missing = await inside.lack('python3');
    if (missing !== null) skip(missing);
    const open = [
      'import os, resource',
      'resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))',
      'many = 0',
      'try:',
      '  while many < 2000: os.open("/dev/ptmx", os.O_RDWR); many += 1',
      'except OSError as error: print(many, error.strerror)',
    ].join('\n');
    expect(await inside.sh('', { argv: ['python3', '-c', open] })).toBe('256 No space left on device\n');
  });

  it('asks for a password through /dev/tty, whatever its streams are', async ({ skip }) => {
    const missing = await inside.lack('python3');
    if (missing !== null) skip(missing);
    const ask = await start('python3 -c "import getpass; print(len(getpass.getpass()))" < /dev/null | cat');
    await ask.shows('Password: ');
    ask.type('secret\n');
    expect(await ask.spawned.exited).toEqual({ code: 0, signal: null });
    await ask.shows(/\n6\r\n/);
    expect(ask.screen.text).not.toContain('secret');
  });

  it('passes keys on as signals, sizes as they are set, and characters as a whole', async () => {
    const shell = await start(`trap 'echo "size $(stty size)"' WINCH; trap 'echo interrupted' INT
      echo ready; read -r line; while :; do sleep 0.05; [ "$line" = over ] && break; read -r line && echo "line $line"; done`);
    await shell.shows('ready');
    shell.spawned.resize(33, 12);
    await shell.shows('size 12 33');
    // Only now: the key interrupts whatever runs, so that `stty` would say nothing.
    shell.type('\x03');
    await shell.shows('interrupted');
    // Erased by one key: a character of three bytes.
    shell.type('a€\x7fb\n');
    shell.type('a€\x7fb\n');
    await shell.shows('line ab\r\n');
    shell.type('over\n');
    expect(await shell.spawned.exited).toEqual({ code: 0, signal: null });
  });

  it('loses nothing of what is typed or printed, however much', async ({ skip }) => {
    const missing = await inside.lack('python3');
    if (missing !== null) skip(missing);
    const size = 3_000_000;
    const program = `
import hashlib, os, sys, tty
tty.setraw(0)
print("ready", end="", flush=True)
sum, left = hashlib.sha256(), ${size}
while left: data = os.read(0, 65536); sum.update(data); left -= len(data)
sys.stdout.write("x" * ${size} + sum.hexdigest()); sys.stdout.flush()`;
    const { spawned, screen, shows, type } = await start('', { argv: ['python3', '-c', program] });
    await shows('ready');
    const typed = Buffer.alloc(size, 'pasted text, in many lines\n');
    type(typed);
    expect(await spawned.exited).toEqual({ code: 0, signal: null });
    await new Promise((resolve) => spawned.stdout.once('close', resolve));
    expect(screen.text.length).toBe('ready'.length + size + 64);
    expect(screen.text.slice(-64)).toBe(createHash('sha256').update(typed).digest('hex'));
  });

  it('ends with the command, whatever that left behind, and not before', async () => {
    const left = await start('sleep 1000 & echo left');
    expect(await left.spawned.exited).toEqual({ code: 0, signal: null });
    await new Promise((resolve) => left.spawned.stdout.once('close', resolve));
    expect(left.screen.text).toBe('left\r\n');
    expect(await inside.sh('exec < /dev/null > /dev/null 2>&1; sleep 0.5; echo back > /dev/tty; exit 0', { tty })).toBe(
      'back\r\n',
    );
    expect((await run(inside.sandbox(), 'kill -9 $$', { tty })).signal).toBe('SIGKILL');
    await inside.sh('pkill sleep; :');
  });

  it('runs a shell with jobs, and programs that take the whole screen', async ({ skip }) => {
    const missing = await inside.lack('bash', 'tmux');
    if (missing !== null) skip(missing);
    const shell = await start('', { argv: ['bash', '--norc', '-i'] });
    shell.type('sleep 100\n');
    await until(async () => (await inside.sh('pgrep -f "^sleep 100$" || :')) !== '', 'it sleeps');
    shell.type('\x1a');
    await shell.shows(/Stopped/);
    shell.type('kill %1; tmux -f /dev/null new "tty; echo in tmux; read line"\n');
    await shell.shows(/in tmux/);
    shell.type('\n');
    await shell.shows(/\[exited\]/);
    shell.type('exit 5\n');
    expect(await shell.spawned.exited).toEqual({ code: 5, signal: null });
  });
});
