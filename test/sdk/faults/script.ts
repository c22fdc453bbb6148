import { randomOf } from './random.ts';

/** What one call does, the same in every language. `n` numbers the calls of a script; names are used once. */
export type Step = { readonly n: number } & (
  | { readonly op: 'workspace.create' | 'workspace.get' | 'workspace.delete'; readonly workspace: string }
  | { readonly op: 'workspace.list' | 'package.list' | 'key.list' | 'session.list' | 'session.estimate' }
  | { readonly op: 'session.create'; readonly session: string; readonly workspace: string }
  | { readonly op: 'session.get' | 'session.usage' | 'session.cost' | 'session.delete'; readonly session: string }
  /** Sets the labels to `{call: session, patched: String(n)}`. */
  | { readonly op: 'session.update'; readonly session: string }
  /**
   * Appends the line `n` to the file `lines` of the session's working folder, and prints it: by the wire's execute, by
   * run, by a process whose output is gone through, by run with the line as input.
   */
  | { readonly op: (typeof COMMANDS)[number]; readonly session: string }
  | { readonly op: 'key.create' | 'key.revoke'; readonly key: string }
);

/** Steps that follow each other; lanes run side by side. */
export type Lane = readonly Step[];

export const COMMANDS = ['session.execute', 'session.run', 'session.stream', 'session.feed'] as const;

type Bare = Step extends infer Each ? (Each extends Step ? Omit<Each, 'n'> : never) : never;

const READS = ['session.get', 'session.usage', 'session.cost', 'session.list', 'session.estimate'] as const;
const OTHER_READS = ['workspace.list', 'package.list', 'key.list'] as const;

export interface ScriptOptions {
  readonly seed: number;
  readonly calls: number;
  readonly lanes: number;
  /** Sessions that each lane makes one after the other; it ends all but the last. */
  readonly sessions: number;
  /** Before every name. */
  readonly prefix: string;
}

/** The workspace in which a lane makes its sessions, with a volume that outlives them. */
export const laneWorkspace = (prefix: string, lane: number): string => `${prefix}-lane-${lane}`;

/** So many calls of all kinds by chance, in an order that a single client could make them. */
export const makeScript = (options: ScriptOptions): Lane[] => {
  const { seed, calls, lanes } = options;
  const drafts = Array.from({ length: lanes }, (_, lane) => draftLane(options, lane));
  const random = randomOf(seed, 'reads');
  // Reads fill up what is left: they change nothing that the steps around them need.
  for (let left = calls - drafts.reduce((sum, lane) => sum + lane.length, 0); left > 0; left--) {
    const lane = random.pick(drafts);
    const at = random.whole(1, lane.length);
    lane.splice(at, 0, readAfter(lane.slice(0, at), random.pick([...READS, ...OTHER_READS])));
  }
  let n = 0;
  return drafts.map((lane) => lane.map((step) => ({ n: n++, ...step }) as Step));
};

/** A read of what the steps before leave alive, or one that needs nothing. */
const readAfter = (before: readonly Bare[], op: (typeof READS | typeof OTHER_READS)[number]): Bare => {
  if (op !== 'session.get' && op !== 'session.usage' && op !== 'session.cost') return { op } as Bare;
  const last = before.findLast((step) => 'session' in step);
  if (last === undefined || !('session' in last) || last.op === 'session.delete') return { op: 'key.list' };
  return { op, session: last.session };
};

const draftLane = ({ seed, sessions, prefix }: ScriptOptions, lane: number): Bare[] => {
  const random = randomOf(seed, `lane ${lane}`);
  const workspace = laneWorkspace(prefix, lane);
  const steps: Bare[] = [{ op: 'workspace.create', workspace }];
  for (let i = 0; i < sessions; i++) {
    const name = `${prefix}-${lane}-${i}`;
    const session = name;
    steps.push({ op: 'session.create', session, workspace });
    const within: Bare[] = [
      { op: 'session.execute', session },
      { op: random.pick(COMMANDS), session },
      { op: random.pick(['session.get', 'session.update'] as const), session },
      ...(random.happens(0.7) ? [{ op: random.pick(COMMANDS), session } as const] : []),
    ];
    while (within.length > 0) steps.push(...within.splice(random.whole(0, within.length - 1), 1));
    if (random.happens(0.5)) {
      steps.push({ op: 'key.create', key: name });
      if (random.happens(0.8)) steps.push({ op: 'key.revoke', key: name });
    }
    if (random.happens(0.25)) {
      steps.push({ op: 'workspace.create', workspace: name });
      if (random.happens(0.5)) steps.push({ op: 'workspace.get', workspace: name });
      if (random.happens(0.8)) steps.push({ op: 'workspace.delete', workspace: name });
    }
    if (i < sessions - 1) steps.push({ op: 'session.delete', session });
  }
  return steps;
};
