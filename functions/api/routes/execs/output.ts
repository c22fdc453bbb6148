import { z } from 'zod';
import { OutputQuery } from '#contract/entities/exec.ts';
import { invalidField } from '#contract/errors.ts';
import { getExec } from '#services/execs/get.ts';
import { openOutput } from '#services/execs/output.ts';
import type { ApiContext } from '../../context.ts';
import { rawRoute } from '../../route.ts';
import { outputBody } from '../../streams/output-body.ts';
import { firstOffset, rawEncoder } from '../../streams/raw-log.ts';
import { SSE_BEAT, sseEncoder } from '../../streams/sse.ts';

const Headers = z.object({
  'Last-Event-ID': z.string().optional().meta({ description: 'The id of the last event seen: wins over `from`.' }),
});

const EVENTS = `Server-Sent Events \`chunk\` {seq, stream, data, encoding}, \`gap\` {from, to} and at the end \`exit\` with the exec.
An event’s id is the offset from which to go on.`;

export const execsOutput = rawRoute({
  operation: 'execs.output',
  summary: 'Read a command’s output, from any offset on, as it comes',
  description: `${EVENTS} The raw log begins at the offset in the header OnMemOS-Offset.`,
  query: OutputQuery,
  headers: Headers,
  responses: {
    200: {
      description: 'Success',
      content: { 'text/event-stream': { schema: z.string() }, 'text/plain': { schema: z.string() } },
    },
    204: { description: 'The last event was seen: there is nothing more.' },
  },
  handle: async ({ api, deps, call, params, query, c }) => {
    const resume = lastEventId(c);
    if (resume === 'ended' || c.req.method === 'HEAD') {
      await getExec(deps, call, params);
      return c.body(null, 204);
    }
    const stop = new AbortController();
    const opened = await openOutput(deps, call, { ...params, from: resume ?? query.from }, stop.signal);
    const source = { access: { call, session_id: params.id, needs: 'viewer' }, stop } as const;
    if (wantsRawLog(c)) {
      const { start, events } = await firstOffset(opened);
      const body = outputBody(api, c, { ...source, kind: 'text', events, encode: rawEncoder(start) });
      return c.body(body, 200, { 'content-type': 'text/plain; charset=utf-8', 'OnMemOS-Offset': String(start) });
    }
    const { events, exec } = opened;
    const body = outputBody(api, c, { ...source, kind: 'sse', events, encode: sseEncoder(exec), beat: SSE_BEAT });
    return c.body(body, 200, { 'content-type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  },
});

/** Where a reader that comes back goes on; `ended` where it has seen the end. @throws Problem invalid */
const lastEventId = (c: ApiContext): number | 'ended' | undefined => {
  const id = c.req.header('last-event-id');
  if (id === undefined || id === '') return undefined;
  if (/^\d{1,15}\.exit$/.test(id)) return 'ended';
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw invalidField('Last-Event-ID', 'is the id of an event of this stream');
};

const wantsRawLog = (c: ApiContext): boolean => {
  const accept = c.req.header('accept') ?? '';
  return accept.includes('text/plain') && !accept.includes('text/event-stream');
};
