import { completion, config, login } from './flags/config.ts';
import { exec } from './flags/exec.ts';
import { cleanup, cost, doctor, events, packages, providers, top, usage, version } from './flags/looks.ts';
import { attach, cp, jobs, kill, logs, wait } from './flags/output.ts';
import { buckets, volumes, workspaces } from './flags/places.ts';
import { run } from './flags/run.ts';
import { ls, rm, sessions } from './flags/sessions.ts';
import { shell } from './flags/shell.ts';
import { keys, users, webhooks } from './flags/users.ts';
import { itWalks } from './flags/walk.ts';

/** No flag is accepted and then ignored: each has an effect that is seen, or is refused. */
itWalks({
  ...{ run, shell, exec, attach, cp, logs, wait, jobs, kill },
  ...{ ls, rm, sessions, workspaces, volumes, buckets, users, keys, webhooks, cleanup },
  ...{ packages, providers, cost, usage, top, events, doctor, login, config, completion, version },
});
