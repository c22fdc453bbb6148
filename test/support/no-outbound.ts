import type { Outbound } from '#ports/outbound.ts';

/** Sends nothing anywhere. */
export const noOutbound: Outbound = {
  refusal: () => 'leads nowhere',
  post: async () => ({ status: null, error: 'no_connection' }),
};
