import { type Attributes, FOLDER, Inode, KIND, LINK } from './inode.ts';
import {
  answerOf,
  attributesAnswer,
  attributesAsked,
  entryAnswer,
  ERRNO,
  initAnswer,
  namesAnswer,
  namesAt,
  OP,
  openAnswer,
  type Request,
  statfsAnswer,
  writtenAnswer,
} from './wire.ts';
import { POWER_SWITCH } from './power-switch.ts';

const ROOT = 1;

class Refused extends Error {
  readonly errno: number;
  constructor(errno: number) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

/**
 * A disk that keeps only what was synced: the contents of a file after its fsync or fdatasync, and the names in a
 * folder after the folder's fsync. When its power fails, it refuses every request until it is started again.
 */
export class ForgetfulDisk {
  readonly #nodes = new Map<number, Inode>();
  readonly #root: Inode;
  #last = ROOT;
  #power = true;
  /** Whether a sync fails, as on a disk with an error. */
  failsSyncs = false;
  /** The number of syncs since the start, of files and folders. */
  syncs = 0;

  constructor(uid: number, gid: number) {
    this.#root = new Inode(ROOT, { mode: FOLDER | 0o755, uid, gid, ...this.#times() });
    this.#root.links = 2;
    this.#nodes.set(ROOT, this.#root);
  }

  /** Starts again with what was synced. */
  restart(): void {
    this.#nodes.clear();
    this.#nodes.set(ROOT, this.#root);
    this.#root.links = 2;
    this.#revert(this.#root, new Set());
    this.#power = true;
  }

  /** @returns the message to send back; null for a request that has no answer */
  answer(request: Request): Buffer | null {
    const { op, unique } = request;
    if (op === OP.FORGET || op === OP.BATCH_FORGET) {
      this.#forget(request);
      return null;
    }
    if (op === OP.INTERRUPT) return null;
    try {
      return answerOf(unique, this.#carryOut(request));
    } catch (error) {
      return answerOf(unique, error instanceof Refused ? error.errno : ERRNO.EIO);
    }
  }

  #carryOut(request: Request): Buffer | number {
    const { op, node, body } = request;
    if (op === OP.INIT) return initAnswer(body);
    if (op === OP.STATFS) return statfsAnswer();
    if (op === OP.RELEASE || op === OP.RELEASEDIR || op === OP.FLUSH || op === OP.DESTROY) return 0;
    if (!this.#power) return ERRNO.EIO;
    const inode = this.#node(node);
    switch (op) {
      case OP.LOOKUP:
        return this.#told(this.#named(inode, namesAt(body, 0)[0] ?? ''));
      case OP.GETATTR:
        return attributesAnswer(inode);
      case OP.SETATTR:
        return this.#setAttributes(inode, body);
      case OP.READLINK:
        return inode.read(0, inode.size);
      case OP.SYMLINK: {
        const [name = '', target = ''] = namesAt(body, 0);
        const made = this.#make(inode, name, LINK | 0o777, request);
        made.write(0, Buffer.from(target));
        // A symbolic link can't be synced itself: it is on the disk as soon as its name is.
        made.sync();
        return this.#told(made);
      }
      case OP.MKNOD:
        return this.#told(
          this.#make(inode, namesAt(body, 16)[0] ?? '', body.readUInt32LE(0), request, body.readUInt32LE(4)),
        );
      case OP.MKDIR:
        return this.#makeFolder(inode, request);
      case OP.CREATE: {
        const made = this.#make(inode, namesAt(body, 16)[0] ?? '', body.readUInt32LE(4), request);
        return Buffer.concat([this.#told(made), openAnswer()]);
      }
      case OP.OPEN:
      case OP.OPENDIR:
        return openAnswer();
      case OP.READ:
        return inode.read(Number(body.readBigUInt64LE(8)), body.readUInt32LE(16));
      case OP.WRITE: {
        const size = body.readUInt32LE(16);
        inode.write(Number(body.readBigUInt64LE(8)), body.subarray(40, 40 + size));
        this.#changed(inode);
        return writtenAnswer(size);
      }
      case OP.FALLOCATE:
        return this.#allocate(inode, body);
      case OP.FSYNC:
      case OP.FSYNCDIR:
        return this.#sync(inode);
      case OP.READDIR:
        return namesAnswer(this.#listed(inode), Number(body.readBigUInt64LE(8)), body.readUInt32LE(16));
      case OP.LINK: {
        const target = this.#node(Number(body.readBigUInt64LE(0)));
        this.#enter(inode, namesAt(body, 8)[0] ?? '', target);
        return this.#told(target);
      }
      case OP.UNLINK:
      case OP.RMDIR:
        return this.#remove(inode, namesAt(body, 0)[0] ?? '');
      case OP.RENAME:
        return this.#rename(inode, body, 8, 0);
      case OP.RENAME2:
        return this.#rename(inode, body, 16, body.readUInt32LE(8));
      default:
        return ERRNO.ENOSYS;
    }
  }

  #times(): Pick<Attributes, 'mtime' | 'ctime'> {
    const now = BigInt(Date.now()) * 1_000_000n;
    return { mtime: now, ctime: now };
  }

  #changed(inode: Inode): void {
    inode.attributes = { ...inode.attributes, ...this.#times() };
  }

  #node(number: number): Inode {
    const inode = this.#nodes.get(number);
    if (!inode) throw new Refused(ERRNO.ESTALE);
    return inode;
  }

  #named(folder: Inode, name: string): Inode {
    const inode = folder.entries.get(name);
    if (!inode) throw new Refused(ERRNO.ENOENT);
    return inode;
  }

  #told(inode: Inode): Buffer {
    inode.known += 1;
    this.#nodes.set(inode.number, inode);
    return entryAnswer(inode);
  }

  #enter(folder: Inode, name: string, inode: Inode): void {
    if (folder.entries.has(name)) throw new Refused(ERRNO.EEXIST);
    folder.entries.set(name, inode);
    inode.links += 1;
    this.#changed(folder);
  }

  #make(folder: Inode, name: string, mode: number, { uid, gid }: Request, device = 0): Inode {
    this.#last += 1;
    const made = new Inode(this.#last, { mode, uid, gid, ...this.#times() }, device);
    this.#enter(folder, name, made);
    return made;
  }

  #makeFolder(folder: Inode, request: Request): Buffer | number {
    const [name = ''] = namesAt(request.body, 8);
    if (folder === this.#root && name === POWER_SWITCH) {
      this.#power = false;
      return ERRNO.EIO;
    }
    const made = this.#make(folder, name, FOLDER | request.body.readUInt32LE(0), request);
    made.links += 1;
    return this.#told(made);
  }

  #setAttributes(inode: Inode, body: Buffer): Buffer {
    const { ctime } = this.#times();
    const { mode, uid, gid, size, mtime } = attributesAsked(body, ctime);
    if (size !== undefined) {
      inode.truncate(size);
      this.#changed(inode);
    }
    inode.attributes = {
      mode: mode === undefined ? inode.attributes.mode : (inode.attributes.mode & KIND) | (mode & ~KIND),
      uid: uid ?? inode.attributes.uid,
      gid: gid ?? inode.attributes.gid,
      mtime: mtime ?? inode.attributes.mtime,
      ctime,
    };
    return attributesAnswer(inode);
  }

  /** Space is never missing, so only the plain call, which makes a file longer, changes anything. */
  #allocate(inode: Inode, body: Buffer): number {
    if (body.readUInt32LE(24) !== 0) return ERRNO.EOPNOTSUPP;
    const end = Number(body.readBigUInt64LE(8)) + Number(body.readBigUInt64LE(16));
    if (end > inode.size) inode.truncate(end);
    return 0;
  }

  #sync(inode: Inode): number {
    this.syncs += 1;
    if (this.failsSyncs) return ERRNO.EIO;
    inode.sync();
    return 0;
  }

  #listed(folder: Inode): readonly (readonly [string, Inode])[] {
    return [['.', folder], ['..', folder], ...folder.entries];
  }

  #remove(folder: Inode, name: string): number {
    const inode = this.#named(folder, name);
    if (inode.isFolder && inode.entries.size > 0) return ERRNO.ENOTEMPTY;
    folder.entries.delete(name);
    inode.links -= inode.isFolder ? 2 : 1;
    this.#changed(folder);
    return 0;
  }

  #rename(folder: Inode, body: Buffer, at: number, flags: number): number {
    if (flags > 1) return ERRNO.EINVAL;
    const [from = '', to = ''] = namesAt(body, at);
    const target = this.#node(Number(body.readBigUInt64LE(0)));
    const moved = this.#named(folder, from);
    const there = target.entries.get(to);
    if (there && flags === 1) return ERRNO.EEXIST;
    if (there === moved) return 0;
    if (there) {
      const refused = this.#remove(target, to);
      if (refused !== 0) return refused;
    }
    folder.entries.delete(from);
    target.entries.set(to, moved);
    this.#changed(folder);
    this.#changed(target);
    return 0;
  }

  #forget({ op, node, body }: Request): void {
    const forgotten: (readonly [number, number])[] = [];
    if (op === OP.FORGET) forgotten.push([node, Number(body.readBigUInt64LE(0))]);
    else
      for (let i = 0; i < body.readUInt32LE(0); i++)
        forgotten.push([Number(body.readBigUInt64LE(8 + 16 * i)), Number(body.readBigUInt64LE(16 + 16 * i))]);
    for (const [number, times] of forgotten) {
      const inode = this.#nodes.get(number);
      if (!inode || number === ROOT) continue;
      inode.known -= times;
      if (inode.known <= 0) this.#nodes.delete(number);
    }
  }

  #revert(inode: Inode, seen: Set<Inode>): void {
    inode.revert();
    inode.known = 0;
    for (const child of inode.entries.values()) {
      if (!seen.has(child)) {
        seen.add(child);
        child.links = 0;
        this.#revert(child, seen);
        if (child.isFolder) child.links += 1;
      }
      child.links += 1;
    }
  }
}
