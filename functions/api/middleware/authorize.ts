import type { MiddlewareHandler } from 'hono';
import { Problem } from '#contract/errors.ts';
import { OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import type { Scope } from '#contract/scopes.ts';
import { isAdmin, keyOf } from '#services/kernel/access.ts';
import type { KeyActor } from '#services/kernel/call.ts';
import type { ApiEnv } from '../context.ts';

/** Checks that the key's scopes cover the operation. The service checks the role in the named workspace or session. */
export const authorized =
  (operation: OperationName): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const { scope }: Operation = OPERATIONS[operation];
    const actor = c.get('actor');
    const key = actor === null ? null : keyOf(actor);
    if (scope !== null && !(key !== null && covers(key, scope))) {
      throw new Problem(
        'forbidden',
        scope === 'admin'
          ? 'Only an admin key may do this. Use one, or ask an administrator.'
          : `This key lacks the scope ${scope}. Use a key that has it.`,
      );
    }
    await next();
  };

/** `admin` includes every scope. It is valid only for a key that is not restricted. */
const covers = (actor: KeyActor, scope: Scope): boolean =>
  scope === 'admin' ? isAdmin(actor) : actor.scopes.includes('admin') || actor.scopes.includes(scope);
