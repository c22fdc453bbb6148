import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { execNow } from './find.ts';
import { execToWire } from './wire.ts';

export const getExec = async (deps: Deps, call: Call, input: { id: string; exec_id: string }) =>
  execToWire((await execNow(deps, call, input.id, input.exec_id)).doc);
