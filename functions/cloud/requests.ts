import type { Context } from 'hono';
import { admit } from '#platform/admission.ts';
import type { Background } from '#ports/background.ts';
import type { CallerRole, Callers } from '#ports/callers.ts';
import type { Logger } from '#ports/logger.ts';

/** Work after an answer that a request may leave. */
const DRAIN_MS = 10_000;

/** The answer to a caller who may not call in this role, without a body; null for one who may. */
export const refusalOf = async (
  c: Context,
  role: CallerRole,
  { callers, log }: { readonly callers: Callers; readonly log: Logger },
): Promise<Response | null> => {
  const admission = await admit(callers, role, c.req.header('authorization') ?? null);
  if (admission.status === 200) return null;
  log.warn({ path: c.req.path, ...admission }, 'a caller was refused');
  return c.body(null, admission.status);
};

/** Waits for work that was left for after the answer: a process that serves only requests gets no time for it later. */
export const finishWork = async (background: Background, log: Logger): Promise<void> => {
  const running = await background.drain(DRAIN_MS);
  if (running.length > 0) log.warn({ running }, 'work of a request goes on after its answer, and may be cut off');
};
