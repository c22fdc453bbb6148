/**
 * A seccomp filter that refuses what a command has no honest use for: namespaces and mounts of its own (the way to
 * capabilities and to the cgroup files), keyrings, kernel modules, tracing of the kernel. Everything else is allowed.
 * The audit of the kernel appears to be absent: sshd and sudo then do without, but give up where it refuses them.
 */
export function seccompFilter(arch: string): string | null {
  const table = TABLES[arch];
  if (!table) return null;
  const code: Instruction[] = [];
  code.push(load(OFFSET_ARCH), jump(JEQ, table.audit, 1, 0), ret(errno(ENOSYS)));
  code.push(load(OFFSET_NR));
  if (arch === 'x64') code.push(jump(JGE, X32_BIT, 0, 1), ret(errno(ENOSYS)));
  for (const nr of Object.values(table.absent)) code.push(jump(JEQ, nr, 0, 1), ret(errno(ENOSYS)));
  for (const nr of Object.values(table.refused)) code.push(jump(JEQ, nr, 0, 1), ret(errno(EPERM)));
  for (const nr of Object.values(table.namespaces)) {
    code.push(jump(JEQ, nr, 0, 4), load(OFFSET_ARG0), jump(JSET, NAMESPACE_FLAGS, 0, 1), ret(errno(EPERM)), ret(ALLOW));
  }
  code.push(jump(JEQ, table.socket, 0, 6), load(OFFSET_ARG0), jump(JEQ, AF_NETLINK, 0, 3));
  code.push(load(OFFSET_ARG2), jump(JEQ, NETLINK_AUDIT, 0, 1), ret(errno(EAFNOSUPPORT)), ret(ALLOW));
  code.push(ret(ALLOW));
  const bytes = Buffer.alloc(code.length * 8);
  code.forEach(([op, yes, no, value], i) => {
    bytes.writeUInt16LE(op, i * 8);
    bytes.writeUInt8(yes, i * 8 + 2);
    bytes.writeUInt8(no, i * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, i * 8 + 4);
  });
  return bytes.toString('hex');
}

type Instruction = readonly [op: number, yes: number, no: number, value: number];

const JEQ = 0x15;
const JGE = 0x35;
const JSET = 0x45;
const OFFSET_NR = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARG0 = 16;
const OFFSET_ARG2 = 32;
const X32_BIT = 0x40000000;
const ALLOW = 0x7fff0000;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const AF_NETLINK = 16;
const NETLINK_AUDIT = 9;
/** Every CLONE_NEW* flag. */
const NAMESPACE_FLAGS = 0x7e020000;

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const jump = (op: number, value: number, yes: number, no: number): Instruction => [op, yes, no, value];
const ret = (value: number): Instruction => [0x06, 0, 0, value];
const errno = (number: number): number => 0x00050000 | number;

interface Table {
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  /** Said to be unknown: `clone3` hides its flags behind a pointer, and callers then use `clone`. */
  readonly absent: Readonly<Record<string, number>>;
  /** Mounts and roots, namespaces, kernel code, keys, tracing of the kernel, machine-wide state. */
  readonly refused: Readonly<Record<string, number>>;
  readonly socket: number;
  /** Their first argument carries CLONE_NEW* flags. */
  readonly namespaces: Readonly<Record<string, number>>;
}

const TABLES: Readonly<Record<string, Table>> = {
  x64: {
    audit: 0xc000003e,
    absent: { clone3: 435 },
    refused: {
      mount: 165,
      umount2: 166,
      pivot_root: 155,
      open_tree: 428,
      move_mount: 429,
      fsopen: 430,
      fsconfig: 431,
      fsmount: 432,
      fspick: 433,
      mount_setattr: 442,
      open_tree_attr: 467,
      setns: 308,
      open_by_handle_at: 304,
      init_module: 175,
      delete_module: 176,
      finit_module: 313,
      kexec_load: 246,
      kexec_file_load: 320,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      perf_event_open: 298,
      bpf: 321,
      userfaultfd: 323,
      vhangup: 153,
      acct: 163,
      swapon: 167,
      swapoff: 168,
      reboot: 169,
      sethostname: 170,
      setdomainname: 171,
      quotactl: 179,
      syslog: 103,
      settimeofday: 164,
      clock_settime: 227,
      iopl: 172,
      ioperm: 173,
    },
    socket: 41,
    namespaces: { clone: 56, unshare: 272 },
  },
  arm64: {
    audit: 0xc00000b7,
    absent: { clone3: 435 },
    refused: {
      mount: 40,
      umount2: 39,
      pivot_root: 41,
      open_tree: 428,
      move_mount: 429,
      fsopen: 430,
      fsconfig: 431,
      fsmount: 432,
      fspick: 433,
      mount_setattr: 442,
      open_tree_attr: 467,
      setns: 268,
      open_by_handle_at: 265,
      init_module: 105,
      delete_module: 106,
      finit_module: 273,
      kexec_load: 104,
      kexec_file_load: 294,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      perf_event_open: 241,
      bpf: 280,
      userfaultfd: 282,
      vhangup: 58,
      acct: 89,
      swapon: 224,
      swapoff: 225,
      reboot: 142,
      sethostname: 161,
      setdomainname: 162,
      quotactl: 60,
      syslog: 116,
      settimeofday: 170,
      clock_settime: 112,
    },
    socket: 198,
    namespaces: { clone: 220, unshare: 97 },
  },
};
