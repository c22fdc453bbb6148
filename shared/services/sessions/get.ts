import { sessionFor } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { sessionToWire } from './wire.ts';

export const getSession = async (deps: Deps, call: Call, input: { id: string }) =>
  sessionToWire(deps, await sessionFor(lookupIn(deps.store), call, input.id, 'viewer'));
