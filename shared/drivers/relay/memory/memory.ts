import type { Duplex } from 'node:stream';
import type { Clock } from '#ports/clock.ts';
import {
  ChannelTaken,
  type Claim,
  type ClaimEnd,
  ConnectionLost,
  type DialledAgent,
  NotConnected,
  type Relay,
  RelayUnavailable,
} from '#ports/relay.ts';
import { connectionPair, type Pair } from './pair.ts';

const WINDOW_BYTES = 1024 * 1024;

interface Holder {
  readonly relay: object;
  readonly accept: (connection: Duplex) => void;
  readonly open: Set<Connection>;
  end(why: ClaimEnd): void;
}

interface Connection {
  readonly caller: object;
  readonly pair: Pair;
}

/** A session's channel: which agent may claim it, and which dial has it now. */
interface Channel {
  readonly generation: number;
  readonly execution: string;
  holder: Holder | null;
}

/** The state that the instances of one process share. */
export interface MemoryHub {
  readonly channels: Map<string, Channel>;
  /** Callbacks, by session, for the moment when an agent has claimed its channel. */
  readonly waiting: Map<string, Set<() => void>>;
}

export const createMemoryHub = (): MemoryHub => ({ channels: new Map(), waiting: new Map() });

export interface MemoryRelayOptions {
  readonly hub: MemoryHub;
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>;
  readonly window_bytes?: number;
}

/** The relay of a deployment with one process: it connects agents and callers in memory. */
export const memoryRelay = ({ hub, clock, window_bytes = WINDOW_BYTES }: MemoryRelayOptions): Relay => {
  const relay = {};
  /** Calls of this instance that wait for an agent. */
  const waits = new Set<() => void>();
  let closed = false;

  const assertOpen = (): void => {
    if (closed) throw new RelayUnavailable('this instance goes away');
  };

  /** Resolves when an agent has claimed the session's channel, the time is over, or this instance closes. */
  const claimed = async (session_id: string, ms: number, signal: AbortSignal | undefined): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const aborted = (): void => reject(signal?.reason);
    const timer = clock.timer(ms, resolve);
    const waiting = hub.waiting.get(session_id) ?? new Set();
    hub.waiting.set(session_id, waiting);
    waiting.add(resolve);
    waits.add(resolve);
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      await promise;
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', aborted);
      waits.delete(resolve);
      waiting.delete(resolve);
      if (waiting.size === 0 && hub.waiting.get(session_id) === waiting) hub.waiting.delete(session_id);
    }
  };

  const holderOf = async (session_id: string, wait_ms: number, signal?: AbortSignal): Promise<Holder> => {
    const end = clock.monotonic() + wait_ms;
    for (;;) {
      assertOpen();
      signal?.throwIfAborted();
      const holder = hub.channels.get(session_id)?.holder;
      if (holder) return holder;
      const left = end - clock.monotonic();
      if (left <= 0) throw new NotConnected(`the agent of ${session_id} is not connected`);
      await claimed(session_id, left, signal);
    }
  };

  const hold = (session_id: string, channel: Channel, accept: Holder['accept']): Claim => {
    const ended = Promise.withResolvers<ClaimEnd>();
    const holder: Holder = {
      relay,
      accept,
      open: new Set(),
      end: (why) => {
        // Releases only its own claim: a later dial keeps the channel.
        if (channel.holder === holder) channel.holder = null;
        for (const { pair } of holder.open) pair.lose(new ConnectionLost(`the agent’s connection was ${why}`));
        ended.resolve(why);
      },
    };
    channel.holder = holder;
    for (const wake of hub.waiting.get(session_id) ?? []) wake();
    return { ended: ended.promise, release: async () => holder.end('released') };
  };

  const claim: Relay['claim'] = async ({ session_id, generation, execution }: DialledAgent, accept) => {
    assertOpen();
    const now = hub.channels.get(session_id);
    const same = now?.generation === generation && now.execution === execution;
    if (now && !same && generation <= now.generation) {
      throw new ChannelTaken(`another execution has the channel of ${session_id}`);
    }
    now?.holder?.end('superseded');
    const channel: Channel = now && same ? now : { generation, execution, holder: null };
    hub.channels.set(session_id, channel);
    return hold(session_id, channel, accept);
  };

  return {
    window_bytes,
    claim,
    connect: async (session_id, { wait_ms = 0, signal } = {}) => {
      const holder = await holderOf(session_id, wait_ms, signal);
      const connection: Connection = { caller: relay, pair: connectionPair(window_bytes) };
      const { near, far } = connection.pair;
      holder.open.add(connection);
      for (const end of [near, far]) {
        end.once('close', () => {
          if (near.destroyed && far.destroyed) holder.open.delete(connection);
        });
      }
      try {
        holder.accept(far);
      } catch (error) {
        connection.pair.lose(new ConnectionLost('the connection was not accepted'));
        throw new RelayUnavailable('the connection was not accepted', { cause: error });
      }
      return near;
    },
    forget: async (session_id) => {
      hub.channels.get(session_id)?.holder?.end('forgotten');
      hub.channels.delete(session_id);
    },
    close: async () => {
      closed = true;
      for (const wake of waits) wake();
      for (const { holder } of hub.channels.values()) {
        if (holder?.relay === relay) holder.end('closed');
        for (const { caller, pair } of holder?.open ?? []) {
          if (caller === relay) pair.lose(new ConnectionLost('this instance goes away'));
        }
      }
    },
  };
};
