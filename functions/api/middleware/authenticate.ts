import type { MiddlewareHandler } from 'hono';
import { Problem } from '#contract/errors.ts';
import { authenticate } from '#services/keys/authenticate.ts';
import { TICKET_PROTOCOL } from '#services/tickets/create.ts';
import { redeemTicket } from '#services/tickets/redeem.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import type { ApiDeps } from '../deps.ts';

/** No key is longer. */
const LONGEST_KEY = 256;

/** The caller, by the key in `X-API-Key` or `Authorization: Bearer`. A key in a URL is never accepted. */
export const authenticated =
  (api: ApiDeps): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    c.set('actor', await authenticate(api.deps, presentedKey(c) ?? missing()));
    await next();
  };

/** As authenticate, for a WebSocket: a browser sends a ticket as subprotocol there. */
export const authenticatedSocket =
  (api: ApiDeps): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const key = presentedKey(c);
    const ticket = key === null ? presentedTicket(c) : null;
    c.set(
      'actor',
      ticket === null
        ? await authenticate(api.deps, key ?? missing())
        : await redeemTicket(api.deps, ticket, c.req.param('id') ?? ''),
    );
    await next();
  };

const presentedKey = (c: ApiContext): string | null => {
  const header = c.req.header('x-api-key') ?? bearer(c.req.header('authorization'));
  if (header === undefined || header === '') return null;
  if (header.length > LONGEST_KEY)
    throw new Problem(
      'unauthenticated',
      `This is not an API key: none has more than ${LONGEST_KEY} characters. Send a key as X-API-Key or as Authorization: Bearer.`,
    );
  return header;
};

const bearer = (header: string | undefined): string | undefined => /^bearer +(\S+)$/i.exec(header ?? '')?.[1];

const presentedTicket = (c: ApiContext): string | null => {
  const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const protocol = offered.find((name) => name.startsWith(TICKET_PROTOCOL));
  if (protocol === undefined || protocol.length > LONGEST_KEY) return null;
  return protocol.slice(TICKET_PROTOCOL.length);
};

const missing = (): never => {
  throw new Problem('unauthenticated', 'Give an API key in X-API-Key or Authorization: Bearer.');
};
