import { describe, expect, it } from 'vitest';
import { run, until } from '../support/sandbox/host.ts';
import { LEVELS, machine } from './support/machine.ts';

const TTY = { cols: 80, rows: 24 };

describe.each(LEVELS)('a command at level %s', (isolation) => {
  const { sh, lack, sandbox } = machine(isolation);

  it.each([
    { on: 'pipes', more: {} },
    { on: 'a terminal', more: { tty: TTY } },
  ])('begins with no signal ignored or blocked on $on', async ({ more }) => {
    const masks = await sh("grep -E '^Sig(Ign|Blk):' /proc/self/status", more);
    expect(masks.trim().split(/\s+/)).toEqual(['SigBlk:', '0'.repeat(16), 'SigIgn:', '0'.repeat(16)]);
  });

  it('dies of PIPE when its reader has left', async () => {
    const { out, err } = await run(sandbox(), '{ yes; echo "yes ended with $?" >&2; } | head -n 1');
    expect([out, err]).toEqual(['y\n', 'yes ended with 141\n']);
  });

  it('has the documented variables, and no others', async () => {
    const env = await sh('env -0');
    const names = env.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(0, line.indexOf('='))]));
    const own = ['HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'SHELL', 'USER'];
    // Without isolation a session has a temporary folder of its own, and a mark by which its commands are found.
    const further = isolation === 'none' ? /^(_|TMPDIR|ONMEMOS_\w+)$/ : /^(_|HOSTNAME)$/;
    expect(names.filter((name) => !further.test(name)).sort()).toEqual(own);
  });

  it('has usual limits: files, stack, core dumps, time', async () => {
    const limit = async (letter: string): Promise<string> => (await sh(`ulimit -${letter}`)).trim();
    expect(Number(await limit('n'))).toBeGreaterThanOrEqual(1024);
    expect(await limit('t')).toBe('unlimited');
    expect(await limit('f')).toBe('unlimited');
    expect(await limit('v')).toBe('unlimited');
    expect(Number((await limit('s')).replace('unlimited', '8192'))).toBeGreaterThanOrEqual(8192);
  });

  it('takes the arguments that Linux allows', async () => {
    expect(await sh('env printf "%.0s." $(seq 1 100000) | wc -c')).toBe('100000\n');
    expect(await sh('env printf %s "$(head -c 131000 /dev/zero | tr "\\0" x)" | wc -c')).toBe('131000\n');
  });

  // Without isolation orphans belong to the first process of the machine.
  it.runIf(isolation !== 'none')('leaves no zombies: orphans are reaped', async () => {
    await sh("for i in $(seq 40); do (setsid sh -c 'sleep 0.05' >/dev/null 2>&1 &); done");
    const states = 'cat /proc/[0-9]*/status 2>/dev/null | grep -c';
    await until(async () => (await sh(`${states} "^Name:.sleep"`)) === '1\n', 'the first process alone sleeps', 60_000);
    await until(async () => (await sh(`${states} "^State:.Z" || true`)) === '0\n', 'none is a zombie', 60_000);
  });

  it('sees processes by ps and top, which print no error', async ({ skip }) => {
    const missing = await lack('ps', 'top');
    if (missing !== null) skip(missing);
    for (const command of ['ps aux', 'ps -ef --forest', 'top -bn1', 'uptime', 'free']) {
      const { code, err } = await run(sandbox(), command);
      expect([command, code, err]).toEqual([command, 0, '']);
    }
  });

  it('knows the time', async () => {
    const [before, inside, after] = [Date.now(), Number(await sh('date +%s')), Date.now()];
    expect(inside).toBeGreaterThanOrEqual(Math.floor(before / 1000));
    expect(inside).toBeLessThanOrEqual(Math.ceil(after / 1000));
    expect(await sh('TZ=UTC0 date -d @0 +%FT%T')).toBe('1970-01-01T00:00:00\n');
  });

  it('speaks UTF-8: no program complains about the locale', async () => {
    const { code, out, err } = await run(sandbox(), 'locale charmap; perl -e "print qq(ok\\n)"; printf "äö" | wc -m');
    expect([code, out, err]).toEqual([0, 'UTF-8\nok\n2\n', '']);
  });

  it('finds the time zones of the machine', async ({ skip }) => {
    if ((await run(sandbox(), 'test -e /usr/share/zoneinfo/Asia/Kolkata')).code !== 0) skip('tzdata is not installed');
    expect(await sh('TZ=Asia/Kolkata date -d @0 +%H:%M%z')).toBe('05:30+0530\n');
  });
});
