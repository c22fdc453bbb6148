import { describe, expect, it } from 'vitest';
import { envOf, labelsOf, sessionBody, workspaceOf } from './session-options.ts';

const connection = (user?: string, workspace?: string) => ({
  user,
  target: { url: 'http://127.0.0.1:1', apiKey: undefined, from: 'test', local: false, user, workspace },
});

describe('the body of a create', () => {
  it('has what was said, and leaves the rest to the server', () => {
    expect(sessionBody({}, connection())).toEqual({});
    const options = {
      package: 'dev_small',
      ttl: 30,
      workspace: 'grace/lab',
      gpu: 'A100:2',
      volume: 10,
      name: 'n',
      label: ['a=b=c'],
      env: ['X=1'],
    };
    expect(sessionBody(options, connection('ada', 'other'))).toEqual({
      user: 'ada',
      workspace_owner: 'grace',
      workspace_id: 'lab',
      resource_package: 'dev_small',
      gpu_type: 'a100',
      gpu_count: 2,
      persistent_storage_size_gb: 10,
      env: { X: '1' },
      labels: { a: 'b=c', name: 'n' },
      ttl_minutes: 30,
    });
  });

  it('falls back on what the profile says', () => {
    expect(sessionBody({ user: 'grace' }, connection('ada', 'lab'))).toMatchObject({
      user: 'grace',
      workspace_id: 'lab',
    });
  });
});

it('takes variables from here by their name, and nothing else', () => {
  expect(envOf({ env: ['PATH', 'EMPTY='] })).toEqual({ PATH: process.env['PATH'], EMPTY: '' });
  expect(() => envOf({ env: ['NO_SUCH_VARIABLE_HERE'] })).toThrow(/no such variable/);
  expect(() => envOf({ env: ['=x'] })).toThrow(/not KEY=VALUE/);
  expect(() => labelsOf(['PATH'])).toThrow(/not KEY=VALUE/);
});

it('reads workspaces with and without their owner', () => {
  expect(workspaceOf('lab')).toEqual({ workspace_id: 'lab' });
  expect(workspaceOf('a@b.c/lab')).toEqual({ workspace_owner: 'a@b.c', workspace_id: 'lab' });
});
