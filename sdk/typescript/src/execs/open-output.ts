import type { OutputOptions } from '../options.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';

/** Which command of which session. */
export interface ExecRef {
  readonly session_id: string;
  readonly exec_id: string;
}

/** The path of a command. */
export const execPath = ({ session_id, exec_id }: ExecRef): string => path`/v1/sessions/${session_id}/execs/${exec_id}`;

export interface OpenOutput {
  readonly response: Response;
  /** Ends the connection, which the caller's signal ends too. */
  readonly stop: AbortController;
}

/** One connection to a command's output from an offset on, tried once. @throws OnMemOSError */
export const openOutput = async (
  transport: Transport,
  ref: ExecRef,
  from: number | undefined,
  accept: 'text/event-stream' | 'text/plain',
  { hold, since, ...options }: OutputOptions,
): Promise<OpenOutput> => {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const request = {
    method: 'GET',
    path: `${execPath(ref)}/output`,
    query: { from, hold, since },
    headers: { Accept: accept },
  } as const;
  return { response: await transport.stream(request, { ...options, signal, maxRetries: 0 }), stop };
};
