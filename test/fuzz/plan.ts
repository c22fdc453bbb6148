import type { Random } from '../chaos/random.ts';
import { CLI_VERBS } from './cli-verbs.ts';
import { SDK_VERBS } from './sdk-verbs.ts';

export const CLIENTS = ['cli', 'python', 'python-async', 'typescript'] as const;
export type Client = (typeof CLIENTS)[number];

export const ACTIONS = [
  'cut-fin',
  'cut-rst',
  'slow',
  'cancel',
  'int',
  'int-twice',
  'term',
  'hup',
  'kill',
  'stdin',
  'stdout',
  'restart-kill',
  'restart-term',
] as const;
export type Action = (typeof ACTIONS)[number];

/** What the caller does by itself, after which nothing of it may be left. */
const GIVING_UP: readonly Action[] = ['cancel', 'int', 'int-twice', 'term', 'hup', 'kill', 'stdout'];
/** What ends the client's program. */
export const SIGNALS = {
  int: 'SIGINT',
  'int-twice': 'SIGINT',
  term: 'SIGTERM',
  hup: 'SIGHUP',
  kill: 'SIGKILL',
} as const;

export const givesUp = (action: Action): boolean => GIVING_UP.includes(action);

const fits = (client: Client, action: Action): boolean => {
  if (action === 'cancel') return client === 'python-async' || client === 'typescript';
  if (action === 'stdin' || action === 'stdout') return client === 'cli';
  return true;
};

/** One fault: what happens to whom, doing what, and when. */
export interface Point {
  readonly client: Client;
  readonly verb: string;
  readonly action: Action;
  /** The moment of the conversation; 0 until it is known how many there are. */
  readonly step: number;
  /** Milliseconds after that moment. */
  readonly delayMs: number;
}

export const pointName = ({ client, verb, action, step, delayMs }: Point): string =>
  `${client}/${verb}/${action}@${step}+${delayMs}`;

export const pointOf = (name: string): Point => {
  const [, client, verb = '', action, step, delayMs] = /^([\w-]+)\/([\w-]+)\/([\w-]+)@(\d+)\+(\d+)$/.exec(name) ?? [];
  const known = CLIENTS.find((one) => one === client);
  const done = ACTIONS.find((one) => one === action);
  if (known === undefined || done === undefined || !verbsOf(known).includes(verb)) {
    throw new Error(`${name} is no point. Write it as CLIENT/VERB/ACTION@STEP+MILLISECONDS.`);
  }
  return { client: known, verb, action: done, step: Number(step), delayMs: Number(delayMs) };
};

const verbsOf = (client: Client): readonly string[] => Object.keys(client === 'cli' ? CLI_VERBS : SDK_VERBS);

const shuffled = <T>(list: readonly T[], random: Random): T[] => {
  const left = [...list];
  const done: T[] = [];
  while (left.length > 0) done.push(...left.splice(random.whole(0, left.length - 1), 1));
  return done;
};

/** Every verb of every client meets every action in turn, in an order that the seed decides. */
export const pointsOf = (many: number, random: Random, clients: readonly Client[]): readonly Point[] => {
  const cells = clients.flatMap((client) =>
    verbsOf(client).flatMap((verb) =>
      ACTIONS.filter((action) => fits(client, action)).map((action) => ({ client, verb, action })),
    ),
  );
  const points: Point[] = [];
  while (points.length < many) {
    for (const cell of shuffled(cells, random)) {
      points.push({ ...cell, step: 0, delayMs: random.chance(0.25) ? random.whole(1, 150) : 0 });
    }
  }
  return points.slice(0, many);
};
