import { constants } from 'node:os';
import type { Inode } from './inode.ts';

/**
 * Numbers and layouts of the kernel's FUSE protocol (include/uapi/linux/fuse.h), little-endian as on x86-64 and arm64.
 */
export const OP = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  RENAME2: 45,
} as const;

export const ERRNO = constants.errno;
const BLOCK = 4096;
const SECTOR = 512;
const NS = 1_000_000_000n;
/** Only this program changes the disk, so the kernel may cache its answers. */
const VALID_SECONDS = 3600n;
/** Protocol 7.31. Newer kernels speak it too, without their additions. */
const MAJOR = 7;
const MINOR = 31;
/** The largest request: `MOST_DATA` bytes of data and the headers before them. */
const MOST_DATA = 128 * 1024;
export const MOST_REQUEST = MOST_DATA + BLOCK;
const IN_HEADER = 40;
const OUT_HEADER = 16;
/** Writes may be as large as a request. */
const FLAGS = 1 << 5;
const KEEP_CACHE = 1 << 1;

export interface Request {
  readonly op: number;
  readonly unique: bigint;
  readonly node: number;
  readonly uid: number;
  readonly gid: number;
  readonly body: Buffer;
}

export const requestOf = (message: Buffer): Request => ({
  op: message.readUInt32LE(4),
  unique: message.readBigUInt64LE(8),
  node: Number(message.readBigUInt64LE(16)),
  uid: message.readUInt32LE(24),
  gid: message.readUInt32LE(28),
  body: message.subarray(IN_HEADER, message.readUInt32LE(0)),
});

/** A complete answer: data, or the number of an error. */
export const answerOf = (unique: bigint, answer: Buffer | number): Buffer => {
  const data = typeof answer === 'number' ? Buffer.alloc(0) : answer;
  const header = Buffer.alloc(OUT_HEADER);
  header.writeUInt32LE(OUT_HEADER + data.length, 0);
  header.writeInt32LE(typeof answer === 'number' ? -answer : 0, 4);
  header.writeBigUInt64LE(unique, 8);
  return Buffer.concat([header, data]);
};

/** The names in a body from `at` on, each ended by a zero byte. */
export const namesAt = (body: Buffer, at: number): readonly string[] => body.toString('utf8', at).split('\0');

const attributes = (out: Buffer, at: number, inode: Inode): void => {
  const { mode, uid, gid, mtime, ctime } = inode.attributes;
  out.writeBigUInt64LE(BigInt(inode.number), at);
  out.writeBigUInt64LE(BigInt(inode.size), at + 8);
  out.writeBigUInt64LE(BigInt(Math.ceil(inode.size / SECTOR)), at + 16);
  for (const [i, time] of [mtime, mtime, ctime].entries()) {
    out.writeBigUInt64LE(time / NS, at + 24 + 8 * i);
    out.writeUInt32LE(Number(time % NS), at + 48 + 4 * i);
  }
  out.writeUInt32LE(mode, at + 60);
  out.writeUInt32LE(Math.max(1, inode.links), at + 64);
  out.writeUInt32LE(uid, at + 68);
  out.writeUInt32LE(gid, at + 72);
  out.writeUInt32LE(inode.device, at + 76);
  out.writeUInt32LE(BLOCK, at + 80);
};

export const attributesAnswer = (inode: Inode): Buffer => {
  const out = Buffer.alloc(104);
  out.writeBigUInt64LE(VALID_SECONDS, 0);
  attributes(out, 16, inode);
  return out;
};

/** The kernel's entry for an inode under a name. */
export const entryAnswer = (inode: Inode): Buffer => {
  const out = Buffer.alloc(128);
  out.writeBigUInt64LE(BigInt(inode.number), 0);
  out.writeBigUInt64LE(VALID_SECONDS, 16);
  out.writeBigUInt64LE(VALID_SECONDS, 24);
  attributes(out, 40, inode);
  return out;
};

export const openAnswer = (): Buffer => {
  const out = Buffer.alloc(16);
  out.writeUInt32LE(KEEP_CACHE, 8);
  return out;
};

export const writtenAnswer = (size: number): Buffer => {
  const out = Buffer.alloc(8);
  out.writeUInt32LE(size, 0);
  return out;
};

/** The figures of a disk of 1 GiB that is never full. */
export const statfsAnswer = (): Buffer => {
  const out = Buffer.alloc(80);
  for (const at of [0, 8, 16, 24, 32]) out.writeBigUInt64LE(262_144n, at);
  out.writeUInt32LE(BLOCK, 40);
  out.writeUInt32LE(255, 44);
  out.writeUInt32LE(BLOCK, 48);
  return out;
};

export const initAnswer = (body: Buffer): Buffer => {
  const out = Buffer.alloc(64);
  out.writeUInt32LE(MAJOR, 0);
  out.writeUInt32LE(MINOR, 4);
  out.writeUInt32LE(body.readUInt32LE(8), 8);
  out.writeUInt32LE(body.readUInt32LE(12) & FLAGS, 12);
  out.writeUInt16LE(16, 16);
  out.writeUInt16LE(12, 18);
  out.writeUInt32LE(MOST_DATA, 20);
  out.writeUInt32LE(1, 24);
  return out;
};

/** The names of a folder from the `from`th on, as many as fit. */
export const namesAnswer = (names: readonly (readonly [string, Inode])[], from: number, room: number): Buffer => {
  const parts: Buffer[] = [];
  let size = 0;
  for (const [i, [name, inode]] of names.slice(from).entries()) {
    const bytes = Buffer.from(name);
    const out = Buffer.alloc(Math.ceil((24 + bytes.length) / 8) * 8);
    if (size + out.length > room) break;
    out.writeBigUInt64LE(BigInt(inode.number), 0);
    out.writeBigUInt64LE(BigInt(from + i + 1), 8);
    out.writeUInt32LE(bytes.length, 16);
    out.writeUInt32LE(inode.attributes.mode >> 12, 20);
    bytes.copy(out, 24);
    parts.push(out);
    size += out.length;
  }
  return Buffer.concat(parts);
};

export interface AttributesAsked {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly mtime?: bigint;
}

export const attributesAsked = (body: Buffer, now: bigint): AttributesAsked => {
  const valid = body.readUInt32LE(0);
  const mtime = valid & 256 ? now : body.readBigUInt64LE(40) * NS + BigInt(body.readUInt32LE(60));
  return {
    ...(valid & 1 ? { mode: body.readUInt32LE(68) } : {}),
    ...(valid & 2 ? { uid: body.readUInt32LE(76) } : {}),
    ...(valid & 4 ? { gid: body.readUInt32LE(80) } : {}),
    ...(valid & 8 ? { size: Number(body.readBigUInt64LE(16)) } : {}),
    ...(valid & (32 | 256) ? { mtime } : {}),
  };
};
