# The part of `launch.pl` that stays outside of a sandbox and waits for what was started in there.
use strict;

our (%NR, $source, $status, $child, @command, $master);

# The waiter stays outside the sandbox's processes: nothing in there can address it. It alone speaks to the keeper. It
# holds nothing of the command's but the other side of its terminal, hands on what its child says, says when the command
# has taken that process over (the child's end of the pipe closes by that) and how it ended.
sub wait_for_child {
  my ($started) = @_;
  close STDERR;
  close $source;
  $SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM TTIN TTOU TSTP USR1 USR2);
  attend_terminal($started) if $master;
  close STDIN;
  close STDOUT;
  hand_on($started);
  say_end(0);
  my $poll = pack 'l s s', fileno $status, 0, 0;
  1 while !call('ppoll', $poll, 1, 0, 0, 0) && $! == 4;
  let_go();
  exit 0;
}

# A command that is stopped before it has begun would never begin: it is continued.
sub hand_on {
  my ($from) = @_;
  my ($text, $wanted) = ('', '');
  vec($wanted, fileno $from, 1) = 1;
  for (;;) {
    my $found = select my $ready = $wanted, undef, undef, @command ? 0.2 : undef;
    kill 'CONT', $child if $found == 0;
    last if $found > 0 && !hear($from, $text);
  }
}

# Reads what the child says into a text and hands on the whole lines. Returns false once it has begun.
sub hear {
  my ($from) = @_;
  my $read = sysread $from, $_[1], 65536, length $_[1];
  if (defined $read && $read == 0) {
    close $from;
    syswrite $status, "begun\n";
    return 0;
  }
  while ($_[1] =~ s/^([^\n]*)\n//) {
    my $said = $1;
    syswrite $status, "$said\n" if $said =~ /^(?:error .*|(?!begun)[a-z]+)\z/;
  }
  return 1;
}

# Waits for the child's end, or with the flag 1 looks whether it has ended. It stays a zombie until the keeper knows that
# and has closed its end of the pipe: its number, and that of its group, can't be another's while the keeper may send a
# signal to it.
sub say_end {
  my ($flag) = @_;
  my $info = "\0" x 128;
  1 while !call('waitid', 1, $child, $info, 0x1000004 + $flag, 0) && $! == 4;
  my ($how, $ended, $number) = (unpack 'l7', $info)[2, 4, 6];
  syswrite $status, $how == 1 ? "exit $number 0\n" : "exit 0 $number\n" if $ended;
  return $ended;
}

# Not left to the machine's process 1, which may take its time: the sandbox ends no sooner than that.
sub let_go { waitpid $child, 0 }

# Seconds of a clock that is never set.
sub now {
  my $time = pack 'q q', 0, 0;
  call('clock_gettime', 1, $time);
  my ($seconds, $nanoseconds) = unpack 'q q', $time;
  return $seconds + $nanoseconds / 1e9;
}

# What a waiter does for a command on a terminal: it carries what is typed to the terminal and what is printed to the
# keeper as well, and ends once nothing has the terminal open. The keeper sends frames: a kind (`i` is typed, `s` is the
# size), a length, and so many bytes.
sub attend_terminal {
  my ($started) = @_;
  my ($said, $frames, $typed, $printed) = ('', '', '', '');
  # `quiet`: when the terminal is looked at again, after nothing had it open; 0 while something has.
  my ($typing, $printing, $quiet, $ended, $held) = (1, 1, 0, 0, 1);
  # Before Linux 5.3 nothing tells of the end: it is looked for.
  my $number = syscall $NR{pidfd_open}, $child, 0;
  open my $end, '<&=', $number if $number >= 0;
  $SIG{PIPE} = 'IGNORE';
  fcntl STDOUT, 4, 04001;
  while ($held || $printing) {
    my ($readable, $writable) = ('', '');
    $quiet = 0 if $quiet && now() >= $quiet;
    vec($readable, fileno $started, 1) = 1 if $started;
    vec($readable, fileno $end, 1) = 1 if $end && !$ended;
    vec($readable, fileno $status, 1) = 1 if $ended && $held;
    vec($readable, fileno STDIN, 1) = 1 if $typing && length $typed < 65536;
    vec($readable, fileno $master, 1) = 1 if $master && !$quiet && length $printed < 65536;
    vec($writable, fileno $master, 1) = 1 if $master && $typed ne '';
    vec($writable, fileno STDOUT, 1) = 1 if $printed ne '';
    my $look = $started || $quiet || !$end && !$ended;
    my $found = select $readable, $writable, undef, $look ? 0.2 : undef;
    next if $found < 0;
    kill 'CONT', $child if $found == 0 && $started;
    if ($started) { undef $started if vec($readable, fileno $started, 1) && !hear($started, $said) }
    elsif (!$ended && (!$end || vec $readable, fileno $end, 1)) {
      $ended = say_end(1);
      $quiet = 0;
    }
    elsif ($held && vec $readable, fileno $status, 1) {
      let_go();
      $held = 0;
    }
    if (vec $readable, fileno STDIN, 1) {
      $typing = sysread STDIN, $frames, 65536, length $frames;
      while ($frames =~ /^(.)(....)/s && length $frames >= 5 + unpack 'N', $2) {
        my ($kind, $content) = unpack 'a N/a', $frames;
        substr $frames, 0, 5 + length $content, '';
        if ($kind eq 'i') { $typed .= $content }
        elsif ($master) { ioctl $master, 0x5414, $content }
      }
    }
    if ($master && vec $writable, fileno $master, 1) {
      my $written = syswrite $master, $typed;
      substr $typed, 0, $written, '' if defined $written;
    }
    if ($master && vec $readable, fileno $master, 1) {
      $! = 0;
      # An error says that nothing has it open. While the command runs, it may open it again.
      if (!sysread($master, $printed, 65536, length $printed) && $! != 4 && $! != 11) {
        if ($ended) { close $master; undef $master }
        else { $quiet = now() + 0.2 }
      }
    }
    if ($printed ne '' && vec $writable, fileno STDOUT, 1) {
      my $written = syswrite STDOUT, $printed;
      if (defined $written) { substr $printed, 0, $written, '' }
      elsif ($! != 4 && $! != 11) {
        # The keeper takes no more: as when a terminal's window closes.
        ($printed, $typed) = ('', '');
        close $master if $master;
        undef $master;
      }
    }
    if ($printing && !$master && $printed eq '') {
      close STDOUT;
      $printing = 0;
    }
  }
  exit 0;
}

1;
