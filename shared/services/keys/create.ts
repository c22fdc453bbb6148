import type { z } from 'zod';
import type { Key, KeyCreate } from '#contract/entities/key.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import { SCOPES, type Scope } from '#contract/scopes.ts';
import { epochMs, iso } from '#ports/clock.ts';
import { actsForAnyone, isAdmin, keyOf, sessionFor, workspaceFor } from '../kernel/access.ts';
import { writeAudit } from '../kernel/audit.ts';
import type { Call, KeyActor } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Draft, transact } from '../kernel/draft.ts';
import { onBehalfOf, remember, replayed } from '../kernel/idempotency.ts';
import { refuseDeleting } from '../kernel/users.ts';
import { keys, userKey, users } from '../model/collections.ts';
import type { KeyDoc } from '../model/docs.ts';
import { newSecret } from './secret.ts';
import { keyToWire } from './wire.ts';

type Input = z.infer<typeof KeyCreate>;

const beyond = (what: string): Problem =>
  new Problem(
    'forbidden',
    `A key can only create keys within its own permissions: ${what}. Ask for less, or use a key that may do more.`,
  );

/**
 * The requested scopes, otherwise all that the calling key may give. `bound`: the new key is bound to a user, a
 * workspace or a session.
 */
const scopesFor = (actor: KeyActor | null, asked: Input['scopes'], bound: boolean): readonly Scope[] => {
  const own: readonly Scope[] = actor?.scopes ?? SCOPES;
  const all: readonly Scope[] = own.includes('admin') ? SCOPES : own;
  const wanted = asked ?? (bound ? all.filter((scope) => scope !== 'admin') : all);
  const missing = wanted.filter((scope) => !all.includes(scope));
  if (missing.length > 0) throw beyond(`it does not have ${missing.join(', ')}`);
  if (bound && wanted.includes('admin'))
    throw invalidField('scopes', 'admin is for keys that are bound to no user, workspace or session');
  return wanted;
};

/** The restriction of the new key: that of the calling key, or a narrower one. */
const confinement = async (draft: Draft, call: Call, actor: KeyActor | null, user: string | null, input: Input) => {
  const session_id = input.session_id ?? actor?.session_id ?? null;
  if (actor?.session_id && session_id !== actor.session_id) throw beyond(`it is for session ${actor.session_id} alone`);
  if (session_id !== null) await sessionFor(draft, call, session_id, 'viewer');
  const workspace_id = input.workspace_id ?? actor?.workspace?.workspace_id ?? null;
  if (workspace_id === null) {
    if (input.workspace_owner) throw invalidField('workspace_id', 'is needed beside workspace_owner');
    return { session_id, workspace_id: null, workspace_owner: null };
  }
  const workspace_owner = input.workspace_owner ?? actor?.workspace?.owner ?? user;
  if (!workspace_owner) throw invalidField('workspace_owner', 'name the owner of the workspace');
  if (
    actor?.workspace &&
    (actor.workspace.workspace_id !== workspace_id || actor.workspace.owner !== workspace_owner)
  ) {
    throw beyond(`it is for workspace ${actor.workspace.workspace_id} alone`);
  }
  if (session_id === null) await workspaceFor(draft, call, workspace_owner, workspace_id, 'viewer');
  return { session_id, workspace_id, workspace_owner };
};

const expiryFor = (deps: Deps, maker: KeyDoc | null, input: Input): string | null => {
  const asked = input.expires_at ? iso(epochMs(input.expires_at)) : null;
  if (asked !== null && asked <= iso(deps.clock.now()))
    throw invalidField('expires_at', 'is in the past; give a later time');
  const own = maker?.expires_at ?? null;
  if (own !== null && asked !== null && asked > own) throw beyond(`it expires at ${own}`);
  return asked ?? own;
};

/** Creates a key with at most the permissions of the calling key. Only this answer has the secret. */
export const createKey = (deps: Deps, given: Call, input: Input) => {
  const call = onBehalfOf(given, input.user_id ?? null);
  const secret = newSecret(deps.ids);
  return transact(deps.store, async (draft): Promise<z.infer<typeof Key>> => {
    const earlier = await replayed(deps, draft, call);
    if (earlier) {
      const key = await draft.get(keys, earlier.target);
      if (!key)
        throw new Problem(
          'conflict',
          'The key that this Idempotency-Key made is gone. Use a new Idempotency-Key to make another.',
        );
      return {
        ...keyToWire(key),
        message:
          'An earlier call made this key, and only that answer had its secret. If the secret is lost, create another key.',
      };
    }
    const actor = keyOf(call.actor);
    const own = actor?.user_id ?? null;
    if (!actsForAnyone(call.actor) && input.user_id && input.user_id !== own) {
      throw new Problem(
        'forbidden',
        `This key acts for ${own}, not for ${input.user_id}. Use a key of ${input.user_id}.`,
      );
    }
    const user_id = input.user_id ?? own;
    if (user_id === null && !isAdmin(call.actor))
      throw invalidField('user_id', 'only an admin key makes keys without a user');
    const of = user_id === null ? null : await draft.get(users, userKey(user_id));
    if (of) refuseDeleting(of);
    const maker = actor ? await draft.get(keys, actor.key_id) : null;
    if (maker?.revoked_at) throw new Problem('unauthenticated', 'This key was revoked. Use another key.');
    const place = await confinement(draft, call, actor, user_id, input);
    const bound = user_id !== null || place.workspace_id !== null || place.session_id !== null;
    const key: KeyDoc = {
      key_id: secret.key_id,
      name: input.name,
      user_id,
      scopes: scopesFor(actor, input.scopes, bound),
      ...place,
      secret_sha256: secret.secret_sha256,
      created_at: iso(deps.clock.now()),
      created_by: actor?.key_id ?? null,
      expires_at: expiryFor(deps, maker, input),
      last_used_at: null,
      revoked_at: null,
    };
    draft.create(keys, key.key_id, key);
    remember(deps, draft, call, 'key', key.key_id);
    writeAudit(deps, draft, call, {
      target: key.key_id,
      session_id: key.session_id,
      detail: { name: key.name, user_id, scopes: key.scopes },
    });
    return { ...keyToWire(key), secret: secret.presented };
  });
};
