import type { Command } from 'commander';

/** What every file of `commands/` gives: options, arguments and action of one command. */
interface CommandModule {
  /** @param makeProgram makes the program with these commands complete */
  readonly define: (command: Command, makeProgram: (wanted: readonly string[]) => Promise<Command>) => void;
}

export interface Entry {
  readonly name: string;
  /** Other names by which it can be called. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly group: string;
  /** Whether it ends with the code of a command in a session, so that its own failures need another code. */
  readonly endsWithCommand?: boolean;
  readonly load: () => Promise<CommandModule>;
}

const RUN = 'Run commands:';
const LOOK = 'Inspect and cost:';
const KEEP = 'Manage:';
const SET = 'Set up:';

/** All commands, in the order of the help. Only the one that is called is loaded. */
export const REGISTRY: readonly Entry[] = [
  {
    name: 'run',
    group: RUN,
    summary: 'run a command in a new session, then end the session',
    endsWithCommand: true,
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'shell',
    group: RUN,
    summary: 'open a terminal in a session',
    endsWithCommand: true,
    load: () => import('./commands/shell.ts'),
  },
  {
    name: 'exec',
    group: RUN,
    summary: 'run a command in an existing session',
    endsWithCommand: true,
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'attach',
    group: RUN,
    summary: 'connect to a running command: its output and your input',
    endsWithCommand: true,
    load: () => import('./commands/attach.ts'),
  },
  {
    name: 'cp',
    group: RUN,
    summary: 'copy files and folders between this machine and a session',
    load: () => import('./commands/cp.ts'),
  },
  { name: 'logs', group: RUN, summary: 'print what a command printed', load: () => import('./commands/logs.ts') },
  {
    name: 'wait',
    group: RUN,
    summary: 'wait for the end of a command, and end with its code',
    endsWithCommand: true,
    load: () => import('./commands/wait.ts'),
  },
  { name: 'jobs', group: RUN, summary: 'list the commands of a session', load: () => import('./commands/jobs.ts') },
  { name: 'kill', group: RUN, summary: 'end a command, or send it a signal', load: () => import('./commands/kill.ts') },
  {
    name: 'ls',
    aliases: ['ps', 'list'],
    group: KEEP,
    summary: 'list live sessions, as `sessions ls` does',
    load: () => import('./commands/ls.ts'),
  },
  {
    name: 'rm',
    aliases: ['stop', 'delete'],
    group: KEEP,
    summary: 'end sessions, as `sessions rm` does',
    load: () => import('./commands/rm.ts'),
  },
  {
    name: 'sessions',
    group: KEEP,
    summary: 'list, create, change and end sessions',
    load: () => import('./commands/sessions.ts'),
  },
  {
    name: 'workspaces',
    group: KEEP,
    summary: 'workspaces and who shares them',
    load: () => import('./commands/workspaces.ts'),
  },
  { name: 'volumes', group: KEEP, summary: 'volumes of a workspace', load: () => import('./commands/volumes.ts') },
  { name: 'buckets', group: KEEP, summary: 'buckets of a workspace', load: () => import('./commands/buckets.ts') },
  { name: 'users', group: KEEP, summary: 'users, their limits and budgets', load: () => import('./commands/users.ts') },
  { name: 'keys', group: KEEP, summary: 'API keys', load: () => import('./commands/keys.ts') },
  {
    name: 'webhooks',
    group: KEEP,
    summary: 'addresses to which notices are sent',
    load: () => import('./commands/webhooks.ts'),
  },
  { name: 'cleanup', group: KEEP, summary: 'end expired sessions', load: () => import('./commands/cleanup.ts') },
  {
    name: 'packages',
    group: LOOK,
    summary: 'sizes to choose from, with their prices',
    load: () => import('./commands/packages.ts'),
  },
  { name: 'providers', group: LOOK, summary: 'where sessions can run', load: () => import('./commands/providers.ts') },
  {
    name: 'cost',
    group: LOOK,
    summary: 'estimates, costs of a session, and reports',
    load: () => import('./commands/cost.ts'),
  },
  {
    name: 'usage',
    group: LOOK,
    summary: 'CPU, memory and disk of a session, measured now',
    load: () => import('./commands/usage.ts'),
  },
  {
    name: 'top',
    group: LOOK,
    summary: 'what each live session uses, the busiest first',
    load: () => import('./commands/top.ts'),
  },
  {
    name: 'events',
    group: LOOK,
    summary: 'what happened to a session, in order',
    load: () => import('./commands/events.ts'),
  },
  {
    name: 'doctor',
    group: SET,
    summary: 'find what is wrong here, and say how to fix it',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'login',
    group: SET,
    summary: 'save the address and key of a server',
    load: () => import('./commands/login.ts'),
  },
  { name: 'config', group: SET, summary: 'profiles: one per server', load: () => import('./commands/config.ts') },
  {
    name: 'completion',
    group: SET,
    summary: 'completion for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'version',
    group: SET,
    summary: 'versions of this program and of the server',
    load: () => import('./commands/version.ts'),
  },
];

const has = ({ name, aliases = [] }: Entry, called: string): boolean => name === called || aliases.includes(called);

export const isCommand = (called: string): boolean => REGISTRY.some((entry) => has(entry, called));

/** Whether the command of this name, or of this other name, ends with the code of a command in a session. */
export const endsWithCommand = (called: string | undefined): boolean =>
  called !== undefined && REGISTRY.some((entry) => entry.endsWithCommand === true && has(entry, called));
