import { z } from 'zod';
import { Execute, ExecuteResult, Job } from '#contract/entities/exec.ts';
import { execute } from '#services/execs/execute.ts';
import { jsonRoute } from '../../route.ts';

export const execsExecute = jsonRoute({
  operation: 'execs.execute',
  summary: 'Run a command and answer its result',
  description: 'With `async_execution` it answers a job at once.',
  body: Execute,
  largeBody: true,
  response: z.union([ExecuteResult, Job]),
  handle: ({ deps, call, params, body, signal }) => execute(deps, call, { ...params, ...body }, signal),
});
