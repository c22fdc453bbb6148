import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, apiOf, ok } from '../../acceptance/support/api.ts';
import { type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import type { Executed, Session } from '../../acceptance/support/shapes.ts';
import { running } from '../../acceptance/support/world.ts';

const run = promisify(execFile);

/** Each asks a registry for one small answer, in a session and on this machine alike. */
const REGISTRIES = {
  apt: 'apt-get -qq update',
  pip: 'pip download -q --no-deps -d "$(mktemp -d)" idna',
  npm: 'npm view is-number version',
  go: 'PATH=$PATH:/usr/local/go/bin; cd "$(mktemp -d)" && go mod init probe && go mod download -json github.com/google/uuid@v1.6.0',
} as const;
type Registry = keyof typeof REGISTRIES;

export interface Job {
  readonly what: string;
  /** Lines of a shell; the first that fails ends it. */
  readonly lines: readonly string[];
  /** What it prints. */
  readonly prints: string | RegExp;
  readonly needs?: readonly Registry[];
  /** Programs of the machine without which it is skipped. */
  readonly programs?: readonly string[];
  /** Variables of the command. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * One session of a server of this machine, with a network, in which jobs run one after another, as a person would have
 * them run. A job whose registry neither the session nor this machine reaches is skipped with that reason; one that
 * this machine reaches and the session does not fails.
 */
export const workshop = (jobs: readonly Job[], image: object = { image_type: 'python' }): void => {
  let server: RunningServer;
  let api: Api;
  let session: Session;
  const lacks = new Map<Registry, Promise<string | null>>();
  beforeAll(async () => {
    server = await startServer();
    api = apiOf(server.url, server.key);
    session = await running(api, { user: 'me', resource_package: 'dev_large', ttl_minutes: 240, image_spec: image });
  });
  afterAll(async () => {
    if (server) await stopServer(server);
  });

  const execute = async (command: string, env: object = {}): Promise<Executed> =>
    ok(await api.post<Executed>(`/v1/sessions/${session.id}/execute`, { command, env, timeout: 3000 }));

  const ask = async (registry: Registry): Promise<string | null> => {
    const inside = await execute(REGISTRIES[registry]);
    if (inside.success) return null;
    try {
      await run('sh', ['-c', REGISTRIES[registry]], { timeout: 300_000 });
    } catch {
      return `${registry} can’t reach its registry: ${inside.stderr.trim().slice(-300)}`;
    }
    throw new Error(`this machine reaches the registry of ${registry}, and a session does not: ${inside.stderr}`);
  };
  /** Why a job can't be done here; null if it can. */
  const lackOf = async ({ needs = [], programs = [] }: Job): Promise<string | null> => {
    if (session.details['network'] === 'none') return 'sessions have no network here: apt-get install passt';
    for (const program of programs) {
      if (!(await execute(`PATH=$PATH:/usr/local/go/bin; command -v ${program}`)).success) {
        return `this machine has no ${program}`;
      }
    }
    for (const registry of needs) {
      const lack = lacks.get(registry) ?? ask(registry);
      lacks.set(registry, lack);
      const why = await lack;
      if (why !== null) return why;
    }
    return null;
  };

  it.for(jobs)('$what', async (job, { skip }) => {
    const why = await lackOf(job);
    if (why !== null) skip(why);
    const { returncode, stdout, stderr } = await execute(['set -e', ...job.lines].join('\n'), job.env);
    if (returncode !== 0) throw new Error(`ended with ${returncode}:\n${stdout}\n${stderr}`);
    expect(stdout).toEqual(typeof job.prints === 'string' ? job.prints : expect.stringMatching(job.prints));
  });
};

/** Installs packages of Debian without a question, and prints nothing. */
export const apt = (...packages: readonly string[]): string =>
  `DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages.join(' ')} > /tmp/apt.log 2>&1 || { cat /tmp/apt.log; false; }`;

/** Waits until a command succeeds. */
export const wait = (command: string): string =>
  `n=0; until ${command}; do n=$((n+1)); [ $n -lt 600 ] || { echo "never: ${command.replaceAll('"', "'")}"; exit 1; }; sleep 0.2; done`;
