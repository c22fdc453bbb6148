import type { OperationName } from '#contract/operations.ts';
import type { ParamName } from './request/params.ts';

export interface Example {
  readonly summary: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * What the page at /docs fills into a path. With the bodies below it is one story: the user `developer`, the workspace
 * `demo` with the storage `default`, the command `demo` in a session. An id that the server makes is left for the reader.
 */
export const PATH_EXAMPLES: Partial<Record<ParamName, string>> = {
  user_id: 'developer',
  workspace_id: 'demo',
  member_id: 'teammate',
  name: 'default',
  exec_id: 'demo',
  job_id: 'demo-job',
  asset: 'swagger-ui.css',
};

/**
 * Bodies that work as they are, by call. The page at /docs fills the first one in. The user is `developer`, because an
 * admin key has to name one; a user's own key may leave it out.
 */
export const BODY_EXAMPLES: Partial<Record<OperationName, readonly Example[]>> = {
  'sessions.create': [
    { summary: 'A small session for 15 minutes', value: { user: 'developer', ttl_minutes: 15 } },
    {
      summary: 'In the workspace demo (create it first), with a label, a volume and a bucket',
      value: {
        user: 'developer',
        workspace_id: 'demo',
        ttl_minutes: 60,
        labels: { project: 'demo' },
        request_persistent_storage: true,
        persistent_storage_size_gb: 1,
        request_bucket: true,
        bucket_size_gb: 1,
      },
    },
  ],
  'sessions.estimate': [
    {
      summary: 'A small session for one hour',
      value: { user: 'developer', resource_package: 'dev_small', ttl_minutes: 60 },
    },
  ],
  'sessions.update': [{ summary: 'End 30 minutes from now', value: { ttl_minutes: 30 } }],
  'execs.execute': [
    { summary: 'Wait for the result', value: { command: 'echo hello', timeout: 60 } },
    {
      summary: 'Return a job at once',
      value: { command: 'sleep 1; echo done', async_execution: true, exec_id: 'demo-job' },
    },
  ],
  'execs.start': [
    { summary: 'A program with open stdin', value: { exec_id: 'demo', argv: ['cat'], stdin: true } },
    { summary: 'A line for the shell', value: { command: 'for i in 1 2 3; do echo $i; done' } },
  ],
  'execs.stdin': [{ summary: 'One line, then the end of the input', value: { offset: 0, data: 'hello\n', eof: true } }],
  'execs.signal': [{ summary: 'As Ctrl-C does', value: { signal: 'INT' } }],
  'workspaces.create': [
    {
      summary: 'A workspace whose sessions are small',
      value: { user_id: 'developer', workspace_id: 'demo', name: 'Demo', resource_package: 'dev_small' },
    },
  ],
  'members.put': [{ summary: 'May read, not change', value: { role: 'viewer' } }],
  'keys.create': [
    {
      summary: 'May create and use sessions as one user',
      value: { name: 'ci', user_id: 'developer', scopes: ['sessions:read', 'sessions:write', 'exec'] },
    },
  ],
  'webhooks.create': [
    {
      summary: 'Notices about the money of a user',
      value: {
        user_id: 'developer',
        url: 'https://example.com/hooks/onmemos',
        events: ['budget.threshold'],
        description: 'To the chat of the team',
      },
    },
  ],
  'users.put': [
    { summary: 'A budget of 20 USD each month', value: { monthly_budget_usd: 20, budget_action: 'refuse' } },
    { summary: 'A type and a limit of sessions', value: { user_type: 'pro', max_concurrent_sessions: 5 } },
  ],
};
