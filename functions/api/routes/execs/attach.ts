import { OutputQuery } from '#contract/entities/exec.ts';
import { serveAttach } from '#platform/protocol/attach.ts';
import { openAttach } from '#services/execs/attach.ts';
import { rawRoute } from '../../route.ts';
import { acceptSocket, requireUpgrade } from '../../websocket/accept.ts';
import { SWITCHING_PROTOCOLS } from '../../websocket/docs.ts';
import { socketStream } from '../../websocket/stream.ts';

export const execsAttach = rawRoute({
  operation: 'execs.attach',
  summary: 'Attach to a command, both ways (WebSocket)',
  description: 'Binary messages that carry the frames of docs/protocol.md, from the offset `from` on.',
  query: OutputQuery,
  responses: SWITCHING_PROTOCOLS,
  handle: async ({ api, deps, call, params, query, c }) => {
    requireUpgrade(c);
    const { channel, exec } = await openAttach(deps, call, params);
    const stop = new AbortController();
    return acceptSocket(api, c, {
      kind: 'attach',
      access: { call, session_id: params.id, needs: 'editor' },
      closed: () => stop.abort(),
      opened: (socket) => {
        const stream = socketStream(socket);
        stream.on('error', (error) => api.log.debug({ kind: 'attach', error }, 'an attached stream broke'));
        serveAttach(stream, channel, exec.exec_id, query.from ?? 0, { signal: stop.signal }).catch((error: unknown) =>
          api.log.debug({ kind: 'attach', exec_id: exec.exec_id, error }, 'an attach ended early'),
        );
      },
    });
  },
});
