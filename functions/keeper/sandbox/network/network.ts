import type { Cidr } from '#platform/cidr.ts';
import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import type { Launch } from '../launch/launcher.ts';
import type { Spawner } from '../launch/spawner.ts';
import { freeRange, namesOf } from './addresses.ts';
import { NetworkUnavailable } from './choose.ts';
import { type Connection, connectNetwork } from './connection.ts';
import { type NetworkPolicy, verdictsOf } from '#platform/network-policy.ts';
import { forwardedResolvConf, forwardersFor } from './resolvers.ts';
import { type Attachment, FilterMissing, openUplink, type Uplink } from './uplink.ts';

/** How sandboxes get a network. */
export interface Network {
  readonly kind: 'own' | 'host' | 'none';
  /** What a sandbox that is about to be made needs for a network of its own. @throws NetworkUnavailable */
  link(level: 'full' | 'user'): Promise<Link>;
  close(): Promise<void>;
}

/** One sandbox's network. */
export interface Link {
  readonly resolvConf: string;
  readonly attach: Pick<Attachment, 'before' | 'after'> | null;
  /** Once the sandbox waits. @throws NetworkUnavailable */
  connect(sandbox: Launch): Promise<void>;
  /** Safe to repeat. */
  close(): void;
}

export interface NetworkOptions {
  readonly kind: 'own' | 'host' | 'none';
  readonly pasta: string | null;
  readonly spawner: Spawner | null;
  readonly policy: NetworkPolicy;
  readonly clock: Clock;
  readonly log: Logger;
}

const refused = (): Promise<never> => Promise.reject(new NetworkUnavailable('pasta is not installed'));

export const withoutNetwork: Network = { kind: 'none', link: refused, close: () => Promise.resolve() };

/**
 * At `full` all sandboxes share one uplink. At `user`, whose keeper may not make its devices, and on a kernel that
 * can't filter, each has a pasta of its own.
 */
export const openNetwork = (options: NetworkOptions): Network => {
  const { kind, pasta, spawner, policy, clock, log } = options;
  if (kind !== 'own' || pasta === null || spawner === null) return { ...withoutNetwork, kind };
  let opening: Promise<Uplink | null> | null = null;
  const open = (): Promise<Uplink | null> =>
    openUplink({ spawner, pasta, policy, clock, log }).catch((error: unknown) => {
      if (!(error instanceof FilterMissing)) throw error;
      log.warn({ why: error.message }, 'sandboxes can not share an uplink here; each gets a pasta of its own');
      return null;
    });
  const uplink = async (): Promise<Uplink | null> => {
    const before = opening;
    const known = await before?.catch(() => undefined);
    if (known === null || known?.usable) return known;
    // The first that finds it missing opens it again.
    if (opening === before) opening = open();
    return opening;
  };
  const names = namesOf(freeRange());
  const both: readonly Cidr[] = [names.v4, names.v6];
  const ownPasta = (level: 'full' | 'user'): Link => {
    let connection: Connection | null = null;
    return {
      resolvConf: forwardedResolvConf(forwardersFor(names)),
      attach: null,
      connect: async (sandbox) => {
        connection = await connectNetwork({
          program: pasta,
          sandbox,
          ownUserNamespace: level === 'user',
          names: both,
          verdicts: verdictsOf(policy, both),
          clock,
        });
      },
      close: () => connection?.close(),
    };
  };
  return {
    kind,
    link: async (level) => {
      const shared = level === 'full' ? await uplink() : null;
      if (shared === null) return ownPasta(level);
      const { before, after, release } = shared.attach();
      return {
        resolvConf: shared.resolvConf(),
        attach: { before, after },
        connect: () => Promise.resolve(),
        close: release,
      };
    },
    close: async () => {
      const shared = await opening?.catch(() => null);
      await shared?.close();
    },
  };
};
