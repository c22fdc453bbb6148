import { readFile } from 'node:fs/promises';
import type { Api } from './api.ts';
import { CLI_VERBS, type Scene } from './cli-verbs.ts';
import type { Doing, Outcome } from './perform.ts';
import { givesUp, type Point } from './plan.ts';
import { lines, SDK_VERBS } from './sdk-verbs.ts';

/** The codes that a shell shows of a program that was ended so. */
const CODES: Readonly<Record<string, readonly number[]>> = {
  int: [130, 0],
  'int-twice': [130, 0],
  term: [143, 0],
  hup: [129, 0],
  stdout: [141, 0],
  cancel: [0],
};
const NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGKILL: 9 };

const short = (text: string): string => (text.length > 240 ? `${text.slice(0, 120)} … ${text.slice(-120)}` : text);

const codeOf = ({ exit }: Outcome): number | null =>
  exit === null ? null : (exit.code ?? 128 + (NUMBERS[exit.signal ?? ''] ?? 0));

/** What differs, for people; null where it is the same. */
const difference = (got: string, wanted: string, mark: string): string | null => {
  if (got === wanted) return null;
  const other = got.match(/fz[0-9a-z]+x/g)?.find((one) => one !== mark);
  if (other !== undefined) return `output of another: ${other}`;
  let at = 0;
  while (at < got.length && got[at] === wanted[at]) at++;
  return `output differs at byte ${at} of ${wanted.length} (${got.length} came): ${JSON.stringify(short(got.slice(at)))}`;
};

const judgeCli = async (point: Point, doing: Doing, outcome: Outcome, scene: Scene, api: Api): Promise<string[]> => {
  const verb = CLI_VERBS[point.verb] as (typeof CLI_VERBS)[string];
  const found: string[] = [];
  const code = codeOf(outcome);
  const gaveUp = doing !== 'none' && givesUp(doing);
  const allowed = doing === 'kill' ? [137, 0] : gaveUp ? (CODES[doing] ?? []) : [0];
  if (code === null || !allowed.includes(code)) {
    found.push(`it ended with ${code}, not ${allowed.join(' or ')}: ${short(outcome.stderr)}`);
  }
  const wanted = verb.stdout(scene.mark);
  const { stdout } = outcome;
  if (typeof wanted === 'string') {
    const expected = gaveUp && (code !== 0 || doing === 'stdout') ? wanted.slice(0, stdout.length) : wanted;
    const differs = difference(stdout, expected, scene.mark);
    if (differs !== null) found.push(differs);
  } else if (!wanted.test(stdout) && !(gaveUp && (code !== 0 || doing === 'stdout'))) {
    found.push(`it printed ${JSON.stringify(short(stdout))}`);
  }
  const path = verb.writes?.(scene);
  if (path !== undefined && code === 0) {
    const text = path.startsWith('session:')
      ? await api.execute(scene.session, `cat ${path.slice('session:'.length)}`)
      : await readFile(path, 'utf8').catch(() => 'no file');
    const differs = difference(text, lines(scene.mark), scene.mark);
    if (differs !== null) found.push(`copy: ${differs}`);
  }
  return found;
};

const judgeSdk = (point: Point, doing: Doing, outcome: Outcome, mark: string): string[] => {
  const verb = SDK_VERBS[point.verb] as (typeof SDK_VERBS)[string];
  const { event } = outcome;
  const found: string[] = [];
  if (event?.event === 'done') {
    const differs = difference(event.output ?? '', verb.output(mark), mark);
    if (differs !== null) found.push(differs);
  }
  const breaks = doing.startsWith('cut') || doing.startsWith('restart');
  if (event?.event === 'failed' && !(verb.mayBreak && breaks && event.error?.startsWith('ConnectionFailed'))) {
    found.push(`it failed: ${event.error}`);
  }
  if (doing === 'none' || !givesUp(doing)) {
    if (event?.event === 'cancelled') found.push('it was cancelled, though nobody asked for it');
    if (outcome.exit !== null) found.push(`its program ended: ${short(outcome.stderr)}`);
    return found;
  }
  if (doing === 'cancel') {
    if (outcome.exit !== null) found.push(`its program ended: ${short(outcome.stderr)}`);
    return found;
  }
  const code = codeOf(outcome);
  const allowed = doing === 'kill' ? [137] : (CODES[doing] ?? []).filter((one) => one !== 0);
  if (outcome.fired && (code === null || !allowed.includes(code))) {
    found.push(`its program ended with ${code}, not ${allowed.join(' or ')}: ${short(outcome.stderr)}`);
  }
  return found;
};

/** What of a client's outcome is not as it is promised. */
export const judge = async (
  point: Point,
  doing: Doing,
  outcome: Outcome,
  scene: Scene,
  api: Api,
): Promise<readonly string[]> => {
  const found: string[] = [];
  if (outcome.internal > 0) found.push(`${outcome.internal} answers with status 500`);
  if (outcome.hangs) return [...found, 'it hangs'];
  const more =
    point.client === 'cli'
      ? await judgeCli(point, doing, outcome, scene, api)
      : judgeSdk(point, doing, outcome, scene.mark);
  return [...found, ...more];
};
