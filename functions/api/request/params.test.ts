import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { Problem } from '#contract/errors.ts';
import type { ApiEnv } from '../context.ts';
import { readParams } from './params.ts';

const refusal = async (path: string, at: string, operation: Parameters<typeof readParams>[1]) => {
  const app = new Hono<ApiEnv>();
  let problem: Problem | null = null;
  app.all(path, (c) => {
    try {
      readParams(c, operation);
    } catch (error) {
      problem = error as Problem;
    }
    return c.body(null, 204);
  });
  await app.request(at);
  return problem as Problem | null;
};

it('a name that can’t exist is not found, with a sentence that says why; if the call would create it, it is invalid', async () => {
  expect(await refusal('/v1/sessions/:id', '/v1/sessions/NOPE', 'sessions.get')).toMatchObject({
    code: 'not_found',
    message: 'There is nothing under this id: no such id can exist.',
  });
  expect(await refusal('/v1/users/:user_id', '/v1/users/a%2Fb', 'users.put')).toMatchObject({ code: 'invalid' });
  expect(await refusal('/v1/users/:user_id', '/v1/users/a%20b', 'users.put')).toBeNull();
});
