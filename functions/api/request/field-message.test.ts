import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Labels } from '#contract/entities/common.ts';
import { SessionCreate } from '#contract/entities/session.ts';
import { WorkspaceCreate } from '#contract/entities/workspace.ts';
import { fieldMessage } from './field-message.ts';

const said = (schema: z.ZodType, value: unknown): Record<string, string> =>
  Object.fromEntries(
    (schema.safeParse(value, { error: fieldMessage }).error?.issues ?? []).map(({ path, message }) => [
      path.join('.'),
      message,
    ]),
  );

describe('fieldMessage', () => {
  it('says that a missing field is required', () => {
    const missing = said(WorkspaceCreate, {});
    expect(Object.keys(missing)).toEqual(['user_id', 'workspace_id', 'name', 'resource_package']);
    expect(new Set(Object.values(missing))).toEqual(new Set(['is required']));
  });

  it.each([
    [{ ttl_minutes: '10' }, 'ttl_minutes', 'must be a number, not text'],
    [{ ttl_minutes: null }, '', undefined],
    [{ ttl_minutes: 1.5 }, 'ttl_minutes', 'must be a whole number, not 1.5'],
    [{ ttl_minutes: 0 }, 'ttl_minutes', 'must be 1 or more'],
    [{ ttl_minutes: 2000 }, 'ttl_minutes', 'must be no more than 1440'],
    [{ template: 'x'.repeat(65) }, 'template', 'must have no more than 64 characters'],
    [{ provider: 'aws' }, 'provider', 'must be one of auto, gke, cloud_run, workstations'],
    [{ env: { A: 1 } }, 'env.A', 'must be text, not a number'],
    [{ user: 'a/b' }, 'user', 'has 1 to 128 characters, no slash, and no control or invisible characters'],
    [[], '', 'must be an object, not a list'],
  ])('%j', (body, field, message) => {
    expect(said(SessionCreate, body)[field]).toBe(message);
  });

  it('says which names a record may have', () => {
    expect(said(Labels, { Team: 'x' })).toEqual({
      Team: 'a label key is lower-case letters, digits and . _ / - (63 at most)',
    });
  });

  it('shows an example of an instant, and the kinds of a message', () => {
    expect(said(z.iso.datetime({ offset: true }), 'tomorrow')['']).toBe(
      'must be an instant such as 2026-11-22T18:00:00Z',
    );
    const kinds = z.discriminatedUnion('type', [
      z.object({ type: z.literal('a') }),
      z.object({ type: z.literal('b') }),
    ]);
    expect(said(kinds, { type: 'c' })).toEqual({ type: 'must be one of a, b' });
  });
});
