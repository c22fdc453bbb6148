/**
 * The test command. Runs the default suite, all projects, those that fit into a time, or the tests named by arguments
 * for Vitest.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { realBackends } from '../support/backends.ts';
import { judge, judgedText } from './again.ts';
import { type Ended, runNode } from './child.ts';
import { countsLine, type Outcome, sumOf } from './counts.ts';
import { COUNTS_FILE } from './counts-reporter.ts';
import { type Cost, costText, stopwatch } from './cpu.ts';
import { ownGround } from './own-ground.ts';
import { leftOut, leftOutText, paceOf, untimedText } from './plan.ts';
import { APART, DEFAULT, DEFAULT_SECONDS, DEPLOYED, type Project } from './projects.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const USAGE = `npm test                          the default suite
npm test -- FILE -t NAME          files and tests that match
npm test -- --project cloud       the acceptance suite on the deployment for Google Cloud
npm run test:all                  everything
npm test -- --minutes N           the default suite, then each other project that fits into N minutes; those that
                                  take longer than CI has are left out, and named
`;

interface Ran {
  readonly name: string;
  readonly outcome: Outcome;
  readonly cost: Cost;
  readonly interrupted: NodeJS.Signals | null;
}

/** Runs Vitest with its configuration unbundled, because a bundle would be written into node_modules. */
const vitest = async (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> => {
  const ground = await ownGround();
  const env = { ...process.env, TMPDIR: ground.folder, ...more };
  const ended = await runNode([VITEST, 'run', '--configLoader', 'native', ...args], ROOT, env);
  const left = await ground.clear();
  if (left > 0) console.error(`${left} processes of the tests were still running. They have been ended.`);
  return ended;
};

/** What a shell says of a program that this signal ended. */
const codeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** Says that a run was interrupted: tests that did not run have not failed. @returns the exit code */
const exitOf = ({ code, interrupted }: Ended): number => {
  if (interrupted === null) return code;
  console.error(`Interrupted by ${interrupted}: not all tests have run.`);
  return codeOf(interrupted);
};

/** What a run that broke off by itself has failed, also if no test did. */
const BROKEN: Outcome = {
  passed: 0,
  failed: 1,
  skipped: 0,
  failures: [{ project: '', file: '', test: '', error: 'The test runner ended before its tests.' }],
};
const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, failures: [] };

const run = async (name: string, args: readonly string[]): Promise<Ran> => {
  const folder = await mkdtemp(join(tmpdir(), 'onmemos-counts-'));
  const file = join(folder, 'counts.json');
  const read = stopwatch();
  try {
    const { code, interrupted } = await vitest(args, { [COUNTS_FILE]: file });
    const text = await readFile(file, 'utf8').catch(() => null);
    const counted = text === null ? NOTHING : (JSON.parse(text) as Outcome);
    const broke = code !== 0 && interrupted === null && counted.failed === 0;
    return { name, outcome: broke ? BROKEN : counted, cost: read(), interrupted };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const runProjects = (name: string, projects: readonly Project[]): Promise<Ran> =>
  run(
    name,
    projects.flatMap((project) => ['--project', project.name]),
  );

const table = (runs: readonly Ran[]): string => {
  const width = Math.max(...runs.map(({ name }) => name.length));
  const lines = runs.map(
    ({ name, outcome, cost }) => `  ${name.padEnd(width)}  ${costText(cost)}  ${countsLine(outcome)}`,
  );
  return [`Cost, at a load of ${(loadavg()[0] ?? 0).toFixed(1)}:`, ...lines].join('\n');
};

/** Those that can run here, and for which there is time. It notes why the others do not run. */
const runnable = async (
  projects: readonly Project[],
  seconds: number,
  notes: string[],
): Promise<readonly Project[]> => {
  const here: Project[] = [];
  for (const project of projects) {
    const missing = (await project.missing?.()) ?? null;
    if (missing !== null) notes.push(`Left out: ${project.name}. It needs: ${missing}`);
    else if (project.untimed && Number.isFinite(seconds)) notes.push(untimedText(project));
    else here.push(project);
  }
  return here;
};

/** Runs the default suite, then each further project that fits into the time left. @returns the exit code */
const suite = async (seconds: number, others: readonly Project[]): Promise<number> => {
  const end = performance.now() + seconds * 1000;
  const notes: string[] = [];
  const runs = [await runProjects('default', await runnable(DEFAULT, seconds, notes))];
  const pace = paceOf(runs[0]?.cost.seconds ?? 0, DEFAULT_SECONDS);
  for (const project of await runnable(others, seconds, notes)) {
    if (runs.some(({ interrupted }) => interrupted)) break;
    const left = (end - performance.now()) / 1000;
    const out = leftOut(project, pace, left);
    if (out) notes.push(leftOutText(out, left));
    else runs.push(await runProjects(project.name, [project]));
  }
  const interrupted = runs.find((one) => one.interrupted)?.interrupted ?? null;
  const sum = sumOf(runs.map(({ outcome }) => outcome));
  if (interrupted !== null) {
    console.log(['', table(runs), '', countsLine(sum)].join('\n'));
    return exitOf({ code: 1, interrupted });
  }
  const { table: backends, required } = await realBackends();
  const missing = required.map((name) => `REQUIRE_BACKENDS asks for what is missing here: ${name}`);
  const judged = await judge(
    runs.flatMap(({ outcome }) => outcome.failures),
    async (projects, files) => {
      const second = await run('again', [...projects.flatMap((name) => ['--project', name]), ...files]);
      return second.interrupted === null ? second.outcome : null;
    },
  );
  const counts = {
    passed: sum.passed + judged.unsteady.length,
    failed: judged.failed.length + missing.length,
    skipped: sum.skipped,
  };
  const lines = [backends, '', table(runs), '', ...judgedText(judged), ...notes, ...missing, countsLine(counts)];
  console.log(['', ...lines].join('\n'));
  return counts.failed === 0 ? 0 : 1;
};

const minutesOf = (text: string | undefined): number => {
  const minutes = Number(text);
  if (text === undefined || Number.isNaN(minutes)) {
    console.error(`--minutes takes a number, such as 60.\n\n${USAGE}`);
    process.exit(2);
  }
  return minutes;
};

const [first, second, ...more] = process.argv.slice(2);
if (first === '--help') console.log(USAGE);
else if (first === undefined) process.exitCode = await suite(0, []);
else if (first === '--all' && second === undefined) process.exitCode = await suite(Number.POSITIVE_INFINITY, APART);
else if (first === '--minutes' && more.length === 0) process.exitCode = await suite(minutesOf(second) * 60, APART);
else {
  const named = process.argv.slice(2);
  const own = named.some((arg) => arg.startsWith('--project')) ? [] : DEPLOYED.map(({ name }) => `--project=!${name}`);
  process.exitCode = exitOf(await vitest([...own, ...named]));
}
