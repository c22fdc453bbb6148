# Runs a plan of system calls: one per line, fields separated by tabs and percent-encoded, a leading `?` means
# that a failure is ignored. `launch.pl =` starts processes on request, each of which reads its plan from a pipe of its
# own and says on another one what becomes of it.
#
# It is loaded before it joins any namespace and loads nothing afterwards, and capabilities go before anything of
# the sandbox is executed: a sandbox may have replaced every program and library that it sees. For the same reason
# a command's environment never is this process's own: it comes in the plan.
#
# What a sandbox can see of a command that is being started is its last process alone, which has no capability, no
# handle of ours but the pipe to its waiter, and can't be looked into before its exec (docs/adr/0019-launcher.md).
use strict;

require $0 =~ s/[^\/]*\z/wait.pl/r;

our %NR =
  $ENV{ONMEMOS_ARCH} eq 'arm64'
  ? (
    capset => 91, clock_gettime => 113, memfd_create => 279, mknodat => 33, mount => 40, mount_setattr => 442,
    pidfd_open => 434, pivot_root => 41, ppoll => 73, prctl => 167, prlimit => 261, sethostname => 161, setns => 268, setsid => 157,
    setxattr => 5, umount2 => 39, unshare => 97, waitid => 95,
  )
  : (
    capset => 126, clock_gettime => 228, memfd_create => 319, mknodat => 259, mount => 165, mount_setattr => 442,
    pidfd_open => 434, pivot_root => 155, ppoll => 271, prctl => 157, prlimit => 302, sethostname => 170, setns => 308, setsid => 112,
    setxattr => 188, umount2 => 166, unshare => 272, waitid => 247,
  );
my %NS_FLAG = (mnt => 0x20000, cgroup => 0x2000000, uts => 0x4000000, ipc => 0x8000000, user => 0x10000000,
  pid => 0x20000000, net => 0x40000000);

my (%ns, %sockets, $line, @rest, @groups, $number, $holding);
# The command: its folder, flags, environment and program; the size of its terminal, that terminal and its other side.
my ($cwd, $flags, @environment, @size, $slave);
our ($source, $status, $child, @command, $master);

# Says what failed, with the system's number for why; `folder` and `program` are those of the command itself.
sub fail {
  my ($what, $part) = (@_, 'launch');
  my ($why, $message) = (0 + $!, "$what: $!");
  $message =~ tr/\n/ /;
  syswrite $status, "error $part $why $message\n";
  exit 125;
}

# Numbers go as they are, text as a pointer to it: the kernel writes into the caller's own variable.
sub call {
  my $number = $NR{shift @_};
  return syscall($number, @_) >= 0;
}

sub start_time {
  my ($pid) = @_;
  open my $stat, '<', "/proc/$pid/stat" or return '';
  my $text = <$stat>;
  $text =~ s/^.*\) //s;
  return (split / /, $text)[19];
}

sub put {
  my ($path, $text) = @_;
  open my $file, '>', $path or return 0;
  my $done = defined syswrite $file, $text;
  return close($file) && $done;
}

# Sends messages (in hexadecimal) by a socket that `socket` opened. Their answers are there when the send returns; each
# is an error number, 0 where it was done.
sub netlink {
  my ($name, $count, $messages) = @_;
  my $socket = $sockets{$name} or return 0;
  my $bytes = pack 'H*', $messages;
  return 0 if (syswrite $socket, $bytes) != length $bytes;
  while ($count > 0) {
    defined recv $socket, my $answers, 65536, 0x40 or return 0;
    while (length $answers >= 16) {
      my ($length, $type) = unpack 'L S', $answers;
      if ($type == 2 && --$count >= 0) {
        $! = -unpack 'x16 l', $answers;
        return 0 if $! != 0;
      }
      substr $answers, 0, $length + 3 & ~3, '';
    }
  }
  return 1;
}

# Whoever joins a mount namespace, be it the own one, has its root: that undoes a chroot.
sub to_namespace_root {
  open my $own, '<', '/proc/self/ns/mnt' or return 0;
  return call('setns', fileno $own, $NS_FLAG{mnt});
}

# Runs this program again from a copy of the interpreter in memory that nothing can write to. The file that a process on
# its way into a sandbox runs is then none of the host's.
sub from_sealed_copy {
  my ($name, $program) = ('perl', undef);
  my $number = syscall $NR{memfd_create}, $name, 0x13;
  # Before Linux 6.3 there is no flag for what may be executed.
  $number = syscall $NR{memfd_create}, $name, 3 if $number < 0;
  return if $number < 0 or !open my $copy, '+<&=', $number or !open my $own, '<:raw', '/proc/self/exe';
  binmode $copy;
  while (my $read = sysread $own, my $bytes, 1048576) {
    return if (syswrite $copy, $bytes) != $read;
  }
  return if !fcntl $copy, 1033, 15 or !open $program, '<', "/proc/self/fd/$number";
  # What is open for writing can't be executed.
  close $copy;
  exec { '/proc/self/fd/' . fileno $program } 'perl', $0, '==';
}

# Answers each `start ID STREAMS` (i, o, e: which standard streams are pipes) by `ID ERROR PID FD...`: the numbers of
# our ends of its pipes, which the asker opens for itself before it says `taken ID`. Returns in the new process only.
sub serve {
  my (%kept, $buffer);
  my %kind = (i => [0, \*STDIN], o => [1, \*STDOUT], e => [1, \*STDERR]);
  call('prctl', 1, 9, 0, 0, 0);
  my $name = 'perl';
  call('prctl', 15, $name, 0, 0, 0);
  $SIG{CHLD} = 'IGNORE';
  while (sysread STDIN, $buffer, 65536, length($buffer // '')) {
    while ($buffer =~ s/^([^\n]*)\n//) {
      my ($what, $id, $streams) = split /\t/, $1, -1;
      if ($what eq 'taken') {
        close $_ for @{delete $kept{$id} // []};
        next;
      }
      my (@ours, @theirs, @numbers);
      my $made = 1;
      for my $outward (0, 1, map { index($streams, $_) < 0 ? -1 : $kind{$_}[0] } qw(i o e)) {
        if ($outward < 0) {
          push @theirs, undef;
          push @numbers, -1;
          next;
        }
        pipe my $read, my $write or do { $made = 0; last };
        push @ours, $outward ? $read : $write;
        push @theirs, $outward ? $write : $read;
        push @numbers, fileno $ours[-1];
      }
      my $pid = $made ? fork : undef;
      if (!defined $pid) {
        syswrite STDOUT, "$id\t$!\n";
        next;
      }
      if ($pid == 0) {
        close $_ for @ours, map { @$_ } values %kept;
        ($source, $status) = @theirs;
        for my $i (0 .. 2) {
          my ($outward, $stream) = @{$kind{qw(i o e)[$i]}};
          my $end = $theirs[2 + $i];
          if ($end) { open $stream, $outward ? '>&' : '<&', $end or exit 125 }
          else { open $stream, $outward ? '>' : '<', '/dev/null' or exit 125 }
          close $end if $end;
        }
        $SIG{CHLD} = 'DEFAULT';
        return;
      }
      $kept{$id} = \@ours;
      syswrite STDOUT, join("\t", $id, '', $pid, @numbers) . "\n";
    }
  }
  exit 0;
}

my %op;
%op = (
  pdeathsig => sub { call('prctl', 1, 9, 0, 0, 0) },
  # From here on nobody without privileges over this process can open what it has, or trace it; an exec ends that.
  closed => sub { call('prctl', 4, 0, 0, 0, 0) },
  # The rest of the plan is read: nothing of the keeper's stays open for it.
  whole => sub { @rest = <$source>; close $source },
  unshare => sub { call('unshare', 0 + $_[0]) },
  fork => sub {
    pipe my $started, my $held or return 0;
    $child = fork;
    return 0 unless defined $child;
    %ns = ();
    if ($child == 0) {
      close $started;
      close $status;
      close $master if $master;
      $status = $holding = $held;
      return 1;
    }
    @groups = ();
    close $held;
    close $slave if $slave;
    syswrite $status, "pid $child\n";
    wait_for_child($started);
  },
  # 0 means the writer itself; a fresh process per plan, so no thread is left behind.
  join => sub { put($_[0], '0') },
  # The same in two steps: what opens the file needs the right to it, what writes is another process without any.
  group => sub { open my $file, '>', $_[0] or return 0; push @groups, $file },
  # What the command's processes are known by where they have no group: see numbered.ts.
  number => sub { $number = $_[0]; 1 },
  join_groups => sub {
    my $joined = !defined $number || $op{rlimit}->(10, $number);
    for my $file (splice @groups) { $joined = 0 unless defined(syswrite $file, '0') && close $file }
    return $joined;
  },
  write => sub { put($_[0], $_[1]) },
  hostname => sub { my $name = $_[0]; call('sethostname', $name, length $name) },
  mount => sub {
    my ($source, $target, $type, $mount_flags, $data) = @_;
    call('mount', $source, $target, $type, 0 + $mount_flags, $data eq '' ? 0 : $data);
  },
  # mount_setattr(2) of the whole tree: read-only, no set-user-id programs, no devices.
  readonly => sub {
    my ($path, $attributes) = ($_[0], pack('Q4', 7, 0, 0, 0));
    call('mount_setattr', -100, $path, 0x8000, $attributes, length $attributes);
  },
  mkdir => sub { (mkdir($_[0]) || $! == 17) && chmod(oct $_[1], $_[0]) },
  chown => sub { chown $_[1], $_[2], $_[0] },
  symlink => sub { symlink $_[0], $_[1] },
  mknod => sub {
    my ($path, $mode, $major, $minor) = @_;
    call('mknodat', -100, $path, oct $mode, $major * 256 + $minor) && ($major == 0 || chmod(oct($mode) & 07777, $path));
  },
  file => sub { put($_[0], $_[2]) && chmod(oct $_[1], $_[0]) },
  xattr => sub { my ($path, $name, $value) = @_; call('setxattr', $path, $name, $value, length $value, 0) },
  # The mounts of the whole namespace stop being shared with others, those outside of a chroot too.
  private => sub {
    opendir my $root, '/' or return 0;
    my ($slash, $nothing) = ('/', '');
    to_namespace_root() and call('mount', $nothing, $slash, $nothing, 0x44000, 0) and chdir $root and chroot '.';
  },
  # The new root becomes that of the namespace, from wherever the launcher itself is rooted: a command joins the
  # namespace and starts there. Both folders are the same one, so the old root lies on top and is detached from there.
  pivot => sub {
    my ($here, $also) = ('.', '.');
    opendir my $new, $_[0] or return 0;
    to_namespace_root() and chdir $new and call('pivot_root', $here, $also) and call('umount2', $here, 2) and chdir '/';
  },
  loopback => sub {
    socket my $socket, 2, 2, 0 or return 0;
    my $request = pack 'a16 s x14 x8', 'lo', 0x41;
    return defined ioctl $socket, 0x8914, $request;
  },
  # To the kernel's routing (0) or its packet filter (12), of the network namespace that this process is in now.
  socket => sub { socket my $socket, 16, 3, 0 + $_[1] or return 0; $sockets{$_[0]} = $socket },
  netlink => sub { netlink(@_) },
  hang_up => sub { %sockets = (); 1 },
  network => sub { open my $other, '<', $_[0] or return 0; call('setns', fileno $other, $NS_FLAG{net}) },
  # Never above the hard limit that this process has.
  rlimit => sub {
    my ($resource, $wanted) = (0 + $_[0], 0 + $_[1]);
    my $now = pack 'Q Q', 0, 0;
    call('prlimit', 0, $resource, 0, $now) or return 0;
    my $hard = (unpack 'Q Q', $now)[1];
    my $limit = pack 'Q Q', map { $wanted < $hard ? $wanted : $hard } 1, 2;
    call('prlimit', 0, $resource, $limit, 0);
  },
  groups => sub { $) = '0 0'; 1 },
  # What is not in the mask goes from the bounding set, then from every set of this process; nothing is inherited.
  caps => sub {
    my $keep = 0 + $_[0];
    for my $cap (0 .. 63) { last unless $keep >> $cap & 1 or call('prctl', 24, $cap, 0, 0, 0) }
    my $header = pack 'L l', 0x20080522, 0;
    my ($low, $high) = ($keep & 0xffffffff, $keep >> 32);
    my $data = pack 'L6', $low, $low, 0, $high, $high, 0;
    call('prctl', 47, 4, 0, 0, 0) and call('capset', $header, $data);
  },
  no_new_privs => sub { call('prctl', 38, 1, 0, 0, 0) },
  seccomp => sub {
    my $filter = pack 'H*', $_[0];
    my $program = pack 'S x6 P', length($filter) / 8, $filter;
    call('prctl', 22, 2, $program, 0, 0);
  },
  # The namespaces are opened first: if the process still is the one that was meant, so are they.
  target => sub {
    my ($pid, $start, @kinds) = @_;
    for my $kind (@kinds) { open $ns{$kind}, '<', "/proc/$pid/ns/$kind" or fail('this sandbox is gone') }
    $! = 3;
    return start_time($pid) eq $start || fail('this sandbox is gone');
  },
  ns => sub { call('setns', fileno $ns{$_[0]}, $NS_FLAG{$_[0]}) },
  session => sub {
    call('setsid') or return 0;
    return 1 unless $slave;
    open STDIN, '<&', $slave and open STDOUT, '>&', $slave and open STDERR, '>&', $slave and close $slave or return 0;
    return defined ioctl STDIN, 0x540e, 0;
  },
  size => sub { @size = @_ },
  # The command's terminal, where it has one: one of the sandbox's own, made with no more rights than a command has.
  # Nothing in there can replace that file. Erasing takes whole characters of UTF-8.
  terminal => sub {
    return 1 unless @size;
    my ($unlocked, $mode, $window) = (pack('l', 0), "\0" x 36, pack 'S4', @size[1, 0], 0, 0);
    my $other = sysopen($master, '/dev/pts/ptmx', 04402) && ioctl($master, 0x40045431, $unlocked)
      && ioctl($master, 0x5414, $window) && ioctl($master, 0x5441, 0402) or fail('no terminal can be opened');
    open $slave, '+<&=', $other and ioctl $slave, 0x5401, $mode or return 0;
    substr $mode, 0, 4, pack 'L', 0x4000 | unpack 'L', $mode;
    return ioctl $slave, 0x5402, $mode;
  },
  say => sub { syswrite $status, "$_[0]\n" },
  # Process 1: orphans are reaped by the kernel where their parent ignores SIGCHLD, which an exec keeps.
  init => sub {
    $SIG{CHLD} = 'IGNORE';
    %ENV = ();
    return exec { $_[0] } @_;
  },
  # What `command` starts, where that does not stand in the arguments: folder, flags, environment, program.
  run => sub {
    ($cwd, $flags, my $count, @command) = @_;
    @environment = splice @command, 0, 2 * $count;
    return 1;
  },
  command => sub {
    chdir $cwd or fail("the folder $cwd can’t be entered", 'folder');
    open STDERR, '>&', \*STDOUT or return 0 if $flags =~ /m/;
    %ENV = @environment;
    exec { $command[0] } @command or fail($command[0], 'program');
  },
);

umask 022;
from_sealed_copy() if $ARGV[0] eq '=';
serve();
while ($line = @rest ? shift @rest : fileno $source ? <$source> : undef) {
  chomp $line;
  my ($name, @fields) = split /\t/, $line, -1;
  s/%([0-9A-F]{2})/chr hex $1/ge for @fields;
  my $may_fail = $name =~ s/^\?//;
  $op{$name}->(@fields) or $may_fail or fail("$name $fields[0] $fields[1]");
}
exit 0;
