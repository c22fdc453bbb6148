import { type Cidr, maskByte } from '#platform/cidr.ts';
import { attribute, be32, bytes, CREATE, type Message, message, nested, text, u32 } from './netlink.ts';
import type { Verdict } from '#platform/network-policy.ts';

/** The filter of the shared uplink, as messages of nf_tables: no firewall program is needed. */
export interface FilterOptions {
  /** The interface that leads to the outside. */
  readonly outside: string;
  /** Names of the interfaces that lead to sandboxes start so. */
  readonly sandboxes: string;
  readonly verdicts: readonly Verdict[];
  /** How many flows one sandbox may hold open. */
  readonly flows: number;
}

const SUBSYSTEM = 10 << 8;
const NEW = { TABLE: 0, CHAIN: 3, RULE: 6, SET: 9 } as const;
const BATCH = { BEGIN: 0x10, END: 0x11 } as const;
const APPEND = 0x800;
const INET = 1;
const TABLE = 'onmemos';
const HOOK = { INPUT: 1, FORWARD: 2, POSTROUTING: 4 } as const;
const POLICY = { DROP: 0, ACCEPT: 1 } as const;
const VERDICT = { DROP: 0, ACCEPT: 1, JUMP: -3, GOTO: -4, RETURN: -5 } as const;
const META = { IIF: 4, IIFNAME: 6, OIFNAME: 7, NFPROTO: 15, L4PROTO: 16 } as const;
const CT = { INVALID: 1, ESTABLISHED: 2, RELATED: 4 } as const;
const PROTOCOL = { TCP: 6, UDP: 17, ICMP6: 58 } as const;
const NAMES_PORT = 53;
const FAMILY = { 4: 2, 6: 10 } as const;
const REGISTER = 1;
const NAME_BYTES = 16;

type Expression = Uint8Array;

const header = (family: number, id = 0): Uint8Array => Uint8Array.from([family, 0, id >> 8, id & 0xff]);
const request = (what: number, flags: number, ...body: readonly Uint8Array[]): Message =>
  message(SUBSYSTEM | what, flags, header(INET), ...body);
/** What opens and closes a batch is not answered. */
const bracket = (type: number): Message => ({ type, flags: 0, body: header(0, 10), answered: false });

const expression = (name: string, ...data: readonly Uint8Array[]): Expression =>
  nested(1, attribute(1, text(name)), nested(2, ...data));
const value = (type: number, data: Uint8Array): Uint8Array => nested(type, attribute(1, data));

const load = (key: number): Expression => expression('meta', attribute(1, be32(REGISTER)), attribute(2, be32(key)));
const compare = (operation: 0 | 1, data: Uint8Array): Expression =>
  expression('cmp', attribute(1, be32(REGISTER)), attribute(2, be32(operation)), value(3, data));
const mask = (keep: Uint8Array): Expression =>
  expression(
    'bitwise',
    ...[attribute(1, be32(REGISTER)), attribute(2, be32(REGISTER)), attribute(3, be32(keep.length))],
    ...[value(4, keep), value(5, new Uint8Array(keep.length))],
  );
const verdict = (code: number, chain?: string): Expression =>
  expression(
    'immediate',
    attribute(1, be32(0)),
    nested(2, nested(2, attribute(1, be32(code)), ...(chain === undefined ? [] : [attribute(2, text(chain))]))),
  );

const padded = (name: string): Uint8Array => bytes(Buffer.from(name), new Uint8Array(NAME_BYTES - name.length));
const comesFrom = (name: string): readonly Expression[] => [load(META.IIFNAME), compare(0, padded(name))];
const leavesBy = (name: string, is: boolean): readonly Expression[] => [
  load(META.OIFNAME),
  compare(is ? 0 : 1, padded(name)),
];
const comesFromAny = (start: string): readonly Expression[] => [load(META.IIFNAME), compare(0, Buffer.from(start))];
const isProtocol = (number: number): readonly Expression[] => [
  load(META.L4PROTO),
  compare(0, Uint8Array.from([number])),
];
const inState = (states: number): readonly Expression[] => [
  expression('ct', attribute(1, be32(REGISTER)), attribute(2, be32(0))),
  mask(u32(states)),
  compare(1, u32(0)),
];
/** The way back to the sender does not lead out where the packet came in. */
const isForged: readonly Expression[] = [
  expression('fib', attribute(1, be32(REGISTER)), attribute(2, be32(1)), attribute(3, be32(1 | 8))),
  compare(0, u32(0)),
];
const goesTo = ({ family, address, bits }: Cidr): readonly Expression[] => [
  load(META.NFPROTO),
  compare(0, Uint8Array.from([FAMILY[family]])),
  expression(
    'payload',
    ...[attribute(1, be32(REGISTER)), attribute(2, be32(1))],
    ...[attribute(3, be32(family === 4 ? 16 : 24)), attribute(4, be32(address.length))],
  ),
  ...(bits === address.length * 8 ? [] : [mask(address.map((_, i) => maskByte(bits, i)))]),
  compare(0, address),
];
const asksForNames: readonly Expression[] = [
  ...isProtocol(PROTOCOL.UDP),
  expression(
    'payload',
    ...[attribute(1, be32(REGISTER)), attribute(2, be32(2)), attribute(3, be32(2)), attribute(4, be32(2))],
  ),
  compare(0, Uint8Array.from([0, NAMES_PORT])),
];
const RESET = expression('reject', attribute(1, be32(1)), attribute(2, Uint8Array.from([0])));
const PROHIBITED = expression('reject', attribute(1, be32(2)), attribute(2, Uint8Array.from([3])));

const OPEN_FLOWS = 'open_flows';
/** Of the interface that a packet came in by, more flows are open than that. */
const holdsMore = (flows: number): readonly Expression[] => [
  load(META.IIF),
  expression(
    'dynset',
    ...[attribute(1, text(OPEN_FLOWS)), attribute(3, be32(0)), attribute(4, be32(REGISTER))],
    nested(7, attribute(1, text('connlimit')), nested(2, attribute(1, be32(flows)), attribute(2, be32(1)))),
  ),
];

interface Chain {
  readonly name: string;
  readonly hook?: {
    readonly type: string;
    readonly number: number;
    readonly priority: number;
    readonly policy: number;
  };
  readonly rules: readonly (readonly Expression[])[];
}

const chains = ({ outside, sandboxes, verdicts, flows }: FilterOptions): readonly Chain[] => [
  { name: 'refuse', rules: [[...isProtocol(PROTOCOL.TCP), RESET], [PROHIBITED]] },
  {
    name: 'places',
    rules: verdicts.map(({ range, open, only }) => [
      ...goesTo(range),
      ...(only === 'names' ? asksForNames : []),
      open ? verdict(VERDICT.RETURN) : verdict(VERDICT.GOTO, 'refuse'),
    ]),
  },
  {
    name: 'forward',
    hook: { type: 'filter', number: HOOK.FORWARD, priority: 0, policy: POLICY.DROP },
    rules: [
      [...inState(CT.ESTABLISHED | CT.RELATED), verdict(VERDICT.ACCEPT)],
      [...comesFrom(outside), verdict(VERDICT.DROP)],
      [...isForged, verdict(VERDICT.DROP)],
      // A connection that pasta forgot, because it was started again.
      [...inState(CT.INVALID), verdict(VERDICT.GOTO, 'refuse')],
      [...leavesBy(outside, false), verdict(VERDICT.GOTO, 'refuse')],
      [verdict(VERDICT.JUMP, 'places')],
      [...holdsMore(flows), verdict(VERDICT.GOTO, 'refuse')],
      [verdict(VERDICT.ACCEPT)],
    ],
  },
  {
    name: 'input',
    hook: { type: 'filter', number: HOOK.INPUT, priority: 0, policy: POLICY.DROP },
    rules: [
      // Answers to sandboxes that have ended come here, and are refused by the kernel.
      [...inState(CT.ESTABLISHED | CT.RELATED), verdict(VERDICT.ACCEPT)],
      [...comesFrom('lo'), verdict(VERDICT.ACCEPT)],
      // Neighbour discovery.
      [...comesFrom(outside), ...isProtocol(PROTOCOL.ICMP6), verdict(VERDICT.ACCEPT)],
      [...comesFromAny(sandboxes), verdict(VERDICT.GOTO, 'refuse')],
    ],
  },
  {
    name: 'translate',
    hook: { type: 'nat', number: HOOK.POSTROUTING, priority: 100, policy: POLICY.ACCEPT },
    rules: [[...leavesBy(outside, true), expression('masq')]],
  },
];

const newChain = ({ name, hook }: Chain): Message =>
  request(
    NEW.CHAIN,
    CREATE,
    ...[attribute(1, text(TABLE)), attribute(3, text(name))],
    ...(hook
      ? [
          nested(4, attribute(1, be32(hook.number)), attribute(2, be32(hook.priority))),
          ...[attribute(5, be32(hook.policy)), attribute(7, text(hook.type))],
        ]
      : []),
  );
const newRule = (chain: string, rule: readonly Expression[]): Message =>
  request(NEW.RULE, CREATE | APPEND, attribute(1, text(TABLE)), attribute(2, text(chain)), nested(4, ...rule));

/** Everything in one transaction. Needs the kernel's nf_tables with connection tracking. */
export const newFilter = (options: FilterOptions): readonly Message[] => {
  const all = chains(options);
  return [
    bracket(BATCH.BEGIN),
    request(NEW.TABLE, CREATE, attribute(1, text(TABLE))),
    // One element for each interface, removed by the kernel when no flow of it is open.
    request(
      NEW.SET,
      CREATE,
      ...[attribute(1, text(TABLE)), attribute(2, text(OPEN_FLOWS)), attribute(3, be32(0x20))],
      ...[attribute(4, be32(0)), attribute(5, be32(4)), attribute(10, be32(1))],
    ),
    ...all.map(newChain),
    ...all.flatMap(({ name, rules }) => rules.map((rule) => newRule(name, rule))),
    bracket(BATCH.END),
  ];
};
