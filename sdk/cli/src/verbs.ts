import type { Command } from 'commander';

/** Other names of a verb. They work but are not completed; the help shows the first one. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  ls: ['list'],
  get: ['show'],
  rm: ['delete', 'remove'],
};

const LIST = ['ls'];
const SHOW = ['get', 'sessions get'];
const CREATE = ['create', 'add', 'run'];
const CHANGE = ['set', 'sessions set'];
const END = ['rm', 'sessions rm'];
const TERMINAL = ['shell'];

/** Verbs of other tools, each with ours, the nearest first. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  list: LIST,
  ps: LIST,
  all: LIST,
  status: [...LIST, 'get'],
  get: SHOW,
  show: SHOW,
  inspect: SHOW,
  describe: SHOW,
  info: SHOW,
  create: [...CREATE, 'sessions create'],
  new: CREATE,
  add: CREATE,
  start: CREATE,
  up: CREATE,
  set: CHANGE,
  update: CHANGE,
  edit: CHANGE,
  extend: CHANGE,
  delete: END,
  remove: END,
  del: END,
  destroy: END,
  stop: END,
  end: END,
  terminate: END,
  down: END,
  kill: END,
  revoke: END,
  ssh: TERMINAL,
  connect: TERMINAL,
  console: TERMINAL,
  sh: TERMINAL,
  log: ['logs'],
  htop: ['top'],
  stats: ['usage'],
  auth: ['login'],
  whoami: ['users get'],
  price: ['packages'],
  prices: ['packages'],
  pricing: ['packages'],
  sizes: ['packages'],
  costs: ['cost report'],
  bill: ['cost report'],
};

/** Groups, each with what a word behind it that is no verb may be meant for. */
const MEANT_FOR: Readonly<Record<string, readonly string[]>> = {
  sessions: ['get WORD'],
  workspaces: ['get WORD'],
  users: ['get WORD'],
  webhooks: ['get WORD'],
  volumes: ['get WORD', 'ls -w WORD'],
  buckets: ['get WORD', 'ls -w WORD'],
  cost: ['session WORD', 'report -w WORD'],
};

const UNKNOWN = /^(.*unknown command '([^']+)')(?:\n\(Did you mean [^\n]*\))?/;

const has = (command: Command, path: string): boolean => {
  const [name, ...rest] = path.split(' ');
  const found = command.commands.find((one) => one.name() === name);
  // Of a command that was not called, only the name is loaded.
  return found !== undefined && (rest.length === 0 || found.commands.length === 0 || has(found, rest.join(' ')));
};

/**
 * Suggests the verb that people mean. By letters alone, `start` has nothing near it and `sh` would be `ps`.
 * @param text the complaint about an unknown command, with a suggestion by letters; any other text is left as it is
 */
export const suggestMeant = (command: Command, text: string): string =>
  text.replace(UNKNOWN, (whole, complaint: string, typed: string) => {
    const meant = MEANT[typed]?.find((path) => has(command, path));
    if (meant !== undefined) return `${complaint}\n(Did you mean ${meant}?)`;
    if (whole !== complaint) return whole;
    const lines = (MEANT_FOR[command.name()] ?? []).map(
      (words) => `\`onmemos ${command.name()} ${words.replace('WORD', typed)}\``,
    );
    return lines.length === 0 ? whole : `${complaint}\n(Did you mean ${lines.join(' or ')}?)`;
  });
