import type { WebSocket } from 'ws';
import { ShellRequest, type ShellMessage } from '#contract/entities/shell.ts';
import { Problem } from '#contract/errors.ts';
import type { Shell } from '#services/execs/shell.ts';
import type { ApiDeps } from '../deps.ts';
import { parseJson } from '../request/body.ts';
import { fieldMessage } from '../request/field-message.ts';
import { toProblem, validationProblem } from '../problem.ts';

/** Most commands that wait while another runs. */
const MOST_WAITING = 100;
/** Most typed bytes that wait for a terminal that does not read. Above this the peer is paused. */
const MOST_TYPED_BYTES = 1024 * 1024;
/** A client with more unread bytes is disconnected, to protect the server's memory. */
const MOST_UNSENT_BYTES = 32 * 1024 * 1024;
const CLOSE_TOO_SLOW = 4408;

/** The JSON protocol of `/shell`: turns messages into calls of a shell, and its output into messages. */
export interface ShellSession {
  /** Resolves when the socket has taken the output, so that the terminal is read no faster than the client reads. */
  output(data: Uint8Array): Promise<void>;
  message(raw: string): void;
}

export const shellSession = (api: ApiDeps, socket: WebSocket, shell: Shell): ShellSession => {
  const decoder = new TextDecoder();
  let waiting = 0;
  let typed = 0;

  const send = (message: ShellMessage): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) socket.close(CLOSE_TOO_SLOW, 'too slow a reader');
    else socket.send(JSON.stringify(message));
  };
  const fail = (error: unknown): void => {
    if (socket.readyState !== socket.OPEN) {
      api.log.debug({ operation: 'sessions.shell', error }, 'a request of a closed shell was dropped');
      return;
    }
    const problem = toProblem(error);
    if (problem.code === 'internal') api.log.error({ operation: 'sessions.shell', error }, 'a shell command failed');
    send({ type: 'error', detail: problem.message, code: problem.code });
  };
  const run = async (command: string): Promise<void> => {
    try {
      const { stdout, stderr, returncode, success } = await shell.command(command);
      send({ type: 'command_result', stdout, stderr, returncode, success });
    } catch (error) {
      fail(error);
    } finally {
      waiting--;
    }
  };
  const type = async (data: string): Promise<void> => {
    typed += data.length;
    if (typed > MOST_TYPED_BYTES) socket.pause();
    try {
      await shell.input(data);
    } catch (error) {
      fail(error);
    } finally {
      typed -= data.length;
      if (typed <= MOST_TYPED_BYTES) socket.resume();
    }
  };
  const resize = async ({ cols, rows }: Extract<ShellRequest, { type: 'resize' }>): Promise<void> => {
    try {
      await shell.resize(cols, rows);
    } catch (error) {
      fail(error);
    }
  };
  // The socket does not wait for this work, but a shutdown does, after it has closed the socket.
  const { background } = api.deps;
  const handle = (request: ShellRequest): void => {
    if (request.type === 'input') background.run('type into a terminal', () => type(request.data));
    else if (request.type === 'resize') background.run('resize a terminal', () => resize(request));
    else if (waiting >= MOST_WAITING)
      throw new Problem(
        'rate_limited',
        `At most ${MOST_WAITING} commands may wait on one socket. Wait for a result, then send the next.`,
      );
    else {
      waiting++;
      background.run('run a command of a shell', () => run(request.command));
    }
  };

  return {
    output: async (data) => {
      const text = decoder.decode(data, { stream: true });
      if (text === '' || socket.readyState !== socket.OPEN) return;
      const message: ShellMessage = { type: 'output', data: text };
      // A send fails only on a socket that is closing, and its close event is handled elsewhere.
      await new Promise<void>((resolve) => socket.send(JSON.stringify(message), () => resolve()));
    },
    message: (raw) => {
      try {
        handle(readShellRequest(raw));
      } catch (error) {
        fail(error);
      }
    },
  };
};

/** @throws Problem malformed, invalid */
const readShellRequest = (raw: string): ShellRequest => {
  let value: unknown;
  try {
    value = parseJson(raw);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('malformed', 'A message is one JSON object, such as {"type":"command","command":"ls"}.');
  }
  const parsed = ShellRequest.safeParse(value, { error: fieldMessage });
  if (!parsed.success) throw validationProblem(parsed.error, 'message');
  return parsed.data;
};
