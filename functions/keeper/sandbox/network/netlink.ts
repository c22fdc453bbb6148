import { endianness } from 'node:os';
import type { Step } from '../launch/plan.ts';

/** Messages to the kernel's netlink sockets, made here so that the launcher has only to send them. */
export interface Message {
  readonly type: number;
  /** Flags beyond those of every request. */
  readonly flags: number;
  readonly body: Uint8Array;
  /** Whether the kernel answers. */
  readonly answered: boolean;
}

export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;
export const CREATE = 0x400;
export const EXCLUSIVE = 0x200;
const REQUEST = 1;
const ACK = 4;
const NESTED = 0x8000;

const isLittle = endianness() === 'LE';

export const bytes = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Uint8Array.from(part)));

/** In the processor's order. */
export const u16 = (value: number): Uint8Array => {
  const buffer = Buffer.alloc(2);
  if (isLittle) buffer.writeUInt16LE(value);
  else buffer.writeUInt16BE(value);
  return buffer;
};
export const u32 = (value: number): Uint8Array => {
  const buffer = Buffer.alloc(4);
  if (isLittle) buffer.writeUInt32LE(value >>> 0);
  else buffer.writeUInt32BE(value >>> 0);
  return buffer;
};
/** In the network's order. */
export const be32 = (value: number): Uint8Array => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value >>> 0);
  return buffer;
};
export const text = (value: string): Uint8Array => Buffer.from(`${value}\0`);

/** An attribute, padded to the next multiple of 4. */
export const attribute = (type: number, value: Uint8Array): Uint8Array => {
  const padding = (4 - (value.length % 4)) % 4;
  return bytes(u16(4 + value.length), u16(type), value, new Uint8Array(padding));
};
export const nested = (type: number, ...values: readonly Uint8Array[]): Uint8Array =>
  attribute(type | NESTED, bytes(...values));

export const message = (type: number, flags: number, ...body: readonly Uint8Array[]): Message => ({
  type,
  flags,
  body: bytes(...body),
  answered: true,
});

const encode = ({ type, flags, body, answered }: Message, sequence: number): Uint8Array => {
  const all = flags | REQUEST | (answered ? ACK : 0);
  return bytes(u32(16 + body.length), u16(type), u16(all), u32(sequence), u32(0), body);
};

/** The step that sends messages by a socket that `socket` opened under this name. It fails if one of them does. */
export const send = (socket: string, messages: readonly Message[]): Step => [
  'netlink',
  socket,
  messages.filter(({ answered }) => answered).length,
  Buffer.concat(messages.map((each, i) => encode(each, i + 1))).toString('hex'),
];
