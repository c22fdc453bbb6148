import { expect, it } from 'vitest';
import { serverWords } from './server-words.ts';

it('says options for fields, commands for requests and durations for minutes', () => {
  const said: Readonly<Record<string, string>> = {
    'ttl_minutes: must be no more than 1440': '--ttl: must be no more than 24h',
    'ttl_minutes: is at most 90 here': '--ttl: is at most 1h30m here',
    'ttl_minutes: must be 1 or more': '--ttl: must be 1m or more',
    'ttl_minutes: cloud_run allows such a session at most 60 minutes':
      '--ttl: cloud_run allows such a session at most 1h',
    'ttl_minutes: The session can live 1440 minutes from its creation: at most 95 more minutes are possible; create a new session for more':
      '--ttl: The session can live 24h from its creation: at most 1h35m more is possible; create a new session for more',
    'at most 1 more minute is possible': 'at most 1m more is possible',
    'resource_package: "x" is not a package; GET /v1/packages lists them':
      '--package: "x" is not a package; `onmemos packages` lists them',
    'may no longer use the workspace’s package a; ask for a smaller resource_package.':
      'may no longer use the workspace’s package a; ask for a smaller --package.',
    'gpu_type: must be one of none, t4': '--gpu: must be one of none, t4',
    'budget_action: must be one of refuse, terminate': '--over-budget: must be one of refuse, terminate',
    'image_spec.image_url: is needed': '--image: is needed',
    'persistent_storage_size_gb: must be no more than 102400': '--volume: must be no more than 102400Gi',
    'bucket_size_gb: must be 1 or more': '--bucket: must be 1Gi or more',
    'workspace_owner: has 1 to 128 characters': '--workspace: has 1 to 128 characters',
    'Use it, or choose another workspace_id.': 'Use it, or choose another id.',
    'cwd: the folder /x can’t be entered': '--cwd: the folder /x can’t be entered',
    '  shell: must be one of sh, bash': '  --shell: must be one of sh, bash',
    'role: must be one of editor, viewer': '--role: must be one of editor, viewer',
    'env.1A: a variable name is letters': '--env 1A: a variable name is letters',
    'labels.a b: is not a label': '--label a b: is not a label',
    'scopes.0: must be one of keys': '--scope: must be one of keys',
  };
  for (const [sentence, words] of Object.entries(said)) expect(serverWords(sentence)).toBe(words);
});

it('leaves every other text as the server sent it', () => {
  for (const sentence of [
    'Workspace my_gpu_type does not exist.',
    'The file ttl_minutes.txt is gone.',
    'custom_ttl_minutes',
    'The folder cwd: is gone.',
    'Its shell: sh.',
  ])
    expect(serverWords(sentence)).toBe(sentence);
});
