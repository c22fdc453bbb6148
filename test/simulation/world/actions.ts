import { Problem } from '#contract/errors.ts';
import { StoreBusy } from '#ports/store.ts';
import type { CreateInput } from '#services/sessions/create/parse-create.ts';
import { isTerminal } from '#domain/lifecycle.ts';
import { deleteMember } from '#services/members/delete.ts';
import { putMember } from '#services/members/put.ts';
import { storageKey, workspaceKey } from '#services/model/collections.ts';
import type { SessionDoc } from '#services/model/docs.ts';
import { cleanupExpired } from '#services/sessions/cleanup.ts';
import { createSession } from '#services/sessions/create/create.ts';
import { endSession } from '#services/sessions/end.ts';
import { getSession } from '#services/sessions/get.ts';
import { listSessions } from '#services/sessions/list.ts';
import { updateSession } from '#services/sessions/update.ts';
import { deleteStorage } from '#services/storage/delete.ts';
import { createWorkspace } from '#services/workspaces/create.ts';
import { deleteWorkspace } from '#services/workspaces/delete.ts';
import type { Random } from '../kernel/random.ts';
import type { Asked } from './client.ts';
import type { Person } from './people.ts';

/** The topic of a schedule, which makes otherwise rare combinations of events frequent. */
type Focus = 'everything' | 'storage' | 'revival' | 'ends';

/** The actions of a schedule's users. `number` is unique for each action. */
export interface Stage {
  readonly random: Random;
  readonly focus: Focus;
  readonly people: readonly Person[];
  readonly sessions: () => readonly SessionDoc[];
  /** Is called when a user asks to delete a volume or bucket, with its store id. */
  readonly deleting: (id: string) => void;
  /** Is called with the session of each answered create. */
  readonly created: (id: string) => void;
  /** Is called with the name of each create that was refused. Its session would have that name in a label. */
  readonly refused: (delivery: string) => void;
}

type Make = (stage: Stage, number: number) => Asked<unknown> | null;

const WORKSPACES = ['lab', 'lab', 'den', 'default'];
const PACKAGES = ['free_micro', 'dev_micro', 'dev_small', 'dev_medium', 'compute_small'] as const;

/** In a schedule with a topic, mostly the same item. */
const anyone = ({ random, people, focus }: Stage): Person =>
  focus !== 'everything' && random.chance(0.7) ? (people[0] ?? random.pick(people)) : random.pick(people);
/** Mostly the user's own workspace, sometimes another user's, whose member the user may be. */
const ownerFor = (stage: Stage, person: Person): string => (stage.random.chance(0.8) ? person.id : anyone(stage).id);

const anySession = ({ random, sessions }: Stage): SessionDoc | null => {
  const all = sessions();
  const live = all.filter((session) => !isTerminal(session.status));
  const from = live.length > 0 && random.chance(0.9) ? live : all;
  return from.length === 0 ? null : random.pick(from);
};

const storageAsked = ({ random, focus }: Stage): Partial<CreateInput> => ({
  ...(random.chance(focus === 'storage' || focus === 'revival' ? 0.8 : 0.35)
    ? {
        request_persistent_storage: true,
        persistent_storage_size_gb: random.pick([1, 5, 10, 40]),
        storage_config: { volume: random.pick(['default', 'default', 'data']), bucket: 'default' },
      }
    : {}),
  ...(random.chance(0.12) ? { request_bucket: true, bucket_size_gb: random.pick([1, 10, 45]) } : {}),
});

const saysNothingIsDone = (error: unknown): boolean =>
  error instanceof StoreBusy || (error instanceof Problem && error.details.outcome !== 'unknown');

const create: Make = (stage, number) => {
  const { random } = stage;
  const person = anyone(stage);
  const keyed = random.chance(0.65);
  const body: CreateInput & { wait?: number } = {
    user: person.id,
    ...(random.chance(0.3) ? {} : { workspace_id: random.pick(WORKSPACES), workspace_owner: ownerFor(stage, person) }),
    ...(random.chance(0.6) ? { resource_package: random.pick(PACKAGES) } : {}),
    ...(random.chance(0.2) ? { namespace: random.pick(['one', 'two']) } : {}),
    ...(random.chance(0.2) ? { provider: random.pick(['gke', 'cloud_run'] as const) } : {}),
    ...(random.chance(0.1) ? { env: { NAME: 'value' } } : {}),
    ...storageAsked(stage),
    ttl_minutes: random.pick([1, 1, 2, 3, 4]),
    ...(random.chance(0.3) ? { wait: random.whole(1, 30) } : {}),
  };
  let deliveries = 0;
  return {
    what: `create ${number} for ${person.id}${keyed ? ' with a key' : ''}`,
    user: person.id,
    operation: 'sessions.create',
    key: keyed ? `key-${number}` : undefined,
    retries: keyed ? 3 : 0,
    run: async (deps, call) => {
      const delivery = `n${number}-${++deliveries}`;
      const labels = { delivery, ...(keyed ? { operation: `n${number}` } : {}) };
      try {
        const session = await createSession(deps, call, { ...body, labels });
        stage.created(session.id);
        return session;
      } catch (error) {
        if (saysNothingIsDone(error)) stage.refused(delivery);
        throw error;
      }
    },
  };
};

const onSession =
  (make: (stage: Stage, session: SessionDoc) => Omit<Asked<unknown>, 'user' | 'retries'>): Make =>
  (stage) => {
    const session = anySession(stage);
    if (!session) return null;
    const asks = stage.random.chance(0.85) ? session.user : stage.random.pick([session.workspace_owner, null]);
    return { ...make(stage, session), user: asks, retries: stage.random.whole(0, 2) };
  };

const extend = onSession(({ random }, session) => {
  // Eleven: a life that is long enough for a notice before its end.
  const ttl_minutes = random.pick([1, 1, 2, 3, 5, 8, 11]);
  return {
    what: `ttl ${ttl_minutes} of ${session.id}`,
    operation: 'sessions.update',
    run: (deps, call) => updateSession(deps, call, { id: session.id, ttl_minutes }),
  };
});

const end = onSession(({ random }, session) => {
  const force = random.chance(0.3);
  const wait = random.pick([undefined, undefined, 0, 5]);
  return {
    what: `${force ? 'force-' : ''}delete ${session.id}`,
    operation: force ? 'sessions.force_delete' : 'sessions.delete',
    run: (deps, call) => endSession(deps, call, { id: session.id, force, wait }),
  };
});

const look = onSession((_stage, session) => ({
  what: `get ${session.id}`,
  operation: 'sessions.get',
  run: (deps, call) => getSession(deps, call, { id: session.id }),
}));

const list: Make = (stage) => {
  const { id } = anyone(stage);
  return {
    what: `list of ${id}`,
    user: id,
    operation: 'sessions.list',
    retries: 0,
    run: (deps, call) => listSessions(deps, call, {}),
  };
};

const cleanup: Make = (stage) => {
  const user = stage.random.pick([anyone(stage).id, null]);
  return {
    what: `cleanup by ${user ?? 'an admin'}`,
    user,
    operation: 'sessions.cleanup',
    retries: 1,
    run: (deps, call) => cleanupExpired(deps, call, {}),
  };
};

const makeWorkspace: Make = (stage, number) => {
  const person = anyone(stage);
  return workspaceFor(stage, person, stage.random.pick(WORKSPACES), number);
};

/** A user creates a workspace of that name. */
export const workspaceFor = (
  { random }: Stage,
  person: Person,
  workspace_id: string,
  number: number,
): Asked<unknown> => {
  const resource_package = random.pick(['dev_micro', 'dev_small'] as const);
  return {
    what: `workspace ${workspace_id} of ${person.id} (${number})`,
    user: person.id,
    operation: 'workspaces.create',
    key: `key-${number}`,
    retries: 3,
    run: (deps, call) =>
      createWorkspace(deps, call, { user_id: person.id, workspace_id, name: workspace_id, resource_package }),
  };
};

const dropWorkspace: Make = (stage) => {
  const { random } = stage;
  const user_id = anyone(stage).id;
  const workspace_id = random.pick(WORKSPACES);
  const force = random.chance(0.5);
  return {
    what: `${force ? 'force-' : ''}delete workspace ${workspace_id} of ${user_id}`,
    user: user_id,
    operation: 'workspaces.delete',
    retries: 2,
    run: (deps, call) => deleteWorkspace(deps, call, { user_id, workspace_id, force }),
  };
};

const dropStorage: Make = (stage) => {
  const { random } = stage;
  const user_id = anyone(stage).id;
  const at = { user_id, workspace_id: random.pick(WORKSPACES), name: random.pick(['default', 'default', 'data']) };
  const kind = random.pick(['volume', 'volume', 'bucket'] as const);
  stage.deleting(storageKey(workspaceKey(user_id, at.workspace_id), kind, at.name));
  return {
    what: `delete ${kind} ${at.name} of ${user_id}/${at.workspace_id}`,
    user: user_id,
    operation: kind === 'volume' ? 'volumes.delete' : 'buckets.delete',
    retries: 2,
    run: (deps, call) => deleteStorage(deps, call, { ...at, kind }),
  };
};

/**
 * Deletes a workspace with its data and creates it again at once, so that the removal still runs while new data is
 * created.
 */
const churnWorkspace: Make = (stage, number) => {
  const { random } = stage;
  const person = anyone(stage);
  const at = { user_id: person.id, workspace_id: 'lab' };
  const pause = random.whole(0, random.pick([50, 500]));
  return {
    what: `churns workspace lab of ${person.id} (${number})`,
    user: person.id,
    operation: 'workspaces.delete',
    retries: 0,
    run: async (deps, call) => {
      await deleteWorkspace(deps, call, { ...at, force: true });
      await deps.clock.sleep(pause);
      const made = { ...at, name: 'lab', resource_package: 'dev_micro' as const };
      return createWorkspace(deps, call, made);
    },
  };
};

/** The same for a volume: two users delete it while a session asks for it again. */
const churnVolume: Make = (stage, number) => {
  const { random } = stage;
  const person = anyone(stage);
  const at = { user_id: person.id, workspace_id: 'lab', name: 'default', kind: 'volume' as const };
  const pauses = [random.whole(0, 200), random.whole(0, 400), random.whole(0, 400)] as const;
  stage.deleting(storageKey(workspaceKey(person.id, 'lab'), 'volume', 'default'));
  return {
    what: `churns volume default of ${person.id}/lab (${number})`,
    user: person.id,
    operation: 'volumes.delete',
    retries: 0,
    run: async (deps, call) => {
      const drop = async (pause: number): Promise<unknown> => {
        await deps.clock.sleep(pause);
        return deleteStorage(deps, call, at);
      };
      const mount = async (): Promise<unknown> => {
        await deps.clock.sleep(pauses[2]);
        return createSession(deps, call, {
          user: person.id,
          workspace_id: 'lab',
          ttl_minutes: 1,
          request_persistent_storage: true,
          persistent_storage_size_gb: 1,
        });
      };
      return Promise.allSettled([drop(pauses[0]), drop(pauses[1]), mount()]);
    },
  };
};

const member: Make = (stage) => {
  const { random } = stage;
  const user_id = anyone(stage).id;
  const at = { user_id, workspace_id: random.pick(WORKSPACES), member_id: anyone(stage).id };
  const role = random.pick(['editor', 'editor', 'viewer'] as const);
  const leaves = random.chance(0.3);
  return {
    what: `${leaves ? 'removes' : role} ${at.member_id} in ${user_id}/${at.workspace_id}`,
    user: user_id,
    operation: leaves ? 'members.delete' : 'members.put',
    retries: 1,
    run: async (deps, call) => (leaves ? deleteMember(deps, call, at) : putMember(deps, call, { ...at, role })),
  };
};

const MAKERS = {
  create,
  extend,
  end,
  look,
  list,
  cleanup,
  makeWorkspace,
  dropWorkspace,
  dropStorage,
  churnWorkspace,
  churnVolume,
  member,
} satisfies Record<string, Make>;

type Weights = Readonly<Record<keyof typeof MAKERS, number>>;

const EVERYTHING: Weights = {
  create: 40,
  extend: 16,
  end: 12,
  look: 2,
  list: 2,
  cleanup: 3,
  makeWorkspace: 10,
  dropWorkspace: 10,
  dropStorage: 6,
  churnWorkspace: 1,
  churnVolume: 1,
  member: 5,
};

const WEIGHTS: Readonly<Record<Focus, Weights>> = {
  everything: EVERYTHING,
  storage: {
    ...EVERYTHING,
    end: 20,
    extend: 2,
    makeWorkspace: 22,
    dropWorkspace: 22,
    dropStorage: 26,
    churnVolume: 20,
  },
  revival: {
    ...EVERYTHING,
    end: 30,
    extend: 2,
    makeWorkspace: 40,
    dropWorkspace: 20,
    dropStorage: 0,
    churnVolume: 0,
    churnWorkspace: 24,
  },
  ends: { ...EVERYTHING, create: 20, extend: 60, makeWorkspace: 2, dropWorkspace: 2, dropStorage: 1 },
};

/** The next action of a user, or null if there is no object for it. */
export const nextAction = (stage: Stage, number: number): Asked<unknown> | null =>
  MAKERS[stage.random.weighted(WEIGHTS[stage.focus])](stage, number);
