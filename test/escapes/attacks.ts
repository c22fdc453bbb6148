/** What lies on the host for an attack to reach. Every secret's content is `token`. */
export interface World {
  readonly token: string;
  readonly dataDir: string;
  readonly rootSecret: string;
  readonly homeSecret: string;
  readonly srvSecret: string;
  /** A service's socket in /run, as a container engine has one. */
  readonly runSocket: string;
  readonly keeperSocket: string;
  readonly abstractSocket: string;
  readonly loopbackPort: number;
  /** A host process with the token in its environment, which must outlive every attack. */
  readonly victimPid: number;
  /** SHA-256 of the host's /etc/shadow: a machine may have no password at all, and its file is still not to be seen. */
  readonly shadowSum: string;
  readonly rootDevice: { readonly major: number; readonly minor: number };
}

/**
 * An attack runs inside a sandbox. It has won if it prints the token or `BROKEN`; `marker` is a path on the host
 * that must not be there afterwards; `noisy` ones have a sandbox of their own, and a neighbour must answer meanwhile.
 */
export interface Attack {
  readonly name: string;
  readonly script: (world: World) => string;
  readonly marker?: string;
  readonly noisy?: boolean;
  /** Aims at commands that are being started beside it: it says `SEEN` and how many it saw, else nothing is proved. */
  readonly racer?: boolean;
  /** Wins without isolation, and changes nothing there: tried so to show that it would notice. */
  readonly harmless?: boolean;
}

/** Numbers of system calls that no program of the system makes for us. */
const [ptrace, openByHandle, keyctl] = process.arch === 'arm64' ? [117, 265, 219] : [101, 304, 250];

const perl = (code: string): string => `perl -e '${code}'`;
const connectTo = (path: string): string =>
  perl(`use Socket; socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,pack("S a*",1,"${path}")) and print "BROKEN\\n"`);
const dial = (host: string, port: number): string =>
  perl(
    `use Socket; alarm 3; socket(S,AF_INET,SOCK_STREAM,0); connect(S,sockaddr_in(${port},inet_aton("${host}"))) and print "BROKEN\\n"`,
  );
/**
 * Looks at every launcher that it sees in /proc: a process named perl that is not its own. It wins where the program or a
 * handle beyond the standard streams can be followed, or the memory opened, which takes the right to trace. The first
 * ones it stops while they are launchers: one that nobody continues never begins. The folder `slow` takes the kernel long
 * to enter.
 */
const RACER = `
use strict;
my (%seen, %stopped);
sub name { open my $f, "<", "/proc/$_[0]/comm" or return ""; my $n = <$f>; chomp $n if defined $n; $n // "" }
until (-e "/tmp/race/over") {
  opendir my $all, "/proc" or die;
  for my $pid (grep { /^[0-9]+$/ && $_ != $$ } readdir $all) {
    next if name($pid) ne "perl";
    my $new = !$seen{$pid}++;
    my $program = readlink "/proc/$pid/exe";
    print "BROKEN\nits program: $program\n" if defined $program && $program =~ /perl/;
    if (opendir my $handles, "/proc/$pid/fd") {
      for my $handle (grep { /^[0-9]+$/ && $_ > 2 } readdir $handles) {
        my $to = readlink "/proc/$pid/fd/$handle";
        print "BROKEN\nits handle: $to\n" if defined $to && name($pid) eq "perl";
      }
    }
    if (open my $memory, "<", "/proc/$pid/mem") {
      select undef, undef, undef, 0.001;
      print "BROKEN\nits memory\n" if name($pid) eq "perl";
    }
    kill "STOP", $pid if $new && ($stopped{$pid} = 1) && keys %seen < 4;
  }
  for my $pid (grep { name($_) ne "perl" } keys %stopped) {
    kill "CONT", $pid;
    delete $stopped{$pid};
  }
}
print "SEEN ", scalar keys %seen, "\n";
`;

const SLOW_FOLDER =
  'mkdir -p /tmp/race/a && cd /tmp/race && ' +
  `perl -e 'for $i (0 .. 11) { symlink "a/../" x 780 . ($i < 11 ? "s" . ($i + 1) : "a"), "s$i" }' && ln -s s0 slow`;

const won = (command: string): string => `if ${command} >/dev/null 2>&1; then echo BROKEN; fi`;

export const ATTACKS: readonly Attack[] = [
  { name: "read the host's /root", harmless: true, script: (w) => `cat ${w.rootSecret}` },
  { name: "read the host's /home", harmless: true, script: (w) => `cat ${w.homeSecret}; grep -rs ${w.token} /home` },
  { name: "read the host's /srv", harmless: true, script: (w) => `cat ${w.srvSecret}; cat /proc/*/root${w.srvSecret}` },
  {
    name: 'read password hashes',
    harmless: true,
    script: (w) =>
      `${won("grep -q '^[^:]*:[!*]*[^!*:]' /etc/shadow /etc/gshadow /etc/shadow-")}; ` +
      won(`sh -c 'sha256sum /etc/shadow | grep -q ^${w.shadowSum}'`),
  },
  { name: 'read host keys of ssh', script: () => won('ls /etc/ssh/ssh_host_* /etc/ssl/private/*') },
  { name: 'read the admin key', harmless: true, script: (w) => `cat ${w.dataDir}/admin.key` },
  { name: 'list the data folder', harmless: true, script: (w) => won(`ls ${w.dataDir}`) },
  {
    name: "use a service's socket in /run",
    harmless: true,
    script: (w) => `${won(`ls ${w.runSocket}`)}; ${connectTo(w.runSocket)}`,
  },
  { name: "use the keeper's socket", harmless: true, script: (w) => connectTo(w.keeperSocket) },
  { name: 'use an abstract socket of the host', harmless: true, script: (w) => connectTo(`\\0${w.abstractSocket}`) },
  { name: "reach a service on the host's loopback", harmless: true, script: (w) => dial('127.0.0.1', w.loopbackPort) },
  { name: 'reach a cloud metadata address', script: () => dial('169.254.169.254', 80) },
  {
    name: 'read the environment of host processes',
    harmless: true,
    script: (w) => `grep -as ${w.token} /proc/*/environ /proc/*/task/*/environ`,
  },
  { name: 'see host processes', harmless: true, script: (w) => won(`test -d /proc/${w.victimPid}`) },
  {
    name: "read a neighbour's files",
    harmless: true,
    script: (w) =>
      `cat ${w.dataDir}/sandboxes/neighbour/workspace/secret; grep -rs ${w.token} /workspace /tmp /run /dev/shm`,
  },
  {
    name: "see a neighbour's processes",
    harmless: true,
    script: () => won("sh -c 'cat /proc/[0-9]*/cmdline | tr \\\\0 x | grep -q sleepx8639[78]'"),
  },
  {
    name: 'write to a system folder of the host',
    script: () => 'echo x > /usr/onmemos-escape; echo x > /etc/onmemos-escape',
    marker: '/usr/onmemos-escape',
  },
  {
    name: 'write to the settings of the kernel',
    script: () => `${won('eval ": >> /proc/sys/kernel/core_pattern"')}; ${won('eval ": >> /proc/sysrq-trigger"')}`,
  },
  { name: 'kill a host process', script: (w) => `kill -9 ${w.victimPid}` },
  {
    name: 'trace a host process',
    script: (w) => perl(`print "BROKEN\\n" if syscall(${ptrace}, 16, ${w.victimPid}, 0, 0) == 0`),
  },
  {
    name: 'mount',
    script: () =>
      `${won('mount -t tmpfs none /mnt')}; ${won('mount --bind / /mnt')}; ${won('mount -t proc proc /mnt')}`,
  },
  {
    name: 'remount or unmount what is read-only',
    script: () => `${won('mount -o remount,rw,bind /proc/sys')}; ${won('umount /proc/sys')}; ${won('umount -l /proc')}`,
  },
  {
    name: 'mount the control groups',
    script: () => `${won('mount -t cgroup -o memory none /mnt')}; ${won('mount -t cgroup2 none /mnt')}`,
  },
  {
    name: 'change the limits in the control group files',
    script: () =>
      `for m in /sys /sys/fs/cgroup /sys/fs/cgroup/*; do ${won('mount -o remount,bind,rw $m')}; ${won('umount $m')}; ${won('mkdir $m/mine')}; done; ` +
      `for f in $(find /sys/fs/cgroup -name memory.max -o -name cpu.max -o -name pids.max -o -name '*limit_in_bytes' -o -name 'cpu.cfs*' -o -name cpuset.cpus -o -name release_agent); do ${won('eval "echo 1000000 > $f"')}; done; ` +
      'find /sys/fs/cgroup | grep -E "onmemos|release_agent" && echo BROKEN',
  },
  {
    name: 'leave the control group',
    script: () =>
      `for f in $(find / -xdev -name cgroup.procs 2>/dev/null; find /sys/fs/cgroup -name cgroup.procs -o -name tasks); do ${won('eval "echo 0 > $f"')}; done; grep -v ':/$' /proc/self/cgroup | grep onmemos && echo BROKEN`,
  },
  {
    name: "make a device of the host's disk",
    script: (w) => `mknod /tmp/disk b ${w.rootDevice.major} ${w.rootDevice.minor}; ${won('head -c 1 /tmp/disk')}`,
  },
  {
    name: 'make namespaces of its own',
    script: () =>
      `${won('unshare -Ur true')}; ${won('unshare -m true')}; ${won('unshare -p true')}; ${won('unshare -Urm mount -t tmpfs none /mnt')}; ${won("unshare -UrmC sh -c 'mount -t cgroup -o memory none /mnt'")}`,
  },
  {
    name: 'join namespaces of others',
    script: (w) => `${won('nsenter -t 1 -m -p true')}; ${won(`nsenter -t ${w.victimPid} -m true`)}`,
  },
  {
    name: 'climb out by chroot',
    script: (w) =>
      `${perl(`mkdir "/tmp/c"; chroot "/tmp/c"; chdir ".." for 1..64; chroot "."; open F, "<", "${w.srvSecret.slice(1)}" and print <F>`)}`,
  },
  {
    name: 'open a file by its handle',
    script: () =>
      perl(
        `$h = pack("L L a8", 8, 1, pack("L L", 2, 0)); open D, "<", "/workspace"; print "BROKEN\\n" if syscall(${openByHandle}, fileno(D), $h, 0) >= 0`,
      ),
  },
  {
    name: 'hold a privilege over the machine',
    harmless: true,
    script: () =>
      "p=$(sed -n 's/^CapBnd:\\s*//p' /proc/self/status); [ $((0x$p & 0x1ff7ffbfb04)) -eq 0 ] || echo BROKEN",
  },
  {
    name: 'gain privileges by an exec',
    harmless: true,
    script: () => "grep -q 'NoNewPrivs:\\s1' /proc/self/status || echo BROKEN",
  },
  { name: 'read the log of the kernel', script: () => won("sh -c 'dmesg | grep -q .'") },
  { name: 'use the keyrings', script: () => perl(`print "BROKEN\\n" if syscall(${keyctl}, 0, -3, 1) >= 0`) },
  {
    name: 'open, trace or stop a command that is being started',
    racer: true,
    script: () => `${SLOW_FOLDER} && cat > racer.pl <<'EOF' && exec perl racer.pl\n${RACER}EOF`,
  },
  { name: 'fork bomb', script: () => 'b() { b | b & b; }; b', noisy: true },
  { name: 'memory hog', script: () => perl('my @a; push @a, "x" x 1_000_000 while 1'), noisy: true },
  { name: 'disk filler', script: () => 'while :; do head -c 20000000 /dev/zero >> /tmp/fill; done', noisy: true },
];
