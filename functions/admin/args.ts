import { parseArgs } from 'node:util';
import { meantBy } from '#domain/spelling.ts';

/** What a person types before the command. */
export const PROGRAM = 'npm run admin --';

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'bootstrap'; readonly rotate: boolean; readonly json: boolean }
  | { readonly name: 'intents'; readonly limit: number; readonly json: boolean }
  | { readonly name: 'raise'; readonly ids: readonly string[]; readonly json: boolean }
  | { readonly name: 'keyring new' }
  | { readonly name: 'keyring rotate'; readonly file: string };

/** The command line is wrong; the message says what is right. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

export const HELP = `${PROGRAM} COMMAND

Commands of an operator, on the store of a deployment:

  bootstrap [--rotate]   make the admin key and show its secret, once; --rotate makes a new one and revokes the one before
  intents [--limit N]    list work that is not known to be done, the oldest first
  intents raise ID...    give intents a new attempt now, after the cause of their failure is gone
  keyring new            print a keyring with a new key, for the secret of a new deployment
  keyring rotate FILE    print the keyring of a file with a further key, which seals from now on

  --json                 print JSON
  -h, --help             print this text

Which deployment, from the environment:
  ONMEMOS_PROJECT          the project on Google Cloud; its Firestore is used with the credentials of gcloud
  ONMEMOS_DATABASE         its Firestore database (default: (default))
  FIRESTORE_EMULATOR_HOST  an emulator in its place
  ONMEMOS_DATA_DIR         without a project: the data folder of this machine's server, which must not run

What is asked for is printed on stdout, everything else on stderr. NO_COLOR turns colours off.
Exit codes: 0 done, 1 refused or failed (a sentence says why), 2 the command line is wrong`;

const OPTIONS = {
  rotate: { type: 'boolean', default: false },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const COMMANDS = ['bootstrap', 'intents', 'keyring', 'help'] as const;
/** Options that not every command takes. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  bootstrap: ['rotate', 'json'],
  intents: ['limit', 'json'],
  'intents raise': ['json'],
};

const MOST = 1_000;
const DEFAULT_LIMIT = 100;

const limitOf = (text: string | undefined): number => {
  const limit = Number(text ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new BadUsage(`--limit must be a whole number from 1 to ${MOST}.`);
  return limit;
};

const parsed = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true });
  } catch (error) {
    throw new BadUsage(`${(error as Error).message} ${PROGRAM} --help lists the commands.`);
  }
};

/** @throws BadUsage */
export const readCommand = (argv: readonly string[]): Command => {
  const { values, positionals, tokens } = parsed(argv);
  const [verb, second, ...more] = positionals;
  if (values.help || verb === 'help') return { name: 'help' };
  if (verb === undefined) throw new BadUsage(HELP);
  const called = verb === 'bootstrap' || second === undefined ? verb : `${verb} ${second}`;
  const wrong = tokens.find((token) => token.kind === 'option' && !(TAKES[called] ?? []).includes(token.name));
  const none = (extra: readonly (string | undefined)[]): void => {
    const [first] = extra.filter((one) => one !== undefined);
    if (first !== undefined) throw new BadUsage(`${called} takes no ${JSON.stringify(first)}.`);
    if (wrong?.kind === 'option') throw new BadUsage(`${called} has no option ${wrong.rawName}.`);
  };
  if (verb === 'bootstrap') {
    none([second, ...more]);
    return { name: 'bootstrap', rotate: values.rotate, json: values.json };
  }
  if (called === 'intents') {
    none([]);
    return { name: 'intents', limit: limitOf(values.limit), json: values.json };
  }
  if (called === 'intents raise') {
    none([]);
    if (more.length === 0) throw new BadUsage(`Name the intents to raise. ${PROGRAM} intents lists them.`);
    return { name: 'raise', ids: more, json: values.json };
  }
  if (called === 'keyring new') {
    none(more);
    return { name: 'keyring new' };
  }
  if (called === 'keyring rotate') {
    const [file, ...rest] = more;
    none(rest);
    if (file === undefined) throw new BadUsage('Name the file with the present keyring.');
    return { name: 'keyring rotate', file };
  }
  const meant = meantBy(verb, COMMANDS);
  const hint = COMMANDS.some((one) => one === verb) || meant === null ? '' : ` Did you mean ${meant}?`;
  throw new BadUsage(`There is no command ${called}.${hint} ${PROGRAM} --help lists the commands.`);
};
