import type { Cidr } from '#platform/cidr.ts';
import { attribute, bytes, CREATE, EXCLUSIVE, type Message, message, nested, text, u16, u32 } from './netlink.ts';
import type { Verdict } from '#platform/network-policy.ts';

/** Links, addresses, routes and rules of routing. */
const NEW = { LINK: 16, ADDRESS: 20, ROUTE: 24, RULE: 32 } as const;
const LINK = { ADDRESS: 1, IFNAME: 3, MTU: 4, LINKINFO: 18, NET_NS_PID: 19 } as const;
const LINKINFO = { KIND: 1, DATA: 2 } as const;
const VETH_PEER = 1;
const ADDRESS = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const;
const ROUTE = { DST: 1, OIF: 4, GATEWAY: 5 } as const;
const RULE = { DST: 1, PRIORITY: 6, PROTOCOL: 22, PORTS: 24 } as const;

const FAMILY = { 4: 2, 6: 10 } as const;
const TABLE_MAIN = 254;
const PROTOCOL_STATIC = 4;
const SCOPE = { UNIVERSE: 0, LINK: 253, HOST: 254 } as const;
const ROUTE_TYPE = { UNICAST: 1, LOCAL: 2 } as const;
const ACTION = { TO_TABLE: 1, PROHIBIT: 8 } as const;
const ON_LINK = 4;
const PROTOCOL_UDP = 17;
const NAMES_PORT = 53;
const NO_DUPLICATE_DETECTION = 2;
const UP = 1;
/** Without address resolution: both ends have one hardware address. */
const NO_ARP = 0x80;
/** The first number of a rule, before that of the main table (32766). */
const FIRST_PRIORITY = 100;

export interface Cable {
  readonly hardware: Uint8Array;
  readonly mtu: number;
  /** The end in the namespace of the socket that sends. */
  readonly near: { readonly name: string; readonly index: number };
  /** The other end, in the namespace of this process. */
  readonly far: { readonly name: string; readonly index: number; readonly pid: number };
}

/** Two interfaces, each the other's only neighbour. The near one is up; the kernel takes the far one up only later. */
export const newCable = ({ hardware, mtu, near, far }: Cable): Message => {
  const end = ({ name, index }: Cable['near'], flags: number) =>
    bytes(
      [0, 0],
      u16(0),
      u32(index),
      u32(flags),
      u32(flags),
      attribute(LINK.IFNAME, text(name)),
      attribute(LINK.ADDRESS, hardware),
      attribute(LINK.MTU, u32(mtu)),
    );
  const peer = nested(VETH_PEER, end(far, NO_ARP), attribute(LINK.NET_NS_PID, u32(far.pid)));
  const kind = attribute(LINKINFO.KIND, Buffer.from('veth'));
  return message(
    NEW.LINK,
    CREATE | EXCLUSIVE,
    end(near, NO_ARP | UP),
    nested(LINK.LINKINFO, kind, nested(LINKINFO.DATA, peer)),
  );
};

/** Takes an interface up. */
export const takeUp = (index: number): Message =>
  message(NEW.LINK, 0, bytes([0, 0], u16(0), u32(index), u32(UP), u32(UP)));

/** An address for one host alone. */
export const newAddress = ({ family, address, bits }: Cidr, index: number): Message =>
  message(
    NEW.ADDRESS,
    CREATE | EXCLUSIVE,
    bytes([FAMILY[family], bits, NO_DUPLICATE_DETECTION, SCOPE.UNIVERSE], u32(index)),
    attribute(ADDRESS.LOCAL, address),
    attribute(ADDRESS.ADDRESS, address),
  );

interface RouteOptions {
  readonly type: number;
  readonly scope: number;
  readonly flags: number;
}

const route = ({ family, address, bits }: Cidr, options: RouteOptions, ...more: readonly Uint8Array[]): Message =>
  message(
    NEW.ROUTE,
    CREATE | EXCLUSIVE,
    bytes([FAMILY[family], bits, 0, 0, TABLE_MAIN, PROTOCOL_STATIC, options.scope, options.type], u32(options.flags)),
    ...(bits === 0 ? [] : [attribute(ROUTE.DST, address)]),
    ...more,
  );

/** What is reached directly by an interface. */
export const linkRoute = (to: Cidr, index: number): Message =>
  route(
    to,
    { type: ROUTE_TYPE.UNICAST, scope: to.family === 4 ? SCOPE.LINK : SCOPE.UNIVERSE, flags: 0 },
    attribute(ROUTE.OIF, u32(index)),
  );

/** Everything else is reached by a gateway, which is the neighbour on this interface. */
export const defaultRoute = (gateway: Cidr, index: number): Message =>
  route(
    { ...gateway, bits: 0 },
    { type: ROUTE_TYPE.UNICAST, scope: SCOPE.UNIVERSE, flags: ON_LINK },
    attribute(ROUTE.GATEWAY, gateway.address),
    attribute(ROUTE.OIF, u32(index)),
  );

/** Addresses that are this namespace's own where no narrower route says otherwise: it refuses connections to them. */
export const ownRange = (range: Cidr, loopback: number): Message =>
  route(range, { type: ROUTE_TYPE.LOCAL, scope: SCOPE.HOST, flags: 0 }, attribute(ROUTE.OIF, u32(loopback)));

/**
 * A policy as rules of routing, which come before every route. What they close is refused at once, to the process
 * itself, before anything is sent.
 */
export const policyRules = (verdicts: readonly Verdict[]): readonly Message[] =>
  verdicts.map(({ range, open, only }, i) => {
    const { family, address, bits } = range;
    const action = open ? ACTION.TO_TABLE : ACTION.PROHIBIT;
    return message(
      NEW.RULE,
      CREATE | EXCLUSIVE,
      bytes([FAMILY[family], bits, 0, 0, open ? TABLE_MAIN : 0, 0, 0, action], u32(0)),
      attribute(RULE.DST, address),
      attribute(RULE.PRIORITY, u32(FIRST_PRIORITY + i)),
      ...(only === 'names'
        ? [
            attribute(RULE.PROTOCOL, Uint8Array.from([PROTOCOL_UDP])),
            attribute(RULE.PORTS, bytes(u16(NAMES_PORT), u16(NAMES_PORT))),
          ]
        : []),
    );
  });
