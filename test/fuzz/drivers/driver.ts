import { createInterface } from 'node:readline';
import { OnMemOSClient, type Process } from '../../../sdk/typescript/src/index.ts';

/** Does the verbs that it is asked for on stdin, a line each, and says on stdout what came of them. */
interface Asked {
  readonly id: number;
  readonly verb: string;
  readonly mark: string;
  readonly session: string;
  readonly prepared: string;
  readonly command: string;
  readonly text: string;
}

const client = new OnMemOSClient({ user: 'fuzz' });
const say = (event: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};
const held = (kind: string, id: string): void => say({ event: 'held', kind, id });
const textOf = async (running: Process, signal: AbortSignal): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const { data } of running.output({ signal })) pieces.push(data);
  return Buffer.concat(pieces).toString();
};

type Verb = (asked: Asked, signal: AbortSignal) => Promise<string>;
const spec = (mark: string) => ({ user: 'fuzz', ttl_minutes: 5, labels: { mark } });
// A session object without a call of its own.
const sessions = new Map<string, Awaited<ReturnType<typeof client.sessions.get>>>();
const own = async ({ session }: Asked) => {
  const known = sessions.get(session) ?? (await client.sessions.get(session));
  sessions.set(session, known);
  return known;
};
const started = async (asked: Asked, signal: AbortSignal, options = {}): Promise<Process> => {
  const running = await (await own(asked)).start(asked.command, { signal, ...options });
  held('exec', running.exec_id);
  return running;
};
const streamed: Verb = async (asked, signal) => {
  const pieces: Uint8Array[] = [];
  const onStdout = (data: Uint8Array): void => void pieces.push(data);
  await (await own(asked)).run(asked.command, { signal, onStdout });
  return Buffer.concat(pieces).toString();
};
const ran: Verb = async (asked, signal) => (await (await own(asked)).run(asked.command, { signal })).stdout;

const VERBS: Readonly<Record<string, Verb>> = {
  'create-block': async ({ mark, command }, signal) => {
    await using session = await client.sessions.create(spec(mark), { signal });
    return (await session.run(command, { signal })).stdout;
  },
  create: async ({ mark }, signal) => {
    held('session', (await client.sessions.create(spec(mark), { signal })).id);
    return 'ok';
  },
  run: ran,
  'run-sleep': ran,
  'run-input': async (asked, signal) =>
    (await (await own(asked)).run(asked.command, { signal, input: asked.text })).stdout,
  stream: streamed,
  'stream-sleep': streamed,
  iterate: async (asked, signal) => textOf(await started(asked, signal, { hold: true }), signal),
  start: async (asked, signal) => {
    const running = await started(asked, signal);
    return `${await textOf(running, signal)}${await running.wait({ signal })}`;
  },
  stdin: async (asked, signal) => {
    const running = await started(asked, signal, { stdin: true, hold: true });
    const written = (async () => {
      for (let at = 0; at < asked.text.length; at += 9000)
        await running.write(asked.text.slice(at, at + 9000), { signal });
      await running.closeStdin({ signal });
    })();
    const [text] = await Promise.all([textOf(running, signal), written]);
    return text;
  },
  signal: async (asked, signal) => {
    const running = await started(asked, signal);
    await running.signal('TERM', { signal });
    return String(await running.wait({ signal }));
  },
  kill: async (asked, signal) => {
    const running = await started(asked, signal);
    await running.kill({ signal });
    return String(await running.wait({ signal }));
  },
  shell: async (asked, signal) => {
    await using shell = await (await own(asked)).shell({ signal });
    signal.addEventListener('abort', () => shell.close());
    return (await shell.command(asked.command)).stdout;
  },
  terminal: async (asked, signal) => {
    await using shell = await (await own(asked)).shell({ signal });
    signal.addEventListener('abort', () => shell.close());
    shell.write(`echo ${asked.mark}-$((40+2))\nexit\n`);
    let text = '';
    for await (const piece of shell) text += piece;
    // A shell that is closed here ends without an error.
    signal.throwIfAborted();
    return text.includes(`${asked.mark}-42`) ? `${asked.mark}-42` : text;
  },
  reads: async (asked, signal) => {
    const session = await own(asked);
    await session.refresh({ signal });
    await session.cost({ signal });
    await session.usage({ signal });
    await client.sessions.list({ user: 'fuzz' }, { signal }).all();
    await client.sessions.estimate(spec(asked.mark), { signal });
    return 'ok';
  },
  delete: async ({ prepared }, signal) => (await client.sessions.delete(prepared, { signal })).status,
  workspace: async ({ mark }, signal) => {
    const body = { user_id: 'fuzz', workspace_id: mark, name: mark, resource_package: 'dev_micro' as const };
    await client.workspaces.create(body, { signal });
    held('workspace', mark);
    await client.workspaces.get('fuzz', mark, { signal });
    await client.workspaces.delete('fuzz', mark, { signal });
    return 'ok';
  },
  key: async ({ mark }, signal) => {
    const { key_id } = await client.keys.create({ name: mark, user_id: 'fuzz' }, { signal });
    held('key', key_id);
    await client.keys.revoke(key_id, { signal });
    return 'ok';
  },
  follow: async (asked, signal) => textOf(await (await own(asked)).process(asked.prepared, { signal }), signal),
  execute: async ({ session, command }, signal) =>
    (await client.execs.execute(session, { command }, { signal })).stdout,
  extend: async (asked, signal) => {
    await (await own(asked)).extend(60, { signal });
    return 'ok';
  },
};

let controller = new AbortController();
const answer = async (asked: Asked): Promise<void> => {
  const { id } = asked;
  controller = new AbortController();
  try {
    say({ event: 'done', id, output: await VERBS[asked.verb]?.(asked, controller.signal) });
  } catch (error) {
    const { name, message } = error as Error;
    say({ event: controller.signal.aborted ? 'cancelled' : 'failed', id, error: `${name}: ${message}` });
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'cancel') controller.abort(new Error('enough'));
  else void answer(JSON.parse(line) as Asked);
}
