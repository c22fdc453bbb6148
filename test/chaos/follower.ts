import { answered, Over } from './call.ts';
import type { Random } from './random.ts';
import { ended, inSession, nextName } from './sessions.ts';
import type { TrackedSession } from './tracked-session.ts';
import { count, pause, violation, type World } from './world.ts';

const AGAIN_MS = 40;
const BURST = 40;

/** Writes whole numbers from 1, one a line, in bursts. */
const counter = (bursts: number): string =>
  `i=0; b=0; while [ $b -lt ${bursts} ]; do b=$((b+1)); n=0; while [ $n -lt ${BURST} ]; do n=$((n+1)); i=$((i+1)); echo $i; done; sleep 0.1; done`;

const expectedText = (bursts: number): string => {
  let text = '';
  for (let i = 1; i <= bursts * BURST; i++) text += `${i}\n`;
  return text;
};

interface Followed {
  text: string;
  exited: boolean;
  /** The stream was refused: the session or the command is gone. */
  gone: boolean;
}

/** One connection to the output, from where the last one ended. */
const followOnce = async (world: World, path: string, followed: Followed): Promise<void> => {
  const { address } = world;
  if (!address) return;
  const stop = new AbortController();
  try {
    const response = await fetch(`${address.url}${path}/output?from=${followed.text.length}`, {
      headers: { 'X-API-Key': address.key, Accept: 'text/event-stream' },
      signal: stop.signal,
    });
    if (response.status === 409 || response.status === 404) followed.gone = true;
    if (response.status === 422) {
      violation(world, `output read up to ${followed.text.length} of ${path} is now said to end before`);
      followed.gone = true;
    }
    if (response.status !== 200 || !response.body) return;
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of response.body) {
      rest += decoder.decode(bytes, { stream: true });
      for (let cut = rest.indexOf('\n\n'); cut >= 0; cut = rest.indexOf('\n\n')) {
        take(world, path, followed, rest.slice(0, cut));
        rest = rest.slice(cut + 2);
      }
      if (world.over) return;
    }
  } catch {
    // The server was killed: the next connection goes on from the last offset.
  } finally {
    stop.abort();
  }
};

const take = (world: World, path: string, followed: Followed, block: string): void => {
  const field = (name: string): string | undefined =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const event = field('event');
  if (event === undefined) return;
  const data = JSON.parse(field('data') ?? 'null') as Record<string, unknown>;
  if (event === 'gap') violation(world, `the output of ${path} has a gap at ${data['from']}`);
  if (event === 'chunk') {
    if (data['seq'] !== followed.text.length) {
      violation(world, `the output of ${path} goes on at ${data['seq']} after ${followed.text.length}`);
    }
    followed.text += String(data['data']);
    count(world, 'bytes of output followed', String(data['data']).length);
  }
  if (event === 'exit') {
    followed.exited = true;
    if (data['status'] !== 'exited' || data['exit_code'] !== 0) {
      if (data['status'] === 'running') violation(world, `${path} ends its stream and runs`);
      followed.gone = true;
    }
  }
};

/** A command that counts for some seconds, followed across every kill: its output must be whole. */
export const followCounter = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  const bursts = random.whole(10, 80);
  const started = await inSession(world, session, {
    method: 'POST',
    path: '/execs',
    body: { command: counter(bursts) },
    idempotencyKey: nextName('count'),
  });
  if (!started) return;
  const path = `/v1/sessions/${session.id}/execs/${started.body['exec_id']}`;
  const followed: Followed = { text: '', exited: false, gone: false };
  let connections = 0;
  while (!followed.exited && !followed.gone) {
    if (world.over) throw new Over(path);
    if (world.address) connections += 1;
    await followOnce(world, path, followed);
    await pause(AGAIN_MS);
  }
  count(world, 'output streams resumed', Math.max(0, connections - 1));
  const expected = expectedText(bursts);
  if (!expected.startsWith(followed.text)) violation(world, `the output of ${path} is not the sequence that it writes`);
  if (followed.gone) {
    await checkLost(world, session, path);
    return;
  }
  if (followed.text !== expected)
    violation(world, `the output of ${path} ends at ${followed.text.length} of ${expected.length}`);
  await checkWhole(world, session, path, expected);
  count(world, 'commands followed to their end');
};

/** The whole log, read at once from its first byte. */
const checkWhole = async (world: World, session: TrackedSession, path: string, expected: string): Promise<void> => {
  const { address } = world;
  if (!address) return;
  const text = await fetch(`${address.url}${path}/output?from=0`, {
    headers: { 'X-API-Key': address.key, Accept: 'text/plain' },
    signal: AbortSignal.timeout(20_000),
  }).then(
    async (response) => (response.status === 200 ? await response.text() : null),
    () => null,
  );
  if (text !== null && text !== expected)
    violation(world, `the log of ${path} in ${session.id} is not what was followed`);
  if (text !== null) count(world, 'logs read whole');
};

/** Its session is gone, which only a killed keeper may do: it must say that it is lost, or how it ended before. */
const checkLost = async (world: World, session: TrackedSession, path: string): Promise<void> => {
  if (!session.keeperMayHaveDied) {
    violation(world, `${path} is gone though no keeper was killed`);
    return;
  }
  await ended(world, session);
  const { status, body } = await answered(world, { method: 'GET', path });
  const before = body['status'] === 'exited' && body['exit_code'] === 0;
  if (status !== 200 || (body['status'] !== 'lost' && !before)) {
    violation(world, `${path} of a killed keeper is ${status} ${String(body['status'])}`);
  }
  count(world, 'commands lost with their keeper');
};
