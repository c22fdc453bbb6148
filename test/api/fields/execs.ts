import type { Client } from '../support/client.ts';
import { parseSse, type SseEvent, bytesOf } from '../support/sse.ts';
import { outcomeOf, type Outcome, requestOf, type Table } from './walk.ts';

/** Prints all that an option can change. */
const LINE = `head -c "\${BIG:-0}" /dev/zero | tr '\\0' a; test -t 1 && tty=yes
echo "cwd=$PWD;walk=$WALK;bash=\${BASH_VERSION:+yes};tty=$tty"
echo err >&2; read line && echo "in=$line"; sleep "\${NAP:-0}"`;

/** What the keeper was told of each command, by its id. */
export type Told = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

let ids = 0;

const printed = ({ after }: Outcome): string => String(after['text']);
const isDrop = ({ after }: Outcome): boolean => (after['events'] as readonly SseEvent[]).some((e) => e.event === 'gap');
const told = ({ after }: Outcome): Readonly<Record<string, unknown>> =>
  (after['told'] ?? {}) as Record<string, unknown>;

/** Starts a command, types a line into it where that is possible, and reads all of its output. */
export const startTable = (call: Client, session: string, toldOf: Told): Table => ({
  operation: 'execs.start',
  pairs: true,
  base: () => ({ command: LINE }),
  send: async (given) => {
    const { body, query, headers } = requestOf(given);
    const path = `/v1/sessions/${session}/execs`;
    const started = await call(`${path}${query}`, { method: 'POST', body, headers });
    if (started.status !== 200) return outcomeOf(started);
    const { exec_id } = started.json as { exec_id: string };
    const stdin = await call(`${path}/${exec_id}/stdin`, { body: { offset: 0, data: 'typed\n', eof: true } });
    // A command that holds waits for its reader; of any other, what it dropped is seen when it has ended.
    const holds = body['when_full'] === 'hold';
    while (!holds && ((await call(`${path}/${exec_id}`)).json as { status: string }).status === 'running')
      await new Promise((resolve) => setTimeout(resolve, 10));
    const output = await call(`${path}/${exec_id}/output?from=0${holds ? '&hold=walk' : ''}`);
    const events = parseSse(output.text);
    const { json: ended } = await call(`${path}/${exec_id}`);
    const text = bytesOf(events).toString();
    return outcomeOf(started, { text, events, ended, stdin: stdin.status, told: toldOf.get(exec_id) });
  },
  fields: {
    command: { value: `${LINE} #`, seen: ({ json }) => String(json.command).endsWith('#') },
    argv: {
      value: ['sh', '-c', LINE],
      beside: { command: undefined },
      seen: ({ json }) => Array.isArray(json.argv),
    },
    shell: [
      { value: 'bash', seen: (o) => printed(o).includes('bash=yes') },
      {
        value: 'bash',
        beside: { command: undefined, argv: ['true'] },
        refused: /shell: is for command: argv runs without a shell/,
      },
    ],
    cwd: { value: '/usr', seen: (o) => printed(o).includes('cwd=/usr;') },
    env: { value: { WALK: '1' }, seen: (o) => printed(o).includes('walk=1;') },
    timeout: {
      // Long enough for the command to print before.
      value: 1,
      beside: { 'env.NAP': '5' },
      seen: ({ after }) => (after['ended'] as { status?: string } | undefined)?.status === 'timed_out',
    },
    tty: [
      { value: true, seen: (o) => printed(o).includes('tty=yes') },
      { value: { cols: 100, rows: 30 }, seen: (o) => (told(o)['tty'] as { cols?: number } | null)?.cols === 100 },
    ],
    merge: {
      value: true,
      seen: ({ after }) =>
        (after['events'] as readonly SseEvent[] | undefined)?.every(
          ({ event, data }) => event !== 'chunk' || data.stream === 'stdout',
        ) === true,
    },
    stdin: { value: true, seen: (o) => o.after['stdin'] === 200 && printed(o).includes('in=typed') },
    log_limit_mb: {
      value: 1,
      beside: { 'env.BIG': '3000000' },
      seen: (o) => told(o)['log_limit_mb'] === 1 && (told(o)['when_full'] === 'hold' || isDrop(o)),
    },
    // What it does is shown by functions/keeper/exec/hold.test.ts; here, that the keeper is told.
    when_full: { value: 'hold', seen: (o) => told(o)['when_full'] === 'hold' },
    exec_id: { value: 'walk', seen: ({ json }, sent) => json.exec_id === sent['exec_id'] },
    // This session runs; test/api/being-created.test.ts shows what is waited for.
    'query.wait': { value: 301, refused: /wait/ },
  },
});

/** A new id for each command: under the same id nothing is started again. */
export const withNewId = (table: Table): Table => ({
  ...table,
  send: (given) => {
    if (given['exec_id'] === undefined) return table.send(given);
    const fresh: Record<string, unknown> = given;
    fresh['exec_id'] = `walk-${++ids}`;
    return table.send(fresh);
  },
});

/** Runs a command; an asynchronous one is asked for its end. */
export const executeTable = (call: Client, session: string): Table => ({
  operation: 'execs.execute',
  pairs: true,
  base: () => ({ command: LINE }),
  send: async (given) => {
    const { body, query, headers } = requestOf(given);
    const ran = await call(`/v1/sessions/${session}/execute${query}`, { method: 'POST', body, headers });
    let result = ran.json as Record<string, unknown>;
    const { job_id } = result;
    while (typeof job_id === 'string' && result['status'] === 'running')
      result = (await call(`/v1/sessions/${session}/jobs/${job_id}/status`)).json as Record<string, unknown>;
    return outcomeOf(ran, { result, text: String(result['stdout']) });
  },
  fields: {
    shell: { value: 'bash', seen: (o) => printed(o).includes('bash=yes') },
    timeout: {
      value: 1,
      beside: { 'env.NAP': '3' },
      seen: ({ after }) => (after['result'] as { timed_out?: boolean } | undefined)?.timed_out === true,
    },
    async_execution: { value: true, seen: ({ json }) => typeof json.job_id === 'string' },
    env: { value: { WALK: '1' }, seen: (o) => printed(o).includes('walk=1;') },
    cwd: { value: '/usr', seen: (o) => printed(o).includes('cwd=/usr;') },
    exec_id: {
      value: 'walk',
      seen: ({ json }, sent) => (json.exec_id ?? json.job_id) === sent['exec_id'],
    },
  },
});
