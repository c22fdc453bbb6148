import { OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import { BATTERY } from './battery-entries.ts';
import type { Send } from './client.ts';
import type { World } from './world.ts';

/** Alice's things, by their names in paths. */
const namesIn = (world: World): Readonly<Record<string, string>> => ({
  id: world.session,
  user_id: 'alice',
  workspace_id: 'ws',
  member_id: 'edi',
  name: 'default',
  key_id: world.aliceKeyId,
  webhook_id: world.webhook,
  exec_id: world.exec,
  job_id: world.exec,
});

/** A request of an operation on Alice's things that is right in its form, with other names in its path where given. */
export const batteryRequest = (
  world: World,
  name: OperationName,
  other: Readonly<Record<string, string>> = {},
): { readonly path: string; readonly send: Send } => {
  const { method, path }: Operation = OPERATIONS[name];
  const { body, query, headers } = BATTERY[name];
  const values = { ...namesIn(world), ...other };
  const filled = path.replaceAll(/\{([a-z_]+)\}/g, (_all, param: string) => values[param] ?? '');
  return {
    path: `${filled}${query ? `?${query}` : ''}`,
    send: {
      method: method.toUpperCase(),
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    },
  };
};
