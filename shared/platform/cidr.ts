import { isIP, isIPv4 } from 'node:net';

/** A range of addresses. */
export interface Cidr {
  readonly family: 4 | 6;
  /** 4 or 16 bytes; those outside of the prefix are 0. */
  readonly address: Uint8Array;
  readonly bits: number;
}

/**
 * Reads `10.1.0.0/16`, or a single address.
 * @throws TypeError with the end of a sentence that starts with the text
 */
export const parseCidr = (text: string): Cidr => {
  const [, base = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(base) === 0) throw new TypeError('is not an address or a range such as 10.1.0.0/16 or fd12:3456::/32');
  const bytes = isIPv4(base) ? bytesOfV4(base) : bytesOfV6(base);
  const most = bytes.length * 8;
  const bits = length === undefined ? most : Number(length);
  if (bits > most) throw new TypeError(`has a prefix of more than ${most} bits`);
  const address = bytes.map((byte, i) => byte & maskByte(bits, i));
  if (address.some((byte, i) => byte !== bytes[i])) {
    throw new TypeError(`has bits behind its prefix of ${bits}; write ${cidrText({ ...of(address), bits })}`);
  }
  return { ...of(address), bits };
};

/**
 * The same for what an operator wrote.
 * @throws TypeError with a whole sentence
 */
export const readCidr = (text: string): Cidr => {
  try {
    return parseCidr(text);
  } catch (error) {
    throw new TypeError(`${text} ${(error as Error).message}`, { cause: error });
  }
};

const of = (address: Uint8Array): Pick<Cidr, 'family' | 'address'> => ({
  family: address.length === 4 ? 4 : 6,
  address,
});

/** Byte `i` of the mask of a prefix of this length. */
export const maskByte = (bits: number, i: number): number => (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff;

/** As it is written, without shortening. */
export const cidrText = ({ family, address, bits }: Cidr): string => `${addressText(family, address)}/${bits}`;

/** Its first address. */
export const hostText = ({ family, address }: Cidr): string => addressText(family, address);

const addressText = (family: 4 | 6, address: Uint8Array): string => {
  if (family === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((address[2 * i] ?? 0) * 256 + (address[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
};

/** Whether every address of `inner` is in `outer`. */
export const isWithin = (inner: Cidr, outer: Cidr): boolean =>
  inner.family === outer.family &&
  inner.bits >= outer.bits &&
  outer.address.every((byte, i) => byte === ((inner.address[i] ?? 0) & maskByte(outer.bits, i)));

export const overlaps = (one: Cidr, other: Cidr): boolean => isWithin(one, other) || isWithin(other, one);

const bytesOfV4 = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);

const bytesOfV6 = (text: string): Uint8Array => {
  // A mapped or embedded address of version 4 at the end.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after].map((group) =>
    Number.parseInt(group, 16),
  );
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
};
