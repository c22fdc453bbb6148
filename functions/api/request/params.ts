import type { z } from 'zod';
import { AssetName, ExecId, KeyId, SessionId, StorageName, UserId, WorkspaceId } from '#contract/entities/common.ts';
import { WebhookId } from '#contract/entities/webhook.ts';
import { invalidField, missing, Problem, type Resource } from '#contract/errors.ts';
import { OPERATIONS, type OperationName } from '#contract/operations.ts';
import type { ApiContext } from '../context.ts';

type NamesIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The names in an operation's path, such as `{ id, exec_id }`. */
export type PathParams<N extends OperationName> = Readonly<Record<NamesIn<(typeof OPERATIONS)[N]['path']>, string>>;
export type ParamName = NamesIn<(typeof OPERATIONS)[OperationName]['path']>;

export const PARAM_SCHEMAS = {
  id: SessionId,
  user_id: UserId,
  workspace_id: WorkspaceId,
  member_id: UserId,
  name: StorageName,
  key_id: KeyId,
  webhook_id: WebhookId,
  exec_id: ExecId,
  job_id: ExecId,
  asset: AssetName,
} as const satisfies Readonly<Record<ParamName, z.ZodType<string>>>;

const RESOURCE_OF: Readonly<Partial<Record<ParamName, Resource>>> = {
  id: 'session',
  user_id: 'user',
  workspace_id: 'workspace',
  member_id: 'user',
  key_id: 'key',
  webhook_id: 'webhook',
  exec_id: 'exec',
  job_id: 'exec',
};

const notFound = (name: ParamName, path: string, sentence: string): Problem => {
  const stored = path.includes('/volumes/') ? 'volume' : 'bucket';
  const resource = name === 'name' ? stored : RESOURCE_OF[name];
  return resource ? missing(resource, sentence) : new Problem('not_found', sentence);
};

export const paramNames = (path: string): readonly ParamName[] =>
  [...path.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1] as ParamName);

/**
 * The checked names in the path. A name that can't exist is not found; if the call would create it (PUT), it is
 * invalid.
 */
export const readParams = <N extends OperationName>(c: ApiContext, operation: N): PathParams<N> => {
  const { method, path } = OPERATIONS[operation];
  const params: Partial<Record<ParamName, string>> = {};
  for (const name of paramNames(path)) {
    const parsed = PARAM_SCHEMAS[name].safeParse(c.req.param(name));
    if (!parsed.success) {
      const message = parsed.error.issues[0]?.message ?? 'is not valid';
      if (method === 'put') throw invalidField(name, message);
      throw notFound(name, path, `There is nothing under this ${name}: ${message}.`);
    }
    params[name] = parsed.data;
  }
  return params as PathParams<N>;
};
