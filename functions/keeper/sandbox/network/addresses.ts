import { type Cidr, overlaps, parseCidr } from '#platform/cidr.ts';
import { readText } from '../process/proc.ts';

/**
 * Networks for the sandboxes of one keeper, of which the first is taken that the machine itself has no way to. They
 * exist only between sandboxes and pasta, so two keepers may have the same.
 */
const RANGES = ['10.77.0.0/16', '172.29.0.0/16', '198.19.0.0/16', '10.203.0.0/16'].map(parseCidr);
const RANGE_V6 = parseCidr('fd6f:6d65:6d6f::/64');

const GATEWAY = 1;
/** The lower half is for sandboxes. Names are asked for in the upper one, which is outside. */
const HALF_BITS = 15;
const NAMES = 2 ** HALF_BITS + 53;
const FIRST = 256;
const LAST = 2 ** HALF_BITS - 2;

export interface Addresses {
  readonly v4: Cidr;
  readonly v6: Cidr;
}

const host = (range: Cidr, number: number): Cidr => {
  const address = Uint8Array.from(range.address);
  address.set([number >> 8, number & 0xff], address.length - 2);
  return { family: range.family, address, bits: address.length * 8 };
};

export const addressesOf = (range: Addresses, number: number): Addresses => ({
  v4: host(range.v4, number),
  v6: host(range.v6, number),
});
export const gatewayOf = (range: Addresses): Addresses => addressesOf(range, GATEWAY);
export const namesOf = (range: Addresses): Addresses => addressesOf(range, NAMES);

const lowerHalf = (range: Cidr): Cidr => ({ ...range, bits: range.address.length * 8 - HALF_BITS });
/** What all sandboxes have their addresses from. */
export const sandboxRange = (range: Addresses): Addresses => ({ v4: lowerHalf(range.v4), v6: lowerHalf(range.v6) });

/** Both ends of a sandbox's cable have it: a locally administered one. */
export const hardwareAddress = (number: number): Uint8Array =>
  Uint8Array.from([0x02, 0x6f, 0x6d, 0, number >> 8, number & 0xff]);

/** The ranges for this machine, by its table of routes. */
export const freeRange = (routes = readText('/proc/self/net/route')): Addresses => {
  const used = routes.split('\n').flatMap((line) => {
    const [, destination = '', , , , , , mask = ''] = line.split('\t');
    if (!/^[0-9A-F]{8}$/.test(destination) || /^0{8}$/.test(mask)) return [];
    const bits = [...bytesOf(mask)].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    return [{ family: 4, address: bytesOf(destination), bits } as const];
  });
  const free = RANGES.find((range) => !used.some((other) => overlaps(range, other)));
  return { v4: free ?? (RANGES[0] as Cidr), v6: RANGE_V6 };
};

/** As the kernel prints an address there: a number in the processor's order, which is little-endian on all that we run on. */
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex').reverse());

export interface Numbers {
  take(): number;
  free(number: number): void;
}

/** Numbers of sandboxes. A freed one is taken again only after all the others: the outside may still send to it. */
export const sandboxNumbers = (first = FIRST, last = LAST): Numbers => {
  const taken = new Set<number>();
  let next = first;
  return {
    take: () => {
      if (taken.size > last - first) throw new Error('no more sandboxes can have a network');
      while (taken.has(next)) next = next === last ? first : next + 1;
      const number = next;
      taken.add(number);
      next = number === last ? first : number + 1;
      return number;
    },
    free: (number) => void taken.delete(number),
  };
};
