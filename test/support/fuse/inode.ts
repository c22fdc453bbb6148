/** Contents are kept in pages, so that the synced and the present state share all equal pages. */
const PAGE = 16_384;

interface Content {
  readonly pages: readonly Buffer[];
  readonly size: number;
}

const NOTHING: Content = { pages: [], size: 0 };

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: bigint;
  readonly ctime: bigint;
}

export const KIND = 0o170000;
export const FOLDER = 0o040000;
export const LINK = 0o120000;

/**
 * A file or folder in two states: as programs see it now, and as a disk has it after a power failure. Only `sync`
 * copies the first state to the second, because POSIX promises no more.
 */
export class Inode {
  readonly number: number;
  readonly device: number;
  attributes: Attributes;
  /** How many names it has. */
  links = 0;
  /** The kernel's references to this inode: how often it was named in answers, less what the kernel forgot. */
  known = 0;
  entries = new Map<string, Inode>();
  #pages: Buffer[] = [];
  /** Pages of the present state only. All others are shared with the disk's state. */
  #own = new Set<number>();
  size = 0;
  #synced: Content = NOTHING;
  #syncedEntries: ReadonlyMap<string, Inode> = new Map();
  #syncedAttributes: Attributes;

  constructor(number: number, attributes: Attributes, device = 0) {
    this.number = number;
    this.device = device;
    this.attributes = attributes;
    this.#syncedAttributes = attributes;
  }

  get isFolder(): boolean {
    return (this.attributes.mode & KIND) === FOLDER;
  }

  read(offset: number, length: number): Buffer {
    const end = Math.min(this.size, offset + length);
    const parts: Buffer[] = [];
    for (let at = offset; at < end; ) {
      const within = at % PAGE;
      const take = Math.min(PAGE - within, end - at);
      parts.push(this.#page(Math.floor(at / PAGE)).subarray(within, within + take));
      at += take;
    }
    return Buffer.concat(parts);
  }

  write(offset: number, data: Buffer): void {
    for (let done = 0; done < data.length; ) {
      const within = (offset + done) % PAGE;
      const part = data.subarray(done, done + PAGE - within);
      part.copy(this.#ownPage(Math.floor((offset + done) / PAGE)), within);
      done += part.length;
    }
    this.size = Math.max(this.size, offset + data.length);
  }

  truncate(size: number): void {
    const kept = Math.ceil(size / PAGE);
    if (size < this.size) {
      // The bytes after the end must be zeros if the file grows again.
      if (size % PAGE !== 0 && kept <= this.#pages.length) this.#ownPage(kept - 1).fill(0, size % PAGE);
      this.#pages.length = Math.min(this.#pages.length, kept);
      for (const page of this.#own) if (page >= kept) this.#own.delete(page);
    }
    this.size = size;
  }

  /** Copies contents, attributes and, of a folder, names to the disk's state. */
  sync(): void {
    this.#synced = { pages: [...this.#pages], size: this.size };
    this.#own.clear();
    this.#syncedEntries = new Map(this.entries);
    this.#syncedAttributes = this.attributes;
  }

  /** Replaces the present state by the disk's state. */
  revert(): void {
    this.#pages = [...this.#synced.pages];
    this.#own.clear();
    this.size = this.#synced.size;
    this.entries = new Map(this.#syncedEntries);
    this.attributes = this.#syncedAttributes;
  }

  #page(index: number): Buffer {
    return this.#pages[index] ?? ZEROS;
  }

  #ownPage(index: number): Buffer {
    const present = this.#pages[index];
    if (present && this.#own.has(index)) return present;
    const own = Buffer.from(present ?? ZEROS);
    while (this.#pages.length < index) this.#pages.push(ZEROS);
    this.#pages[index] = own;
    this.#own.add(index);
    return own;
  }
}

const ZEROS = Buffer.alloc(PAGE);
