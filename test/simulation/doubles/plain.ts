import type { Logger } from '#ports/logger.ts';
import type { Secrets } from '#ports/secrets.ts';
import type { Process, Universe } from '../world/process.ts';

/** Does not encrypt; adds the context to the text, and opens the text only in the same context. */
export const simulatedSecrets: Secrets = {
  seal: async (plain, { tenant, session }) =>
    JSON.stringify([tenant, session, Buffer.from(plain).toString('base64url')]),
  open: async (sealed, { tenant, session }) => {
    const [whose, where, text] = JSON.parse(sealed) as [string, string, string];
    if (whose !== tenant || where !== session) throw new Error('sealed for another session');
    return Buffer.from(text, 'base64url');
  },
};

/** Writes warnings and errors into the trace. */
export const simulatedLogger = (universe: Universe, process: Process): Logger => {
  const say =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      universe.trace.add(universe.timeline.now, process.name, `${level}: ${message}`, fields['err']);
  const quiet = (): void => undefined;
  const logger: Logger = { debug: quiet, info: quiet, warn: say('warn'), error: say('error'), child: () => logger };
  return logger;
};
