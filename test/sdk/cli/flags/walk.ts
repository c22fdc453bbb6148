import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../../../sdk/cli/src/program.ts';
import { type RunningServer, startServer, stopServer } from '../../../acceptance/support/server.ts';
import { type Home, makeHome } from '../support/cli.ts';
import { type Ran, type RunOptions, runHere } from './here.ts';

/** What the command lines work on. */
export interface World {
  readonly server: RunningServer;
  readonly home: Home;
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<Ran>;
  /** The same, without a failure. @returns what it printed */
  readonly quiet: (...argv: readonly string[]) => Promise<string>;
  /** A session that runs, named box, with a file `note` and a command that has ended. */
  readonly box: string;
  /** A name that nothing has yet. */
  readonly fresh: () => string;
  /** A new session that runs. @returns its id */
  readonly session: (...flags: readonly string[]) => Promise<string>;
  /** A new command in a session. @returns its id */
  readonly exec: (session: string, command: string) => Promise<string>;
}

/** What a flag does, seen by running the command with it and without it. */
export interface Flag {
  /** The words after the flag; null for a flag that is none of the command line but a pair with it. */
  readonly values: readonly string[] | ((world: World) => readonly string[] | Promise<readonly string[]>);
  /** Throws where it is not so. */
  readonly seen: (withIt: Ran, without: Ran) => void;
  readonly options?: RunOptions | ((world: World) => RunOptions);
  /** Where the line of the command shows nothing of it. */
  readonly line?: Line['line'];
  /** The command does not end without it, so that it is not run. */
  readonly alone?: boolean;
}

/** A request has this value in this field, and has not without the flag. */
export const sends = (values: Flag['values'], field: string, value: unknown): Flag => ({
  values,
  seen: (withIt, without) => {
    const of = ({ sent }: Ran): readonly unknown[] => sent.map(({ fields }) => fields[field]);
    expect(of(withIt), `${field} of ${JSON.stringify(withIt)}`).toContainEqual(value);
    expect(of(without)).not.toContainEqual(value);
  },
});

/** Something that is printed has this, and has not without the flag. */
export const prints = (values: Flag['values'], pattern: RegExp): Flag => ({
  values,
  seen: (withIt, without) => {
    expect(`${withIt.stdout}${withIt.stderr}`).toMatch(pattern);
    expect(`${without.stdout}${without.stderr}`).not.toMatch(pattern);
  },
});

/** A request goes to this place, and does not without the flag. */
export const asks = (values: Flag['values'], method: string, path: RegExp): Flag => ({
  values,
  seen: (withIt, without) => {
    const at = ({ sent }: Ran): boolean => sent.some((one) => one.method === method && path.test(one.path));
    expect([at(withIt), at(without)], JSON.stringify(withIt.sent)).toEqual([true, false]);
  },
});

/** It is refused by name. */
export const refused = (values: Flag['values'], pattern: RegExp): Flag => ({
  values,
  seen: (withIt, without) => {
    expect(withIt.code).not.toBe(0);
    expect(withIt.stderr).toMatch(pattern);
    expect(without.stderr).not.toMatch(pattern);
  },
});

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:54999';

/** Which server. */
export const TARGET: Readonly<Record<string, Flag>> = {
  '--url': prints([NOWHERE], /\b54999\b/),
  '--profile': refused(['nosuch'], /There is no profile "nosuch"/),
};

const json: Flag['seen'] = (withIt, without) => {
  expect(JSON.parse(withIt.stdout)).toEqual(expect.anything());
  expect(() => JSON.parse(without.stdout)).toThrow();
};

/** Which server, and the form of the answer. */
export const COMMON: Readonly<Record<string, Flag>> = {
  ...TARGET,
  '--output': { values: ['json'], seen: json },
  '--json': { values: [], seen: json },
  '--format': prints(['a line'], /^(a line\n)+$/m),
  '--quiet': {
    values: [],
    seen: (withIt, without) => {
      expect(withIt.stdout).toMatch(/^(\S+\n)+$/);
      expect(withIt.stdout).not.toBe(without.stdout);
    },
  },
};

export interface Line {
  /** The words of the command line; what is worked on is made anew for each. */
  readonly line: (flags: readonly string[], world: World) => readonly string[] | Promise<readonly string[]>;
  readonly flags: Readonly<Record<string, Flag>>;
}

/** Each command by its name, such as `sessions ls`. */
type Walk = Readonly<Record<string, Line>>;

const program = await createProgram('all');

/** Every command that can be called, by its name. */
const leaves = (command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] =>
  command.commands.length === 0
    ? [[path.join(' '), command]]
    : command.commands.flatMap((one) => leaves(one, [...path, one.name()]));

const flagsOf = (command: Command): readonly string[] =>
  command.options.filter(({ hidden }) => !hidden).map(({ long, flags }) => long ?? flags);

/** Two flags or more, and what comes of them. */
export interface Pair {
  readonly line: (world: World) => readonly string[] | Promise<readonly string[]>;
  readonly seen: (ran: Ran) => void;
  readonly options?: RunOptions;
}

/** Exclude each other: the line is refused with this sentence, before anything is asked of the server. */
export const exclude = (line: readonly string[], sentence: RegExp, options: RunOptions = {}): Pair => ({
  line: () => line,
  options,
  seen: ({ code, stdout, stderr, sent }) => {
    expect(stderr).toMatch(sentence);
    expect([[2, 125].includes(code), sent]).toEqual([true, []]);
    if (stdout !== '') expect(JSON.parse(stdout)).toEqual({ error: expect.anything() });
  },
});

/** The table of a noun. */
export interface Noun {
  readonly walk: Walk;
  readonly pairs?: Readonly<Record<string, Pair>>;
}

const openWorld = async (): Promise<World> => {
  const server = await startServer({
    env: { ONMEMOS_ISOLATION: 'none', ONMEMOS_WEBHOOK_ALLOW: '127.0.0.0/8', ONMEMOS_MAX_SESSIONS_PER_USER: '200' },
  });
  const home = await makeHome({ ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'ada' });
  const run: World['run'] = (argv, options) => runHere(argv, home.env, options);
  const quiet: World['quiet'] = async (...argv) => {
    const { stdout, stderr, code } = await run(argv);
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  let made = 0;
  await quiet('users', 'set', 'ada', '--type', 'enterprise', '--sessions', '500');
  await quiet('users', 'set', 'bob', '--type', 'enterprise', '--sessions', '500');
  await quiet('workspaces', 'create', 'lab');
  await quiet('workspaces', 'members', 'add', 'lab', 'bob');
  const session: World['session'] = (...flags) => quiet('sessions', 'create', '--quiet', '--ttl', '30m', ...flags);
  const box = await session('--name', 'box');
  await quiet('exec', box, '--', 'echo text > note; echo 1; echo 2');
  await quiet('sessions', 'rm', await session('--name', 'over'));
  return {
    server,
    home,
    run,
    quiet,
    session,
    box,
    exec: (id, command) => quiet('exec', '-d', id, '--', command),
    fresh: () => `new${++made}`,
  };
};

/** Runs each flag of each command of some nouns, and pairs of them. */
export const itWalks = (nouns: Readonly<Record<string, Noun>>): void => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(async () => {
    await stopServer(world.server);
    await world.home.remove();
  });

  it('each command and each flag has an entry, and there is no other', () => {
    const walk: Walk = Object.assign({}, ...Object.values(nouns).map((noun) => noun.walk));
    const all = leaves(program);
    expect(Object.keys(walk).sort()).toEqual(all.map(([name]) => name).sort());
    for (const [name, command] of all)
      expect(Object.keys(walk[name]?.flags ?? {}).sort(), name).toEqual([...flagsOf(command)].sort());
    for (const [noun, { walk: own }] of Object.entries(nouns))
      expect(Object.keys(own).filter((name) => name.split(' ')[0] !== noun)).toEqual([]);
  });

  for (const { walk, pairs = {} } of Object.values(nouns)) {
    for (const [name, { line, flags }] of Object.entries(walk)) {
      if (Object.keys(flags).length > 0) describe(`onmemos ${name}`, () => walkFlags(line, flags, () => world));
    }
    if (Object.keys(pairs).length === 0) continue;
    it.each(Object.entries(pairs))('%s', async (_what, { line, seen, options }) => {
      seen(await world.run(await line(world), options));
    });
  }
};

const NOT_RUN: Ran = { code: 0, stdout: '', stderr: '', sent: [] };

const walkFlags = (line: Line['line'], flags: Line['flags'], at: () => World): void => {
  let usual: Ran | null = null;
  const optionsOf = ({ options }: Flag): RunOptions | undefined =>
    typeof options === 'function' ? options(at()) : options;
  const without = async (flag: Flag): Promise<Ran> => {
    if (flag.alone) return NOT_RUN;
    if (flag.line || flag.options) return at().run(await (flag.line ?? line)([], at()), optionsOf(flag));
    usual ??= await at().run(await line([], at()));
    return usual;
  };
  it.each(Object.entries(flags))('%s', async (name, flag) => {
    const { values, seen } = flag;
    const words = typeof values === 'function' ? await values(at()) : values;
    const before = await without(flag);
    seen(await at().run(await (flag.line ?? line)([name, ...words], at()), optionsOf(flag)), before);
  });
};
