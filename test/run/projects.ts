import { emulatorMissing } from '../support/firestore-emulator.ts';

/** A part of the suite, and its duration on a quiet machine with two cores. */
export interface Project {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** A file that Vitest runs once before the tests of this project. */
  readonly globalSetup?: string;
  /** Why only `npm run test:all` runs this project. Without a reason `npm test` runs it too. */
  readonly apart?: string;
  /** Wall-clock seconds of the last run on a quiet machine, for CI's time plan. */
  readonly seconds?: number;
  /** Whether it has no share in CI's hour: only `npm run test:all` and its name run it. */
  readonly untimed?: true;
  /** What it can't do without and is missing here: the command that installs it. null: nothing is missing. */
  readonly missing?: () => Promise<string | null>;
}

/** Tests that wait for intended delays, or for as much data as it takes to see that nothing grows with it. */
const WAITING = [
  'test/acceptance/waiting.test.ts',
  'test/process/cloud/killed-lock.test.ts',
  'test/process/embedded.test.ts',
  'test/process/server-ended.test.ts',
  'test/sdk/cli/cp-large.test.ts',
  'test/sdk/cli/embedded.test.ts',
  'test/sdk/streams-large.test.ts',
];
/** Tests that install packages from the registries, each into a new folder. */
const DOWNLOADING = [
  'test/docs/pages.test.ts',
  'test/docs/reference.test.ts',
  'test/sdk/faults.test.ts',
  'test/sdk/faults-output.test.ts',
  'test/sdk/pack.test.ts',
  'test/sdk/python-notebook.test.ts',
  'test/sdk/python.test.ts',
  'test/sdk/quick-reference.test.ts',
  'test/sdk/typescript.test.ts',
  'test/sdk/typescript-surface.test.ts',
];
/** Services, browsers and builds in sessions, with what the registries have for them. */
const WORKING = ['test/work/**/*.test.ts'];
/** Tests of the agent that compile everything for another processor and the race detector, or repeat what the rest has. */
const AGENT_APART = ['test/agent/attach.test.ts', 'test/agent/builds.test.ts'];
const INSTALLING = ['test/install/**/*.test.ts'];

/** Of the acceptance suite, for each further deployment. */
const SMOKE = [
  'test/acceptance/idempotency.test.ts',
  'test/acceptance/keys.test.ts',
  'test/acceptance/lifecycle.test.ts',
  'test/acceptance/v2-create.test.ts',
];
/** The acceptance suite on the deployment for Google Cloud. */
const ON_CLOUD = { globalSetup: './test/cloud-local/vitest.global-setup.ts', missing: emulatorMissing } as const;

/** In the order in which they run. */
export const PROJECTS: readonly Project[] = [
  { name: 'architecture', include: ['test/architecture/**/*.test.ts'] },
  { name: 'unit', include: ['shared/**/*.test.ts', 'functions/**/*.test.ts', 'test/run/**/*.test.ts'] },
  { name: 'conformance', include: ['test/conformance/**/*.test.ts'] },
  { name: 'agent', include: ['test/agent/**/*.test.ts'], exclude: AGENT_APART },
  { name: 'inside', include: ['test/inside/**/*.test.ts'] },
  { name: 'api', include: ['test/api/**/*.test.ts'] },
  { name: 'simulation', include: ['test/simulation/**/*.test.ts'] },
  {
    name: 'acceptance',
    include: ['test/acceptance/**/*.test.ts'],
    exclude: WAITING,
    globalSetup: './test/acceptance/vitest.global-setup.ts',
  },
  { name: 'cloud-smoke', include: SMOKE, ...ON_CLOUD },
  { name: 'process', include: ['test/process/**/*.test.ts'], exclude: WAITING },
  { name: 'sdk', include: ['sdk/**/*.test.ts', 'test/sdk/**/*.test.ts'], exclude: [...WAITING, ...DOWNLOADING] },
  { name: 'docs', include: ['test/docs/**/*.test.ts'], exclude: DOWNLOADING },
  { name: 'escapes', include: ['test/escapes/**/*.test.ts'], apart: 'tries every attack at every level', seconds: 90 },
  {
    name: 'downloads',
    include: [...DOWNLOADING, ...WORKING],
    apart: 'installs packages, several Pythons and Nodes, Deno and Bun, services, a browser and compilers',
    seconds: 330,
  },
  {
    name: 'agent-apart',
    include: AGENT_APART,
    apart:
      'builds the agent for every processor, runs its tests under the race detector, and the exec contract by attach',
    seconds: 150,
    untimed: true,
  },
  {
    name: 'waits',
    include: WAITING,
    globalSetup: './test/acceptance/vitest.global-setup.ts',
    apart: 'waits for times to live and idle times, and moves gigabytes',
    seconds: 260,
  },
  {
    name: 'cloud',
    include: ['test/acceptance/**/*.test.ts'],
    exclude: [...WAITING, ...SMOKE],
    ...ON_CLOUD,
    apart: 'runs the acceptance suite on the deployment for Google Cloud',
    seconds: 180,
    untimed: true,
  },
  { name: 'install', include: INSTALLING, apart: 'installs with old npm and Node, on a bare Debian', seconds: 300 },
  {
    name: 'disasters',
    include: ['test/disasters/**/*.test.ts'],
    apart: 'kills functions in the middle of their steps, and takes away what they call for as long as a sweep takes',
    seconds: 200,
    untimed: true,
  },
];

/** The projects of `npm test`. */
export const DEFAULT = PROJECTS.filter(({ apart }) => apart === undefined);
/** The further projects of `npm run test:all`. */
export const APART = PROJECTS.filter(({ apart }) => apart !== undefined);
/** Those of them that `npm test -- --minutes N` runs, as far as they fit. */
export const TIMED = APART.filter(({ untimed }) => untimed !== true);
/** Those that it leaves out. */
export const UNTIMED = APART.filter(({ untimed }) => untimed === true);
/** Those on a further deployment, which the name of a file alone does not select. */
export const DEPLOYED = PROJECTS.filter(({ missing }) => missing !== undefined);
/** Wall-clock seconds of `npm test` on a quiet machine. */
export const DEFAULT_SECONDS = 780;
