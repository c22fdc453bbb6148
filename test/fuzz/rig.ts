import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keeperPids, type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { remainsOf as remainsOfFolder } from '../chaos/orphans.ts';
import { type Home, makeHome } from '../sdk/cli/support/cli.ts';
import { Api } from './api.ts';
import { type Driver, startDriver } from './driver-program.ts';
import { MomentProxy } from './proxy.ts';
import type { Client } from './plan.ts';
import { lines, printingCommand, type Traits } from './sdk-verbs.ts';

/** After so many points the session that all use is replaced: the list of its commands has become long. */
const POINTS_A_SESSION = 50;

/** A server of its own with a proxy before it, and the clients that use it. */
export class Rig {
  readonly folder: string;
  readonly proxy: MomentProxy;
  readonly home: Home;
  api: Api;
  #server: RunningServer;
  #keepers: readonly number[];
  readonly #drivers = new Map<Client, Driver>();
  #session: string | null = null;
  #points = 0;
  /** When the server last came back, by the monotonic clock. */
  backAt = 0;
  readonly printed: string[] = [];

  private constructor(
    server: RunningServer,
    proxy: MomentProxy,
    home: Home,
    keepers: readonly number[],
    folder: string,
  ) {
    this.#server = server;
    this.proxy = proxy;
    this.home = home;
    this.#keepers = keepers;
    this.folder = folder;
    this.api = new Api(server.url, server.key);
  }

  static async start(isolation: string): Promise<Rig> {
    const server = await startServer({ env: { ONMEMOS_ISOLATION: isolation } });
    const proxy = new MomentProxy(server.url);
    await proxy.listen();
    const env = { ONMEMOS_BASE_URL: proxy.url, ONMEMOS_API_KEY: server.key, ONMEMOS_USER: 'fuzz' };
    const folder = await mkdtemp(join(tmpdir(), 'onmemos-fuzz-'));
    const rig = new Rig(server, proxy, await makeHome(env), [], folder);
    await rig.api.call('PUT', '/v1/users/fuzz', { user_type: 'admin' });
    await rig.session();
    rig.#keepers = await keeperPids(server.dataDir);
    return rig;
  }

  /** The session in which commands run. */
  async session(): Promise<string> {
    if (this.#points++ % POINTS_A_SESSION === 0) {
      const old = this.#session;
      this.#session = await this.api.createSession('shared', 60);
      if (old !== null) await this.api.call('POST', `/v1/sessions/${old}/force-delete`);
    }
    return this.#session ?? '';
  }

  /** What a verb needs before it begins. @returns its id */
  async prepare({ needs }: Traits, session: string, mark: string): Promise<string> {
    if (needs === 'session') return this.api.createSession(mark, 5);
    if (needs === 'printing') return this.api.start(session, printingCommand(mark));
    if (needs === 'waiting') return this.api.start(session, `sleep 60; : ${mark}`);
    if (needs === 'file') {
      await writeFile(join(this.folder, `${mark}.in`), lines(mark));
      await this.api.execute(session, `seq -f '${mark}-%05g' 1 3000 > ${mark}.out`);
    }
    return '';
  }

  async driver(client: Exclude<Client, 'cli'>): Promise<Driver> {
    const known = this.#drivers.get(client);
    if (known !== undefined && !known.hasEnded) return known;
    const driver = await startDriver(client, this.home.env);
    this.#drivers.set(client, driver);
    return driver;
  }

  /** Ends the server, and starts one on the same folder and port. The keeper goes on. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<void> {
    const { child, dataDir, url } = this.#server;
    child.kill(signal);
    await this.#server.ended;
    await this.proxy.close();
    this.printed.push(this.#server.printed());
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    const env = { ONMEMOS_PORT: new URL(url).port };
    this.#server = await startServer({ dataDir, env });
    await this.proxy.listen();
    this.backAt = performance.now();
  }

  /** Whether the keeper is the one that was there at first. */
  async keeperIsSame(): Promise<boolean> {
    const now = await keeperPids(this.#server.dataDir);
    return now.join() === this.#keepers.join();
  }

  /** Ends everything. @returns what was left on the machine before, once all sessions had ended */
  async stop(): Promise<readonly string[]> {
    for (const driver of this.#drivers.values()) driver.end();
    const left: string[] = [];
    const all = await this.api.items('/v1/sessions');
    for (const { id, status, labels } of all) {
      if (status !== 'running' && status !== 'creating') continue;
      const mark = String((labels as Record<string, unknown>)['mark']);
      if (mark !== 'shared') left.push(`session ${String(id)} of ${mark} was left`);
      await this.api.call('POST', `/v1/sessions/${String(id)}/force-delete?wait=20`);
    }
    const { dataDir, child } = this.#server;
    const known = [child.pid ?? null, ...(await keeperPids(dataDir))];
    for (let tick = 0; ; tick++) {
      const { processes, groups } = remainsOfFolder(dataDir, known);
      // The keeper keeps sandboxes at hand, which belong to nobody yet.
      const ours = processes.filter(({ command }) => /fz\w+-|seq |cat|sleep/.test(command));
      if (ours.length === 0) break;
      if (tick > 40) {
        left.push(...ours.map(({ pid, command }) => `process ${pid} was left: ${command}`));
        left.push(...(groups.length > 0 ? [`control groups: ${groups.join(' ')}`] : []));
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    this.printed.push(this.#server.printed());
    await this.proxy.close();
    await stopServer(this.#server);
    await this.home.remove();
    await rm(this.folder, { recursive: true, force: true });
    return left;
  }
}
