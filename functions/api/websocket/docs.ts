/** How the OpenAPI document describes a WebSocket’s success. */
export const SWITCHING_PROTOCOLS = {
  101: {
    description:
      'The connection is a WebSocket from here on. Browsers, which can’t send a key, offer the subprotocols `onmemos.v1` and `onmemos.ticket.<ticket>`.',
  },
} as const;
