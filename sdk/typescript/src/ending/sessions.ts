import { NotFound } from '../errors.ts';
import { path } from '../transport/path.ts';
import type { Transport } from '../transport/transport.ts';
import type { SessionRecord } from '../types.ts';

/** Seconds that an end is waited for where the program, or its caller, does not wait for long. */
const BRIEF_WAIT_S = 3;

/** Ends a session that its program gave up. */
export const endSession = async (transport: Transport, id: string): Promise<void> => {
  const request = { method: 'DELETE', path: path`/v1/sessions/${id}`, query: { wait: BRIEF_WAIT_S } } as const;
  try {
    await transport.json<SessionRecord>({ ...request, holdSeconds: BRIEF_WAIT_S });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
};
