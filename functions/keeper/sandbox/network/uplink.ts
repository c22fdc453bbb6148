import type { Clock } from '#ports/clock.ts';
import type { Logger } from '#ports/logger.ts';
import { type Cidr, hostText } from '#platform/cidr.ts';
import { launch } from '../launch/launcher.ts';
import { CLONE, type Step } from '../launch/plan.ts';
import type { Spawner } from '../launch/spawner.ts';
import { readText } from '../process/proc.ts';
import {
  type Addresses,
  addressesOf,
  freeRange,
  gatewayOf,
  hardwareAddress,
  namesOf,
  sandboxRange,
  sandboxNumbers,
} from './addresses.ts';
import { connected, hasDefaultRoute, hasVersion6 } from './connection.ts';
import { NETLINK, send } from './netlink.ts';
import { newFilter } from './nftables.ts';
import { type Pasta, startPasta } from './pasta.ts';
import { type NetworkPolicy, verdictsOf } from '#platform/network-policy.ts';
import { forwardedResolvConf, forwardersFor, hostResolvConf } from './resolvers.ts';
import { defaultRoute, linkRoute, newAddress, newCable, ownRange, takeUp } from './routing.ts';

/** What one sandbox may hold open: TCP connections, exchanges by UDP, pings. */
const FLOWS_PER_SANDBOX = 2048;
/** pasta uses 70 % of these for connections. It has room for 131,072. */
const OPEN_FILES = 262_144;
const OUTSIDE = 'uplink';
const SANDBOXES = 'box-';
const LOOPBACK = 1;
/** As large as pasta's own, so that a packet is never split on its way. */
const MTU = 65_520;
/** Numbers of interfaces that the kernel does not get to by itself. */
const INDEX_BASE = 0x10000;
/** In a sandbox: the loopback is 1. */
const INDEX_INSIDE = 2;

const AGAIN_AFTER_MS = 100;
const AGAIN_AT_MOST_MS = 10_000;
/** After that long pasta is not one that ends as soon as it starts. */
const STEADY_MS = 30_000;
const LOOK_MS = 5_000;

/** A sandbox's place in the uplink. */
export interface Attachment {
  /** Before the sandbox has a network namespace: a handle to the uplink. */
  readonly before: readonly Step[];
  /** In the new namespace, while processes are numbered as outside. */
  readonly after: readonly Step[];
  release(): void;
}

/** One network namespace between all sandboxes and the one pasta that connects it with the outside. */
export interface Uplink {
  /** Whether its namespace is there. */
  readonly usable: boolean;
  /** What a sandbox's resolver reads. */
  resolvConf(): string;
  attach(): Attachment;
  close(): Promise<void>;
}

export interface UplinkOptions {
  readonly spawner: Spawner;
  readonly pasta: string;
  readonly policy: NetworkPolicy;
  readonly clock: Clock;
  readonly log: Logger;
}

/** This kernel can't filter, so sandboxes must not share an uplink. */
export class FilterMissing extends Error {
  override readonly name = 'FilterMissing';
}

/**
 * @throws FilterMissing
 * @throws NetworkUnavailable when pasta can't connect it
 */
export const openUplink = async (options: UplinkOptions): Promise<Uplink> => {
  const { spawner, clock, log } = options;
  const range = freeRange();
  const names = namesOf(range);
  const both: readonly Cidr[] = [names.v4, names.v6];
  const verdicts = verdictsOf(options.policy, both);
  const holder = await launch(spawner);
  const failed = async (error: unknown): Promise<Error> => {
    holder.kill();
    await holder.ended;
    return error instanceof Error ? error : new Error(String(error));
  };
  const filter = { outside: OUTSIDE, sandboxes: SANDBOXES, verdicts, flows: FLOWS_PER_SANDBOX };
  try {
    holder.feed(holderSteps(range, filter));
    await holder.reached('held');
  } catch (error) {
    throw new FilterMissing((await failed(error)).message);
  }
  const { pid } = holder.init();

  let current: Pasta | null = null;
  let closing = false;
  let servers = hostResolvConf();
  const start = (): Pasta => {
    servers = hostResolvConf();
    const pasta = startPasta({
      program: options.pasta,
      pid,
      ownUserNamespace: false,
      interface: OUTSIDE,
      names: both.map(hostText),
      openFiles: mayRaiseLimits() ? OPEN_FILES : null,
    });
    current = pasta;
    return pasta;
  };
  const keep = async (first: Pasta): Promise<void> => {
    let wait = AGAIN_AFTER_MS;
    for (let pasta = first; ; pasta = start()) {
      const since = clock.monotonic();
      const said = await pasta.ended;
      if (closing) return;
      wait = clock.monotonic() - since > STEADY_MS ? AGAIN_AFTER_MS : Math.min(wait * 2, AGAIN_AT_MOST_MS);
      log.warn({ said }, 'pasta, the network of all sessions, ended and is started again');
      await clock.sleep(wait);
      if (closing) return;
    }
  };
  try {
    const first = start();
    await connected(first, pid, clock);
    void keep(first);
  } catch (error) {
    (current as Pasta | null)?.kill();
    throw await failed(error);
  }
  let gone = false;
  void holder.ended.then(() => {
    gone = true;
    closing = true;
    current?.kill();
  });
  // pasta reads the host's resolvers only once. A machine that changes its network has other ones.
  const look = (): void => {
    if (closing) return;
    if (current && hostResolvConf() !== servers) {
      log.info({}, 'the name servers of this machine have changed, so pasta is started again');
      current.kill();
    }
    clock.timer(LOOK_MS, look);
  };
  clock.timer(LOOK_MS, look);

  const version6 = hasVersion6() && hasDefaultRoute(pid, 6);
  const numbers = sandboxNumbers();
  return {
    get usable() {
      return !gone;
    },
    resolvConf: () => forwardedResolvConf(forwardersFor(names)),
    attach: () => {
      const number = numbers.take();
      return { ...attachment(range, number, pid, version6), release: () => numbers.free(number) };
    },
    close: async () => {
      closing = true;
      current?.kill();
      holder.kill();
      await holder.ended;
    },
  };
};

/** The namespace, with its filter, held by a process that does nothing else. */
const holderSteps = (range: Addresses, filter: Parameters<typeof newFilter>[0]): readonly Step[] => {
  const { v4, v6 } = gatewayOf(range);
  const all = sandboxRange(range);
  const six = hasVersion6();
  const sysctl = (path: string, value: string): Step => ['write', `/proc/sys/net/${path}`, value];
  const maybe = (path: string, value: string): Step => ['?write', `/proc/sys/net/${path}`, value];
  return [
    ['closed'],
    ['pdeathsig'],
    ['unshare', CLONE.NEWNET],
    ['loopback'],
    ['socket', 'filter', NETLINK.NETFILTER],
    send('filter', newFilter(filter)),
    ['socket', 'routing', NETLINK.ROUTE],
    send('routing', [
      newAddress(v4, LOOPBACK),
      ownRange(all.v4, LOOPBACK),
      ...(six ? [newAddress(v6, LOOPBACK), ownRange(all.v6, LOOPBACK)] : []),
    ]),
    ['hang_up'],
    sysctl('ipv4/ip_forward', '1'),
    // An answer that says "closed" is never held back.
    maybe('ipv4/icmp_ratelimit', '0'),
    maybe('ipv6/icmp/ratelimit', '0'),
    maybe('ipv4/conf/all/accept_redirects', '0'),
    maybe('ipv4/conf/all/send_redirects', '0'),
    maybe('ipv4/conf/default/send_redirects', '0'),
    ...(six ? [maybe('ipv6/conf/all/forwarding', '1'), maybe('ipv6/conf/all/accept_ra', '0')] : []),
    // A connection that is not known is refused, not taken up in its middle.
    maybe('netfilter/nf_conntrack_tcp_loose', '0'),
    // A question for a name counts as open for that long.
    maybe('netfilter/nf_conntrack_udp_timeout', '10'),
    ['fork'],
    ['pdeathsig'],
    ['?write', '/proc/self/oom_score_adj', '-900'],
    ['say', 'held'],
    ['init', '/usr/bin/sleep', '2147483647'],
  ];
};

/** A cable between the new namespace and the uplink, with an address and a default route on each family. */
const attachment = (
  range: Addresses,
  number: number,
  holder: number,
  version6: boolean,
): Omit<Attachment, 'release'> => {
  const own = addressesOf(range, number);
  const gateway = gatewayOf(range);
  const index = INDEX_BASE + number;
  return {
    before: [
      ['network', `/proc/${holder}/ns/net`],
      ['socket', 'uplink', NETLINK.ROUTE],
    ],
    after: [
      ['socket', 'own', NETLINK.ROUTE],
      send('own', [
        newCable({
          hardware: hardwareAddress(number),
          mtu: MTU,
          near: { name: 'eth0', index: INDEX_INSIDE },
          far: { name: `${SANDBOXES}${number}`, index, pid: holder },
        }),
        newAddress(own.v4, INDEX_INSIDE),
        defaultRoute(gateway.v4, INDEX_INSIDE),
        ...(version6 ? [newAddress(own.v6, INDEX_INSIDE), defaultRoute(gateway.v6, INDEX_INSIDE)] : []),
      ]),
      send('uplink', [takeUp(index), linkRoute(own.v4, index), ...(version6 ? [linkRoute(own.v6, index)] : [])]),
      ['hang_up'],
    ],
  };
};

const CAP_SYS_RESOURCE = 24n;
const mayRaiseLimits = (): boolean => {
  const mask = /^CapEff:\s+([0-9a-f]+)$/m.exec(readText('/proc/self/status'))?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
};
