import { answered, Over } from './call.ts';
import { appendLines, feedStdin, runJob, startInto } from './commands.ts';
import { followCounter } from './follower.ts';
import type { Random } from './random.ts';
import { holdLimit, outliveTtl, useUpBudget } from './limits.ts';
import { changeBudget, makeKey, makeWorkspace } from './records.ts';
import { change, create, end, inSession, nextName, running } from './sessions.ts';
import { count, pause, violation, type World } from './world.ts';

export const USERS = ['alice', 'bob', 'buyer'] as const;
export const VOLUME_OWNER = 'vera';
export const VOLUME_WORKSPACE = 'kept';

/** One session's whole life, with some of everything in it. */
const sessionLife = async (world: World, random: Random): Promise<void> => {
  const storage = random.chance(0.3)
    ? { request_bucket: true, bucket_size_gb: 1, storage_config: { bucket: `b-${random.whole(1, 3)}` } }
    : {};
  const image = world.python && random.chance(0.1) ? { image_spec: { image_type: 'python' } } : {};
  const body = { user: random.pick(USERS), env: { COLOUR: 'red' }, ...storage, ...image };
  const session = await create(world, random, body);
  if (!session) return;
  // Some are ended before anybody has seen them run.
  if (random.chance(0.1)) return end(world, random, session);
  if (!(await running(world, session))) return;
  for (let acts = random.whole(1, 4); acts > 0 && !world.closing; acts--) {
    await random.pick([appendLines, appendLines, runJob, feedStdin, change])(world, random, session);
  }
  if (random.chance(0.4)) return startInto(world, random, session, () => end(world, random, session));
  await end(world, random, session);
};

/** A session with a command that counts; its output is followed. */
const countingLife = async (world: World, random: Random): Promise<void> => {
  const session = await create(world, random, { user: random.pick(USERS) });
  if (!session || !(await running(world, session))) return;
  await followCounter(world, random, session);
  await end(world, random, session);
};

/** What lies in a volume: lines that were acknowledged, and those of which nobody knows. */
interface Kept {
  lines: string[];
  readonly unsure: Set<string>;
}

/** Sessions one after another on one volume, each adding a line: what was acknowledged is there for the next. */
const volumeLife = async (world: World, random: Random, kept: Kept): Promise<void> => {
  const session = await create(world, random, {
    user: VOLUME_OWNER,
    workspace_id: VOLUME_WORKSPACE,
    request_persistent_storage: true,
    persistent_storage_size_gb: 1,
    storage_config: { volume: 'data' },
  });
  if (!session) return;
  if (await running(world, session)) {
    const line = nextName('kept');
    kept.unsure.add(line);
    const add = await inSession(world, session, {
      method: 'POST',
      path: '/execute',
      body: { command: `echo ${line} >> kept && sync kept` },
      idempotencyKey: line,
    });
    const read = await inSession(world, session, {
      method: 'POST',
      path: '/execute',
      body: { command: 'cat kept' },
      idempotencyKey: nextName('read'),
    });
    if (add) {
      kept.unsure.delete(line);
      kept.lines.push(line);
    }
    if (read) {
      const there = String(read.body['stdout'])
        .split('\n')
        .filter((found) => found !== '' && !kept.unsure.has(found));
      if (there.join() !== kept.lines.join()) {
        violation(world, `the volume has ${there.slice(-5)} where ${kept.lines.slice(-5)} were acknowledged`);
      }
      count(world, 'volumes read');
    }
  }
  await end(world, random, session);
  if (!random.chance(0.15)) return;
  const path = `/v1/workspaces/${VOLUME_OWNER}/${VOLUME_WORKSPACE}/volumes/data`;
  const gone = await answered(world, { method: 'DELETE', path });
  if (gone.status !== 200 && (gone.status !== 404 || gone.first)) {
    violation(world, `DELETE of a volume answered ${gone.status} ${JSON.stringify(gone.body)}`);
  }
  kept.lines = [];
  kept.unsure.clear();
  count(world, 'volumes deleted');
};

/** Does it again and again until the run closes. */
const repeatedly = async (world: World, random: Random, act: () => Promise<void>): Promise<void> => {
  while (!world.closing) {
    try {
      await act();
    } catch (error) {
      if (error instanceof Over) return;
      violation(world, `an actor fell: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    await pause(random.whole(10, 200));
  }
};

/** Everybody who uses the service during the run. Resolves when all have finished what they were at. */
export const startActors = (world: World): Promise<unknown> => {
  const actor = (act: (random: Random) => Promise<void>): Promise<void> => {
    const random = world.random.fork();
    return repeatedly(world, random, () => act(random));
  };
  const kept: Kept = { lines: [], unsure: new Set() };
  return Promise.all([
    ...[1, 2, 3].map(() => actor((random) => sessionLife(world, random))),
    ...[1, 2].map(() => actor((random) => countingLife(world, random))),
    actor((random) => volumeLife(world, random, kept)),
    actor((random) => makeWorkspace(world, random)),
    actor((random) => makeKey(world, random)),
    actor((random) => holdLimit(world, random)),
    actor((random) => outliveTtl(world, random)),
    actor((random) => useUpBudget(world, random)),
    actor(async (random) => {
      await changeBudget(world, random);
      await pause(1_000);
    }),
  ]);
};
