import { openShell } from '#services/execs/shell.ts';
import { rawRoute } from '../../route.ts';
import { acceptSocket, CLOSE_NORMAL, closeReason, requireUpgrade } from '../../websocket/accept.ts';
import { SWITCHING_PROTOCOLS } from '../../websocket/docs.ts';
import { type ShellSession, shellSession } from '../../websocket/shell.ts';

export const sessionsShell = rawRoute({
  operation: 'sessions.shell',
  summary: 'Open a shell (WebSocket)',
  description: 'Text messages, each one JSON object: `ShellRequest` to the server, `ShellMessage` from it.',
  responses: SWITCHING_PROTOCOLS,
  handle: async ({ api, deps, call, params, c }) => {
    requireUpgrade(c);
    const gone = Promise.withResolvers<string>();
    let session: ShellSession | null = null;
    const shell = await openShell(deps, call, params, {
      onOutput: (data) => session?.output(data),
      onClosed: (reason) => gone.resolve(reason),
    });
    return acceptSocket(api, c, {
      kind: 'shell',
      access: { call, session_id: params.id, needs: 'editor' },
      closed: () => {
        shell.close().catch((error: unknown) => api.log.warn({ error }, 'a shell did not close'));
      },
      opened: (socket) => {
        const opened = shellSession(api, socket, shell);
        session = opened;
        socket.on('message', (data) => opened.message(data.toString()));
        void gone.promise.then((reason) => socket.close(CLOSE_NORMAL, closeReason(reason)));
      },
    });
  },
});
