import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllowed } from '#platform/network-policy.ts';
import { descendants, proportionalMb } from '../../bench/support/processes.ts';
import type { Sandbox } from '../../../functions/keeper/sandbox/types.ts';
import { openTestHost, run, testCommand, testSpec, until } from '../../support/sandbox/host.ts';
import { makeWorld, OUTSIDE, OUTSIDE_V6 } from './world.ts';

/** One scenario, in a network namespace of this process's own: prints what it saw as JSON. */

const [, , name = '', folder = ''] = process.argv;
const NOBODY = 65_534;

/** Connects and prints the greeting, or why not. Arguments: address, port, own port, seconds to stay. */
const CONNECT = `use Socket qw(:all); $| = 1; alarm 20;
my ($to, $port, $own) = @ARGV; my $six = $to =~ /:/;
socket my $s, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0 or die "$!";
setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1;
if ($own) { bind $s, pack_sockaddr_in($own, INADDR_ANY) or die "$!" }
my $a = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $to)) : pack_sockaddr_in($port, inet_aton($to));
if (!connect $s, $a) { print "$!\\n"; exit }
print scalar <$s>;`;
/** Opens connections until one is refused and holds them; says how many. */
const MANY = `use Socket qw(:all); $| = 1; my @held;
for (1 .. $ARGV[1]) { socket my $s, AF_INET, SOCK_STREAM, 0 or last; connect $s, pack_sockaddr_in(80, inet_aton($ARGV[0])) or last; push @held, $s }
print scalar(@held), "\\n"; <STDIN>;`;
/** Raw and packet sockets, and an address of its own choice. */
const RAW = `use Socket qw(:all); for ([2, 3, 255], [17, 3, 0x0300], [10, 3, 58]) { print socket(my $s, $$_[0], $$_[1], $$_[2]) ? "open\\n" : "$!\\n" }
socket my $s, 16, 3, 0; syswrite $s, pack 'L S S L L C4 L S S C4', 32, 20, 0x605, 1, 0, 2, 32, 0, 0, 2, 8, 2, 10, 77, 1, 2; sysread $s, my $b, 100; $! = -unpack 'x16 l', $b; print "$!\\n";`;
/** Talks once, waits for a line of input, talks again. */
const AGAIN = `use Socket qw(:all); $| = 1; socket my $s, AF_INET, SOCK_STREAM, 0; connect $s, pack_sockaddr_in(80, inet_aton($ARGV[0])) or die "$!";
print scalar <$s>; <STDIN>; $SIG{PIPE} = 'IGNORE'; alarm 60; syswrite $s, "x\\n"; defined(my $l = sysread $s, my $b, 10) or print "$!\\n"; print "over\\n";`;
/** Prints the sender of each beginning of a TCP connection that leaves by an interface for an address. */
const SENDERS = `use Socket qw(:all); $| = 1; my ($name, $to) = @ARGV; socket my $s, 17, 2, 0x0300 or die "$!";
my $index = pack 'a16 x24', $name; ioctl $s, 0x8933, $index or die "$!"; $index = unpack 'x16 l', $index;
bind $s, pack 'S n l S C C a8', 17, 3, $index, 0, 0, 0, '' or die "$!"; print "up\n";
while (defined recv $s, my $p, 65536, 0) {
  my ($size, $kind, $from, $dest) = unpack 'C x8 C x2 a4 a4', $p; next if $kind != 6 || $dest ne inet_aton $to;
  print inet_ntoa($from), "\n" if (18 & vec $p, 4 * ($size & 15) + 13, 8) == 2;
}`;

const perl = (program: string, ...args: readonly (string | number)[]): readonly string[] => [
  'perl',
  '-e',
  program,
  ...args.map(String),
];
const english = { env: { LC_ALL: 'C' }, merge: true };
const reach = async (from: Sandbox, to: string, port = 80, own = 0): Promise<string> =>
  (await run(from, '', { ...english, argv: perl(CONNECT, to, port, own) })).out.trim();
const reached = async (from: Sandbox, addresses: readonly string[]): Promise<Record<string, string>> => {
  const said: Record<string, string> = {};
  for (const address of addresses) said[address] = (await reach(from, address)).replace(/ met \d+$/, ' met');
  return said;
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
const processes = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
const mounts = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return '';
  }
};
/** Processes whose namespace is an uplink, whether pasta runs or not; of this scenario, not of other keepers here. */
const inUplinks = (): readonly string[] =>
  processes().filter(
    (pid) => mounts(pid) === mounts('self') && /\|-- 10\.77\.0\.1\n/.test(readText(`/proc/${pid}/net/fib_trie`)),
  );
const cables = (): readonly string[] => {
  const [holder = ''] = inUplinks();
  return [...readText(`/proc/${holder}/net/dev`).matchAll(/^\s*(box-\d+):/gm)].map(([, name = '']) => name);
};
/** pasta renames itself by the kind of its processor. */
const pastas = (below = process.pid): readonly number[] =>
  descendants(below).filter(
    (pid) =>
      readText(`/proc/${pid}/comm`).startsWith('pasta') || /\/pasta(\0|\.)/.test(readText(`/proc/${pid}/cmdline`)),
  );

const addressOf = async (sandbox: Sandbox): Promise<string> =>
  /\|-- (10\.77\.\S+)\n\s+\/32 host LOCAL/.exec((await run(sandbox, 'cat /proc/net/fib_trie')).out)?.[1] ?? '';

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  reach: async () => {
    await using test = await openTestHost({ network: 'auto' });
    const [a, b] = [await test.host.create(testSpec('a')), await test.host.create(testSpec('b'))];
    const none = await test.host.create(testSpec('c', { network: 'none' }));
    const same = await Promise.all([reach(a, OUTSIDE, 80, 40_000), reach(b, OUTSIDE, 80, 40_000)]);
    const listen = `use Socket qw(:all); socket my $s, AF_INET, SOCK_STREAM, 0; bind $s, pack_sockaddr_in(8000, INADDR_ANY); listen $s, 5; $| = 1; print "up\\n"; accept my $c, $s; print "MET\\n"`;
    const listening = await b.spawn(testCommand('', { argv: perl(listen), merge: true }));
    let heard = '';
    listening.stdout.on('data', (text: Buffer) => {
      heard += text.toString();
    });
    await until(() => heard.includes('up'), 'the neighbour listens');
    const [ownA, ownB] = [await addressOf(a), await addressOf(b)];
    const neighbour = await reach(a, ownB, 8000);
    return {
      details: a.details['network'],
      same,
      distinct: ownA !== '' && ownB !== '' && ownA !== ownB,
      neighbour,
      heard,
      own: await reached(a, ['192.0.2.2', '10.77.0.1', '10.77.128.53', '10.77.77.77']),
      closed: await reached(a, ['169.254.169.254', '169.254.1.1', '168.63.129.16']),
      closedV6: await reached(a, ['fd00:ec2::254', 'fd20:ce::254', '64:ff9b::a9fe:a9fe']),
      open: await reached(a, [OUTSIDE, OUTSIDE_V6, '10.5.0.1', '100.64.1.1', 'fd12::1']),
      none: await reached(none, [OUTSIDE]),
      noneDevices: (await run(none, 'tail -n +3 /proc/net/dev')).out.trim().split('\n').length,
      names: (await run(a, 'getent ahostsv4 example.org')).out.split(/\s/)[0],
      pastas: pastas().length,
    };
  },
  // With every privilege over the namespace, which no session has.
  forged: async () => {
    await using test = await openTestHost({ network: 'auto' });
    const [a, b] = [await test.host.create(testSpec('a')), await test.host.create(testSpec('b'))];
    const tried = (await run(a, '', { ...english, argv: perl(RAW) })).out;
    const ownB = await addressOf(b);
    const ownA = await addressOf(a);
    const inside = descendants(process.pid).find((pid) =>
      new RegExp(`\\|-- ${ownA}\\n\\s+/32 host LOCAL`).test(readText(`/proc/${pid}/net/fib_trie`)),
    );
    const within = (...argv: readonly string[]) =>
      execFileSync('nsenter', [`--net=/proc/${inside}/ns/net`, ...argv]).toString();
    const honest = within(...perl(CONNECT, OUTSIDE, 80, 0)).replace(/\d+$/m, '');
    within('ip', 'addr', 'add', `${ownB}/32`, 'dev', 'eth0');
    within('ip', 'route', 'replace', 'default', 'via', '10.77.0.1', 'dev', 'eth0', 'onlink', 'src', ownB);
    // An answer would come to the neighbour.
    const received = async () => (await run(b, 'grep ^Tcp: /proc/net/snmp')).out.split(/\s+/).at(-7);
    const before = await received();
    const forged = within('sh', '-c', 'timeout 3 "$@" || echo nothing', 'sh', ...perl(CONNECT, OUTSIDE, 80, 0)).trim();
    return { tried, honest, forged, quiet: before !== undefined && (await received()) === before };
  },
  // What pasta is given: old versions of it answer to one address only.
  translated: async () => {
    await using test = await openTestHost({ network: 'auto' });
    const [a, b] = [await test.host.create(testSpec('a')), await test.host.create(testSpec('b'))];
    const [holder = ''] = inUplinks();
    const look = spawn('nsenter', [`--net=/proc/${holder}/ns/net`, ...perl(SENDERS, 'uplink', OUTSIDE)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = '';
    look.stdout.on('data', (text: Buffer) => {
      seen += text.toString();
    });
    await until(() => seen.includes('up'), 'it looks at what leaves');
    for (const from of [a, b]) await reach(from, OUTSIDE);
    const senders = () => seen.split('\n').slice(1, -1);
    await until(() => senders().length >= 2, 'both have left');
    look.kill('SIGKILL');
    return senders();
  },
  closed: async () => {
    const networkPolicy = { private: 'closed', allowed: parseAllowed('10.6.0.0/16') } as const;
    await using test = await openTestHost({ network: 'auto', networkPolicy });
    const a = await test.host.create(testSpec('a'));
    return {
      said: await reached(a, [OUTSIDE, '10.5.0.1', '100.64.1.1', 'fd12::1', '10.6.0.1', '169.254.169.254']),
      names: (await run(a, 'getent ahostsv4 example.org')).out.split(/\s/)[0],
    };
  },
  // Without root's rights nobody can make an uplink: each sandbox has a pasta of its own.
  user: async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-network-'));
    chownSync(dataDir, NOBODY, NOBODY);
    const inner = spawn(process.execPath, [import.meta.filename, 'as-user', dataDir], {
      ...{ uid: NOBODY, gid: NOBODY, env: { ...process.env, HOME: dataDir } },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    inner.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await once(inner, 'close');
    rmSync(dataDir, { recursive: true, force: true });
    return JSON.parse(said) as unknown;
  },
  'as-user': async () => {
    const networkPolicy = { private: 'closed', allowed: parseAllowed('10.6.0.0/16') } as const;
    await using test = await openTestHost({ network: 'auto', isolation: 'user', networkPolicy, dataDir: folder });
    const a = await test.host.create(testSpec('a'));
    const asked = [OUTSIDE, '10.6.0.1', '10.5.0.1', '100.64.1.1', 'fd12::1', '169.254.169.254', 'fd00:ec2::254'];
    return {
      level: a.details['isolation'],
      said: await reached(a, asked),
      names: (await run(a, 'getent ahostsv4 example.org')).out.split(/\s/)[0],
      pastas: pastas().length,
    };
  },
  bound: async () => {
    await using test = await openTestHost({ network: 'auto' });
    const [a, b] = [await test.host.create(testSpec('a')), await test.host.create(testSpec('b'))];
    const many = await a.spawn(testCommand('', { argv: perl(MANY, OUTSIDE, 3000), stdin: true, merge: true }));
    const [count] = (await once(many.stdout, 'data')) as [Buffer];
    const full = await reach(a, OUTSIDE);
    const other = (await reach(b, OUTSIDE)).replace(/\d+$/, '');
    many.stdin?.end('\n');
    await many.exited;
    let again = '';
    await until(async () => {
      again = (await reach(a, OUTSIDE)).replace(/\d+$/, '');
      return again.includes('met');
    }, 'closed connections count no more');
    return { held: Number(count.toString()), full, other, again };
  },
  killed: async () => {
    await using test = await openTestHost({ network: 'auto' });
    const a = await test.host.create(testSpec('a'));
    const talk = await a.spawn(testCommand('', { argv: perl(AGAIN, OUTSIDE), stdin: true, ...english }));
    let said = '';
    talk.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await until(() => said.includes('met'), 'the first words');
    const [before = 0] = pastas();
    process.kill(before, 'SIGKILL');
    await until(() => pastas().some((pid) => pid !== before), 'pasta is started again');
    let again = '';
    await until(async () => {
      again = (await reach(a, OUTSIDE)).replace(/\d+$/, '');
      return again.includes('met');
    }, 'the network is there again');
    talk.stdin?.end('\n');
    await talk.exited;
    await until(() => said.includes('over'), 'the old connection is over');
    const names = (await run(a, 'getent ahostsv4 example.org')).out.split(/\s/)[0];
    return { again, old: said.split('\n').slice(1), names, pastas: pastas().length };
  },
  leftovers: async () => {
    const test = await openTestHost({ network: 'auto' });
    const [a, b] = [await test.host.create(testSpec('a')), await test.host.create(testSpec('b'))];
    const two = cables().length;
    await a.destroy(0);
    await until(() => cables().length === 1, 'the cable of an ended session is gone');
    await b.destroy(0);
    await until(() => cables().length === 0, 'the last cable is gone');
    const open = inUplinks().length > 0;
    await test[Symbol.asyncDispose]();
    await until(() => inUplinks().length === 0 && pastas().length === 0, 'the uplink is gone');
    const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-network-'));
    const keeper = spawn(process.execPath, [import.meta.filename, 'hold', dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(keeper.stdout, 'data');
    const held = pastas(keeper.pid).length;
    keeper.kill('SIGKILL');
    await once(keeper, 'exit');
    await until(() => inUplinks().length === 0, 'nothing of a killed keeper is left');
    rmSync(dataDir, { recursive: true, force: true });
    return { two, open, held };
  },
  hold: async () => {
    const test = await openTestHost({ network: 'auto', dataDir: folder });
    await test.host.create(testSpec('a'));
    process.stdout.write('{}\n');
    return new Promise(() => undefined);
  },
  memory: async () => {
    const count = 100;
    await using test = await openTestHost({ network: 'auto' });
    await test.host.create(testSpec('first'));
    const used = () => [process.pid, ...descendants(process.pid)].reduce((sum, pid) => sum + proportionalMb(pid), 0);
    const [before, processesBefore] = [used(), descendants(process.pid).length];
    for (let i = 0; i < count; i++) await test.host.create(testSpec(`s-${i}`));
    return {
      megabytes: (used() - before) / count,
      processes: (descendants(process.pid).length - processesBefore) / count,
      pastas: pastas().length,
      cables: cables().length,
    };
  },
};

if (name !== 'hold' && name !== 'as-user') await makeWorld(folder);
process.stdout.write(`${JSON.stringify(await scenarios[name]?.())}\n`);
process.exit(0);
