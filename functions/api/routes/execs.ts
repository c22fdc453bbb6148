import { z } from 'zod';
import {
  AttachQuery,
  Exec,
  ExecStart,
  Execute,
  ExecuteResult,
  Job,
  OutputQuery,
  Signal,
  Stdin,
  StdinResult,
} from '#contract/entities/exec.ts';
import { execute } from '#services/execs/execute.ts';
import { jsonRoute, listRoute, rawRoute, type Route } from '../route.ts';
import { jobStatus } from '#services/execs/job.ts';
import { startExec } from '#services/execs/start.ts';
import { PageQuery, WaitQuery } from '#contract/entities/common.ts';
import { listExecs } from '#services/execs/list.ts';
import { getExec } from '#services/execs/get.ts';
import { killExec } from '#services/execs/kill.ts';
import { invalidField } from '#contract/errors.ts';
import { openOutput } from '#services/execs/output.ts';
import type { ApiContext } from '../context.ts';
import { outputBody } from '../streams/output-body.ts';
import { firstOffset, rawEncoder } from '../streams/raw-log.ts';
import { SSE_BEAT, sseEncoder } from '../streams/sse.ts';
import { writeStdin } from '#services/execs/stdin.ts';
import { signalExec } from '#services/execs/signal.ts';
import { serveAttach } from '#platform/protocol/attach.ts';
import { openAttach } from '#services/execs/attach.ts';
import { acceptSocket, requireUpgrade } from '../websocket/accept.ts';
import { SWITCHING_PROTOCOLS } from '../websocket/docs.ts';
import { socketStream } from '../websocket/stream.ts';

const execsExecute = jsonRoute({
  operation: 'execs.execute',
  summary: 'Run a command and return its result',
  description:
    'Waits for the end of the command. With `async_execution` it returns a job at once. If the session is being created, first waits for it, up to `timeout` seconds (for a job: 20); then the timeout of the command begins.',
  body: Execute,
  largeBody: true,
  response: z.union([ExecuteResult, Job]),
  handle: ({ deps, call, params, body, signal }) => execute(deps, call, { ...params, ...body }, signal),
});

const jobsStatus = jsonRoute({
  operation: 'jobs.status',
  summary: 'Read the state of an asynchronous command',
  response: Job,
  handle: ({ deps, call, params }) => jobStatus(deps, call, params),
});

const execsStart = jsonRoute({
  operation: 'execs.start',
  summary: 'Start a command',
  description:
    'Returns when the command has started. If the session is being created, waits for it, up to `wait` seconds (default: 20).',
  query: WaitQuery,
  body: ExecStart,
  largeBody: true,
  response: Exec,
  handle: ({ deps, call, params, query, body, signal }) =>
    startExec(deps, call, { ...params, ...query, ...body }, signal),
});

const execsList = listRoute({
  operation: 'execs.list',
  summary: 'List a session’s commands',
  query: PageQuery,
  item: Exec,
  handle: ({ deps, call, params, query }) => listExecs(deps, call, { ...params, ...query }),
});

const execsGet = jsonRoute({
  operation: 'execs.get',
  summary: 'Read a command’s state',
  response: Exec,
  handle: ({ deps, call, params }) => getExec(deps, call, params),
});

const execsKill = jsonRoute({
  operation: 'execs.kill',
  summary: 'Kill a command',
  description:
    'Kills the command and all that it started. Of a command that has ended already, all that it left running is killed.',
  response: Exec,
  handle: ({ deps, call, params }) => killExec(deps, call, params),
});

const Headers = z.object({
  'Last-Event-ID': z
    .string()
    .optional()
    .meta({ description: 'Id of the last event that was received. Overrides `from`.' }),
});

const EVENTS = `Server-Sent Events \`chunk\` {seq, stream, data, encoding, time}, \`gap\` {from, to} and, at the end, \`exit\` with the exec.
The id of an event is the offset to continue from.`;

const execsOutput = rawRoute({
  operation: 'execs.output',
  summary: 'Read a command’s output from any offset, while it runs',
  description: `${EVENTS} With \`Accept: text/plain\` the answer is the raw log; the header OnMemOS-Offset has the offset of its first byte.`,
  query: OutputQuery,
  headers: Headers,
  responses: {
    200: {
      description: 'Success',
      content: { 'text/event-stream': { schema: z.string() }, 'text/plain': { schema: z.string() } },
    },
    204: { description: 'All events were received before; there are no more.' },
  },
  handle: async ({ api, deps, call, params, query, c }) => {
    const resume = lastEventId(c);
    if (resume === 'ended' || c.req.method === 'HEAD') {
      await getExec(deps, call, params);
      return c.body(null, 204);
    }
    const stop = new AbortController();
    const opened = await openOutput(deps, call, { ...params, ...query, from: resume ?? query.from }, stop.signal);
    const source = { access: { call, session_id: params.id, needs: 'viewer' }, stop } as const;
    if (wantsRawLog(c)) {
      const { start, events } = await firstOffset(opened);
      const body = outputBody(api, c, { ...source, kind: 'text', events, encode: rawEncoder(start) });
      return c.body(body, 200, { 'content-type': 'text/plain; charset=utf-8', 'OnMemOS-Offset': String(start) });
    }
    const { events, describe } = opened;
    const body = outputBody(api, c, { ...source, kind: 'sse', events, encode: sseEncoder(describe), beat: SSE_BEAT });
    return c.body(body, 200, { 'content-type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  },
});

/** The offset from which a reader continues; `ended` if it has received the end. @throws Problem invalid */
const lastEventId = (c: ApiContext): number | 'ended' | undefined => {
  const id = c.req.header('last-event-id');
  if (id === undefined || id === '') return undefined;
  if (/^\d{1,15}\.exit$/.test(id)) return 'ended';
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw invalidField('Last-Event-ID', 'must be the id of an event of this stream, such as 42');
};

const wantsRawLog = (c: ApiContext): boolean => {
  const accept = c.req.header('accept') ?? '';
  return accept.includes('text/plain') && !accept.includes('text/event-stream');
};

const execsStdin = jsonRoute({
  operation: 'execs.stdin',
  summary: 'Write to a command’s stdin',
  description: 'Each byte has an offset and is accepted once, even if it is sent again.',
  body: Stdin,
  largeBody: true,
  response: StdinResult,
  handle: ({ deps, call, params, body }) => writeStdin(deps, call, { ...params, ...body }),
});

const execsSignal = jsonRoute({
  operation: 'execs.signal',
  summary: 'Send a signal to a command',
  description:
    'TERM, KILL and PIPE reach all that the command started, and TERM and KILL also what a command that has ended left running. The others reach its process group.',
  body: Signal,
  response: Exec,
  handle: ({ deps, call, params, body }) => signalExec(deps, call, { ...params, ...body }),
});

const execsAttach = rawRoute({
  operation: 'execs.attach',
  summary: 'Attach to a command: read its output and write its input (WebSocket)',
  description: 'Binary messages with the frames of docs/protocol.md. The output begins at the offset `from`.',
  query: AttachQuery,
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
        const serve = async (): Promise<void> => {
          try {
            await serveAttach(stream, channel, exec.exec_id, query.from ?? 0, {
              signal: stop.signal,
              hold: query.hold,
            });
          } catch (error) {
            api.log.debug({ kind: 'attach', exec_id: exec.exec_id, error }, 'an attach ended early');
          }
        };
        deps.background.run('serve an attached stream', serve);
      },
    });
  },
});

export const execsRoutes: readonly Route[] = [
  execsExecute,
  jobsStatus,
  execsStart,
  execsList,
  execsGet,
  execsKill,
  execsOutput,
  execsStdin,
  execsSignal,
  execsAttach,
];
