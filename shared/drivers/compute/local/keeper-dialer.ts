import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { keeperFolder, SLOTS } from '#platform/keeper-folders.ts';
import { connectFrames, type FrameClient } from '#platform/protocol/client.ts';
import { VersionRefused } from '#platform/protocol/hello.ts';
import { findSocketPath } from '#platform/socket-path.ts';
import { ComputeUnavailable } from '#ports/compute.ts';
import { ExecError } from '#ports/exec.ts';
import { complaint, type KeeperProcessOptions, startKeeper } from './keeper-process.ts';

/** For a keeper that hangs. A start takes 40 ms on a quiet machine, and seconds where many processes compete. */
const START_LIMIT_MS = 90_000;
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
   * For control, or for the execs of a session, whose keeper a control connection has found before.
   * @throws ExecError, CallError when the keeper refuses; ComputeUnavailable when it can't be started
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
      if (clock.monotonic() > end) {
        throw new ComputeUnavailable(`the keeper of ${dataDir} does not answer; see ${join(folder, 'keeper.log')}`);
      }
      // It exits with 0 if another keeper holds the slot. Any other code has a message for the operator.
      if (child?.exitCode) throw new ComputeUnavailable(await complaint(folder));
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

  /** A connection to a keeper that can be spoken to, or the slot for a new one. */
  async #find(session: string | undefined): Promise<FrameClient | number> {
    const { dataDir } = this.#options;
    let free: number | null = null;
    for (const slot of this.#slot === null ? SLOTS : [this.#slot, ...SLOTS]) {
      const socket = await dial(await findSocketPath(keeperFolder(dataDir, slot)));
      if (!socket) {
        free ??= slot;
        continue;
      }
      try {
        const client = await connectFrames(socket, { keepalive_ms: 0, ...(session === undefined ? {} : { session }) });
        this.#slot = slot;
        return client;
      } catch (error) {
        if (!isOtherVersion(error, session)) throw error;
      }
    }
    if (free !== null) return free;
    throw new ComputeUnavailable(
      `${SLOTS.length} keepers of other versions have sessions in ${dataDir}. Start again when one of them has ended.`,
    );
  }
}

/** Keepers of earlier releases refuse a version with `invalid`. A control hello has no other field to refuse. */
const isOtherVersion = (error: unknown, session: string | undefined): boolean =>
  error instanceof VersionRefused || (session === undefined && error instanceof ExecError && error.code === 'invalid');

const dial = async (path: string): Promise<Socket | null> => {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    socket.destroy();
    return null;
  }
};
