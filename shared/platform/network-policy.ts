import { type Cidr, cidrText, isWithin, parseCidr, readCidr } from './cidr.ts';

/** Where sessions may send to, beside what is always closed. */
export interface NetworkPolicy {
  readonly private: 'open' | 'closed';
  /** Ranges that are open although private ones are closed. */
  readonly allowed: readonly Cidr[];
}

/** What holds for a range. The first entry that an address is in decides; what is in none is open. */
export interface Verdict {
  readonly range: Cidr;
  readonly open: boolean;
  /** It holds for questions to a name server alone (UDP, port 53). */
  readonly only?: 'names';
}

/** Where clouds answer a machine's own processes with its credentials, and what belongs to one link only. */
const ALWAYS_CLOSED = [
  '169.254.0.0/16',
  // Azure, Alibaba and Oracle answer at addresses that are not link-local.
  ...['168.63.129.16/32', '100.100.100.200/32', '192.0.0.192/32'],
  'fe80::/10',
  // Amazon, Google, Oracle and Scaleway.
  ...['fd00:ec2::/32', 'fd20:ce::254/128', 'fd00:c1::a9fe:a9fe/128', 'fd00:42::42/128'],
].map(parseCidr);

/** Networks of one's own: RFC 1918, a provider's address translation, and unique local addresses. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(parseCidr);

/** Ranges of version 6 whose addresses contain one of version 4, which a router of the outside may translate. */
const TRANSLATING = ['64:ff9b::', '2002::'] as const;

/** A range of version 4 as it is written within those of version 6. */
const translated = (range: Cidr): readonly Cidr[] => {
  if (range.family !== 4) return [];
  return TRANSLATING.map((prefix) => {
    const offset = prefix === '2002::' ? 2 : 12;
    const address = Uint8Array.from(parseCidr(prefix).address);
    address.set(range.address, offset);
    return { family: 6, address, bits: offset * 8 + range.bits };
  });
};

const closed = (ranges: readonly Cidr[]): readonly Verdict[] =>
  [...ranges, ...ranges.flatMap(translated)].map((range) => ({ range, open: false }));
const opened = (ranges: readonly Cidr[]): readonly Verdict[] => ranges.map((range) => ({ range, open: true }));

/** All that holds, in the order in which it is looked at. `names`: where names are asked for. */
export const verdictsOf = (policy: NetworkPolicy, names: readonly Cidr[]): readonly Verdict[] => [
  ...names.map((range): Verdict => ({ range, open: true, only: 'names' })),
  // Nothing else is there, and pasta would look for it in the host's network.
  ...closed(names),
  ...closed(ALWAYS_CLOSED),
  ...(policy.private === 'closed' ? [...opened(policy.allowed), ...closed(PRIVATE)] : []),
];

/**
 * Reads a list of ranges separated by commas.
 * @throws TypeError with a sentence for the operator
 */
export const parseAllowed = (text: string): readonly Cidr[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const range = readCidr(part);
      if (ALWAYS_CLOSED.some((never) => isWithin(range, never))) {
        throw new TypeError(`${part} is never opened: link-local addresses and those of cloud metadata stay closed`);
      }
      return range;
    });

/** A policy in words, the same for the same one. */
export const policyText = (policy: NetworkPolicy): string =>
  [
    policy.private,
    ...(policy.private === 'closed' ? policy.allowed.map((range) => `but ${cidrText(range)} open`) : []),
  ].join(', ');
