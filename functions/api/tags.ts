import type { OperationName } from '#contract/operations.ts';

export interface Tag {
  readonly name: string;
  readonly description: string;
}

/** The groups of calls, in the order in which a reader needs them, and the first word of their operations. */
const GROUPS: readonly (Tag & { readonly of: readonly string[] })[] = [
  { name: 'sessions', description: 'Create, find, change and end sessions.', of: ['sessions'] },
  { name: 'commands', description: 'Run commands in a session and read their output.', of: ['execs', 'jobs'] },
  { name: 'workspaces', description: 'Group sessions and share them with members.', of: ['workspaces', 'members'] },
  { name: 'storage', description: 'Volumes and buckets of a workspace.', of: ['volumes', 'buckets'] },
  { name: 'catalogue', description: 'What can be requested here, with prices.', of: ['packages', 'providers'] },
  { name: 'costs', description: 'What sessions and storage have cost.', of: ['costs'] },
  { name: 'events', description: 'Records of every change, with its time and its author.', of: ['audit', 'webhooks'] },
  { name: 'keys', description: 'API keys and what they allow.', of: ['keys'] },
  { name: 'users', description: 'Users, their limits and their budgets. Most calls need an admin key.', of: ['users'] },
  { name: 'server', description: 'State of the server, and this page.', of: [] },
];

const groupOf = (operation: OperationName) =>
  GROUPS.find(({ of }) => of.some((first) => operation.startsWith(`${first}.`)));

/** The group of a call; `server` for what belongs to no noun of the product. */
export const tagOf = (operation: OperationName): string => groupOf(operation)?.name ?? 'server';

export const TAGS: readonly Tag[] = GROUPS.map(({ name, description }) => ({ name, description }));
