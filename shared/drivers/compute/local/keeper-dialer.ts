import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { livingKeeper } from '#platform/keeper-identity.ts';
import { keeperFolder, SLOTS } from '#platform/keeper-folders.ts';
import { connectFrames, type FrameClient } from '#platform/protocol/client.ts';
import { VersionRefused } from '#platform/protocol/hello.ts';
import { findSocketPath } from '#platform/socket-path.ts';
import { ComputeUnavailable } from '#ports/compute.ts';
import { ExecError } from '#ports/exec.ts';
import { type KeeperHangs, keeperHangs } from './keeper-hangs.ts';
import { startFailure, type KeeperProcessOptions, startKeeper } from './keeper-process.ts';

/** For a keeper that hangs while it starts, which takes 40 ms on a quiet machine and seconds on a busy one. */
const START_LIMIT_MS = 90_000;
/** A keeper that runs answers the hello of a control connection within milliseconds. */
const HELLO_LIMIT_MS = 10_000;
const POLL_MS = 5;

/**
 * Connections to the data folder's keeper. Takes the first keeper that speaks one of our versions. If none does, it
 * starts one in the first free slot. Keepers of other versions are left alone.
 */
export class KeeperDialer {
  readonly #options: KeeperProcessOptions;
  /** The slot of the last connection. Others are not asked again: that would restart an old keeper's idle timer. */
  #slot: number | null = null;

  constructor(options: KeeperProcessOptions) {
    this.#options = options;
  }

  /**
   * For control, or for the execs of a session. A control connection has found the session's keeper before.
   * @throws ExecError, CallError when the keeper refuses; KeeperHangs; ComputeUnavailable when it can't be started
   */
  async connect(session?: string): Promise<FrameClient> {
    const { clock, dataDir } = this.#options;
    const end = clock.monotonic() + START_LIMIT_MS;
    let child: ChildProcess | null = null;
    let started = 0;
    for (;;) {
      const found = await this.#find(session);
      if (typeof found !== 'number') return found;
      const folder = keeperFolder(dataDir, found);
      if (clock.monotonic() > end) throw keeperHangs(folder, await livingKeeper(folder));
      // It exits with 0 if another keeper holds the slot. Any other code has a message for the operator.
      if (child?.exitCode) throw new ComputeUnavailable(await startFailure(folder));
      // If a keeper that was ending still held the slot, ours has exited: start another one.
      if (!child || child.exitCode !== null || child.signalCode !== null) {
        if (child) await clock.sleep(POLL_MS * 10);
        child = await startKeeper(this.#options, found);
        started = found;
      } else if (found > started) {
        throw new ComputeUnavailable(
          'The keeper on disk is of another version than this server. Start the server again.',
        );
      }
      await clock.sleep(POLL_MS);
    }
  }

  /** What to tell of the keeper that this dialer has found last, when it does not answer. */
  async hangs(): Promise<KeeperHangs> {
    const folder = keeperFolder(this.#options.dataDir, this.#slot ?? 1);
    return keeperHangs(folder, await livingKeeper(folder));
  }

  /**
   * A connection to a keeper that can be spoken to, or the slot for a new one. A keeper that hangs may be one that can
   * be spoken to: none is started beside it.
   */
  async #find(session: string | undefined): Promise<FrameClient | number> {
    const { dataDir } = this.#options;
    let free: number | null = null;
    let hanging: KeeperHangs | null = null;
    for (const slot of this.#slot === null ? SLOTS : [this.#slot, ...SLOTS]) {
      const folder = keeperFolder(dataDir, slot);
      const keeper = await livingKeeper(folder);
      if (keeper?.speakable === false) continue;
      const socket = await dial(await findSocketPath(folder));
      if (socket === 'none') {
        free ??= slot;
        continue;
      }
      try {
        const client = socket === 'full' ? 'silent' : await this.#greet(socket, session);
        if (client === 'silent') {
          hanging ??= keeperHangs(folder, await livingKeeper(folder));
          if (slot === this.#slot) throw hanging;
          continue;
        }
        this.#slot = slot;
        return client;
      } catch (error) {
        if (!isOtherVersion(error, session)) throw error;
      }
    }
    if (hanging) throw hanging;
    if (free !== null) return free;
    throw new ComputeUnavailable(
      `${SLOTS.length} keepers of other versions have sessions in ${dataDir}. Start again when one of them has ended.`,
    );
  }

  /** `silent` where the keeper does not answer. The hello of a session waits for its start, which has no limit here. */
  async #greet(socket: Socket, session: string | undefined): Promise<FrameClient | 'silent'> {
    const { clock } = this.#options;
    let silent = false;
    const limit =
      session === undefined
        ? clock.timer(HELLO_LIMIT_MS, () => {
            silent = true;
            socket.destroy();
          })
        : null;
    try {
      return await connectFrames(socket, { keepalive_ms: 0, ...(session === undefined ? {} : { session }) });
    } catch (error) {
      if (silent) return 'silent';
      throw error;
    } finally {
      limit?.cancel();
    }
  }
}

/** Keepers of earlier releases refuse a version with `invalid`. A control hello has no other field to refuse. */
const isOtherVersion = (error: unknown, session: string | undefined): boolean =>
  error instanceof VersionRefused || (session === undefined && error instanceof ExecError && error.code === 'invalid');

/** `none`: nobody listens there. `full`: a keeper does, and has accepted no connection for a long time. */
const dial = async (path: string): Promise<Socket | 'none' | 'full'> => {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.destroy();
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 'full' : 'none';
  }
};
