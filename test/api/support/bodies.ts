import { z } from 'zod';
import { OPERATIONS } from '#contract/operations.ts';
import { allRoutes } from '../../../functions/api/routes/all.ts';
import type { World } from './world.ts';

export const unwrapped = (schema: z.ZodType): z.ZodType => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema;
};

let made = 0;
/** What each call needs besides. */
export const required = (): Readonly<Record<string, Readonly<Record<string, unknown>>>> => ({
  'users.put': {},
  'workspaces.create': {
    user_id: 'alice',
    workspace_id: `large-${++made}`,
    name: 'n',
    resource_package: 'dev_micro',
  },
  'members.put': { role: 'viewer' },
  'keys.create': { name: 'n' },
  'webhooks.create': { user_id: `large-${++made}`, url: 'https://example.com/hook' },
  'sessions.create': { user: `large-${++made}`, ttl_minutes: 1 },
  'sessions.estimate': { user: 'alice' },
  'sessions.update': {},
  'execs.execute': { command: 'true' },
  'execs.start': { command: 'true' },
  'execs.stdin': { offset: 0, data: '' },
  'execs.signal': { signal: 'CONT' },
});

export const pathOf = (world: World, operation: keyof typeof OPERATIONS): string => {
  const names: Readonly<Record<string, string>> = {
    ...{ id: world.session, user_id: 'large', workspace_id: 'ws', exec_id: world.exec, member_id: 'vera' },
  };
  return OPERATIONS[operation].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name);
};

/** Every call that has a body, with its schema. */
export const bodies = allRoutes().flatMap(({ operation, docs: { body } }) =>
  body instanceof z.ZodObject ? [[operation, body] as const] : [],
);
