import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { beginExec } from './begin.ts';
import { collect } from './collect.ts';
import { runningSession, whenRunning } from './running.ts';

/** The name under which a shell reads what its commands hold. */
const HOLDER = 'shell';
const COMMAND_TIMEOUT_MS = 3_000_000;
const TERMINAL = 'command -v bash >/dev/null 2>&1 && exec bash -i || exec sh -i';

export interface ShellEvents {
  /** The next output is read only after this resolves, so that a slow reader does not fill the server's memory. */
  onOutput(data: Uint8Array): Promise<void> | void;
  /** The terminal has ended by itself, or its session did. */
  onClosed(reason: string): void;
}

export interface Shell {
  command(text: string): Promise<{ stdout: string; stderr: string; returncode: number; success: boolean }>;
  input(data: string): Promise<void>;
  resize(cols: number, rows: number): Promise<void>;
  /** `saidSo`: the caller closed it, instead of a connection that broke. */
  close(saidSo: boolean): Promise<void>;
}

/** Without the caller's Idempotency-Key: each command of a shell is a separate exec. */
const own = (call: Call): Call => ({ ...call, idempotency: null });

/**
 * The shell of the v3 clients: commands that run one after another, each an exec of its own, and beside them a
 * terminal that starts with the first input and is hung up when the shell closes. A command that runs then is ended
 * where the caller says that it leaves, and goes on where a connection broke; what waits behind it is never started. A
 * session that is being created is waited for.
 */
export const openShell = async (
  deps: Deps,
  given: Call,
  input: { id: string; wait?: number | undefined },
  events: ShellEvents,
  signal?: AbortSignal,
): Promise<Shell> => {
  const call = own(given);
  await whenRunning(deps, { seconds: input.wait, signal }, () => runningSession(deps, call, input.id, 'editor'));
  const closing = new AbortController();
  let size = { cols: 80, rows: 24 };
  let queue: Promise<unknown> = Promise.resolve();
  let typed: Promise<unknown> = Promise.resolve();
  let stdinOffset = 0;
  let running: Awaited<ReturnType<typeof beginExec>> | null = null;
  let left = false;
  const endCommand = async ({ channel, doc }: Awaited<ReturnType<typeof beginExec>>): Promise<void> => {
    await channel.signal(doc.exec_id, 'PIPE').catch((error: unknown) => {
      deps.log.debug({ session_id: input.id, err: error }, 'the command of a closed shell had ended already');
    });
  };

  const openTerminal = async () => {
    const begun = await beginExec(deps, call, input.id, {
      command: TERMINAL,
      timeout_ms: null,
      tty: size,
      stdin: true,
      when_full: 'hold',
    });
    const output = async () => {
      for await (const event of begun.channel.read(begun.doc.exec_id, 0, { signal: closing.signal, hold: HOLDER })) {
        if (event.type === 'chunk') await events.onOutput(event.data);
        if (event.type === 'exit') events.onClosed('the terminal has ended');
      }
    };
    const follow = async () => {
      try {
        await output();
      } catch (error) {
        if (closing.signal.aborted) return;
        events.onClosed('the session can’t be reached');
        throw error;
      }
    };
    deps.background.run('send the output of a terminal', follow, { session_id: input.id });
    return begun;
  };
  let terminal: ReturnType<typeof openTerminal> | null = null;
  const inTerminal = () => {
    terminal ??= openTerminal();
    return terminal;
  };

  return {
    command: (text) => {
      const run = async () => {
        closing.signal.throwIfAborted();
        const begun = await beginExec(deps, call, input.id, {
          command: text,
          timeout_ms: COMMAND_TIMEOUT_MS,
          when_full: 'hold',
        });
        running = begun;
        // The shell closed while it was being started.
        if (left) await endCommand(begun);
        try {
          const { stdout, stderr, returncode, success } = await collect(deps, begun.session, begun.doc, begun.channel, {
            signal: closing.signal,
            hold: HOLDER,
          });
          return { stdout, stderr, returncode, success };
        } finally {
          running = null;
        }
      };
      const result = queue.then(run, run);
      queue = result.catch(() => {});
      return result;
    },
    input: (data) => {
      const write = async () => {
        closing.signal.throwIfAborted();
        const { channel, doc } = await inTerminal();
        stdinOffset = await channel.stdin(doc.exec_id, stdinOffset, new TextEncoder().encode(data), false);
      };
      const written = typed.then(write, write);
      typed = written.catch(() => {});
      return written;
    },
    resize: async (cols, rows) => {
      size = { cols, rows };
      if (!terminal) return;
      const { channel, doc } = await terminal;
      await channel.resize(doc.exec_id, cols, rows);
    },
    close: async (saidSo) => {
      left = saidSo;
      const command = running;
      closing.abort();
      if (saidSo && command !== null) await endCommand(command);
      if (!terminal) return;
      const { channel, doc } = await terminal;
      await channel.signal(doc.exec_id, 'HUP').catch((error: unknown) => {
        deps.log.debug({ session_id: input.id, err: error }, 'the terminal was gone already');
      });
    },
  };
};
