import { Readable, Writable } from 'node:stream';

/** A command on a terminal of its own. */
export interface Terminal {
  readonly pid: number;
  readonly output: Readable;
  readonly input: Writable;
  resize(cols: number, rows: number): void;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: number }>;
}

export interface TerminalOptions {
  readonly cols: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The library is loaded at the first terminal: most sessions never ask for one. */
export async function openTerminal(file: string, args: readonly string[], options: TerminalOptions): Promise<Terminal> {
  const { spawn } = await import('@lydell/node-pty');
  const pty = spawn(file, [...args], {
    name: 'xterm-256color',
    cols: options.cols,
    rows: options.rows,
    cwd: options.cwd,
    env: { ...options.env },
    encoding: null,
  });
  let open = true;
  const output = new Readable({ read: () => open && pty.resume() });
  // Without an encoding the library hands on the bytes as they came, whatever its type says.
  pty.onData((data: string | Buffer) => {
    if (!output.push(typeof data === 'string' ? Buffer.from(data) : data)) pty.pause();
  });
  const input = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (open) (pty as unknown as { write(data: Buffer): void }).write(chunk);
      done();
    },
  });
  const exited = new Promise<{ code: number | null; signal: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      open = false;
      output.push(null);
      resolve({ code: signal ? null : exitCode, signal: signal ?? 0 });
    });
  });
  return {
    pid: pty.pid,
    output,
    input,
    resize: (cols, rows) => {
      if (open) pty.resize(cols, rows);
    },
    exited,
  };
}
