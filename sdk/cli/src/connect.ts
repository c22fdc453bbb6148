import { OnMemOSClient } from 'onmemos';
import { usageError } from './errors.ts';
import { ownName } from './own-name.ts';
import { startEmbedded } from './target/embedded.ts';
import { resolveTarget, type Target, type TargetOptions } from './target/resolve.ts';
import { during } from './ui/progress.ts';

export interface Connection {
  readonly client: OnMemOSClient;
  readonly target: Target;
  /** Who sessions are made for; undefined leaves it to the key. */
  readonly user: string | undefined;
  /** The user of the call. @throws CliError usage if the key acts for any user and none was named */
  owner(named?: string): Promise<string>;
}

/** How long a command's output and input wait for a server that starts again. @throws CliError usage */
const reconnectSeconds = (): number => {
  const text = process.env['ONMEMOS_RECONNECT_SECONDS']?.trim() ?? '';
  if (text === '') return 60;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(
    `ONMEMOS_RECONNECT_SECONDS is a number of seconds, not ${text}.`,
    'Set it to 60, or unset it: 60 is usual.',
  );
};

/** Progress is shown for calls that take long. */
const shownFetch: typeof fetch = (...call) => during('Waiting for the server', fetch(...call));

/**
 * A client of the server that is meant; the local one is started where it is needed.
 * @param streams whether the terminal belongs to a command's output from now on, so that nothing of ours is drawn in it
 */
export const connect = async (options: TargetOptions, streams = false): Promise<Connection> => {
  const target = await resolveTarget(options, { start: startEmbedded });
  const client = new OnMemOSClient({
    baseUrl: target.url,
    ...(target.apiKey ? { apiKey: target.apiKey } : {}),
    reconnectSeconds: reconnectSeconds(),
    ...(streams ? {} : { fetch: shownFetch }),
  });
  const user = target.user ?? (target.local ? ownName() : undefined);
  const owner = async (named?: string): Promise<string> => {
    const known = named ?? user ?? (await client.info()).user_id;
    if (known) return known;
    throw usageError(
      'This key acts for any user, so name the user.',
      'Give a user, set ONMEMOS_USER, or `onmemos config set user NAME`.',
    );
  };
  return { client, target, user, owner };
};
