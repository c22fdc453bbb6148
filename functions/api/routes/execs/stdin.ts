import { Stdin, StdinResult } from '#contract/entities/exec.ts';
import { writeStdin } from '#services/execs/stdin.ts';
import { jsonRoute } from '../../route.ts';

export const execsStdin = jsonRoute({
  operation: 'execs.stdin',
  summary: 'Write to a command’s stdin',
  description: 'By offset: each byte is accepted once, however often it is sent.',
  body: Stdin,
  largeBody: true,
  response: StdinResult,
  handle: ({ deps, call, params, body }) => writeStdin(deps, call, { ...params, ...body }),
});
