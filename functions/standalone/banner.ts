import type { CheckStep } from './self-check.ts';
import type { Unreachable } from './unreachable.ts';

const LABEL_WIDTH = 9;
/** Of the longest step of the self-check. */
const STEP_WIDTH = 16;

const row = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}  ${text}`;

/** The first line of a start. */
export const opening = (version: string, dataDir: string): string =>
  [`OnMemOS ${version} is starting`, row('data', dataDir)].join('\n');

export interface Machine {
  readonly keyPath: string;
  readonly keyMade: boolean;
  readonly isolation: string;
  readonly network: string;
  /** Why it isn't stronger, and why sessions lack something, a sentence each. */
  readonly notes: readonly string[];
  readonly resumed: number;
  /** Those that this server can't reach until they end. */
  readonly unreachable: readonly Unreachable[];
}

/** What the start found on this machine. */
export const machineText = (machine: Machine): string => {
  const { keyPath, keyMade, isolation, network, notes, resumed, unreachable } = machine;
  return [
    row('admin key', `${keyPath}${keyMade ? ' (made now)' : ''}`),
    row('isolation', `${isolation}, network ${network}`),
    ...notes.map((note) => row('', note)),
    ...(isolation === 'none'
      ? [row('', 'Sessions are plain processes of this user: run nothing here that you would not run yourself.')]
      : []),
    ...(resumed > 0 ? [row('sessions', `${resumed} of an earlier server continue`)] : []),
    ...unreachableRows(unreachable),
  ].join('\n');
};

const unreachableRows = (sessions: readonly Unreachable[]): readonly string[] => {
  if (sessions.length === 0) return [];
  return [
    row('sessions', `${sessions.length} belong to a keeper of another version and can’t be reached until they end:`),
    ...sessions.map(({ id, ends_at }) => row('', `${id} ends by ${ends_at ?? 'itself'}`)),
  ];
};

/** One step of the self-check, printed as soon as it is done. */
export const stepText = ({ step, ms, found }: CheckStep): string =>
  row('check', `${step.padEnd(STEP_WIDTH)}  ${ms.toFixed(1).padStart(7)} ms  ${found}`);

/** The last lines of a start: where it serves and what to do next. The lines to paste work as they are. */
export const closing = (version: string, url: string, keyPath: string): string => {
  const quoted = `'${keyPath.replaceAll("'", `'\\''`)}'`;
  return [
    `OnMemOS ${version} serves at ${url}`,
    '',
    'Paste next:',
    `  export ONMEMOS_BASE_URL=${url} ONMEMOS_USER=me ONMEMOS_API_KEY="$(cat ${quoted})"`,
    `  curl -s -H "X-API-Key: $ONMEMOS_API_KEY" -H 'Content-Type: application/json' -d '{"user":"me","resource_package":"dev_small","ttl_minutes":10}' "$ONMEMOS_BASE_URL/v1/sessions?wait=30"`,
    `  # every call, to read and to try: ${url}/docs`,
    '',
  ].join('\n');
};
