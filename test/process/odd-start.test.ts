import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import type { Exec, Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running, shell } from '../acceptance/support/world.ts';
import { ground, type Served } from './support/launched.ts';

const { folder, start } = ground();

/** As a service manager, a cron job or a script may start it. */
const ODD = [
  "trap '' HUP INT QUIT PIPE TERM USR1 CHLD WINCH",
  'umask 077',
  'exec 7< /etc/passwd 8> /dev/null',
  'cd /',
  'exec "$@"',
];
/** What its environment may have that must reach neither what starts commands nor the commands. */
const ODD_ENV = {
  LC_ALL: 'C',
  TZ: 'Asia/Kolkata',
  PERL5OPT: '-Mno_such_module',
  PERL5LIB: '/no/such/folder',
  PYTHONPATH: '/no/such/folder',
  PYTHONHOME: '/no/such/folder',
  BASH_ENV: '/no/such/file',
  ENV: '/no/such/file',
  IFS: 'x',
  CDPATH: '/usr',
  LD_BIND_NOW: '1',
  GIT_DIR: '/no/such/folder',
  HTTP_PROXY: 'http://127.0.0.1:9',
  POSIXLY_CORRECT: '1',
};

const LOOK = [
  "grep -E '^Sig(Ign|Blk):' /proc/self/status",
  'umask',
  'pwd',
  'env | cut -d= -f1 | sort',
  'ls -l /proc/self/fd',
  'date -d @0 +%H',
].join('; ');

/** What a command sees, on pipes or on a terminal. */
const seen = async ({ api }: Served, { id }: Session, tty: boolean): Promise<string> => {
  if (!tty) return shell(api, { id }, LOOK);
  const at = `/v1/sessions/${id}/execs`;
  const body = { command: LOOK, tty: { cols: 200, rows: 24 } };
  const { exec_id } = ok(await api.post<Exec>(at, body));
  await until('it ends', async () => ok(await api.get<Exec>(`${at}/${exec_id}`)).status !== 'running');
  const output = await api.raw('GET', `${at}/${exec_id}/output`, { headers: { Accept: 'text/plain' } });
  return (await output.text()).replaceAll('\r', '');
};

describe('a server that is started with signals ignored, files open, and another umask, folder and environment', () => {
  it('gives its commands none of that, on pipes and on terminals', async () => {
    const odd = await start({
      dataDir: await folder(),
      before: ['sh', '-c', ODD.join('; '), 'sh'],
      env: ODD_ENV,
    });
    const session = await running(odd.api, { user: 'me' });
    for (const tty of [false, true]) {
      const text = await seen(odd, session, tty);
      expect(text).toMatch(/^SigBlk:\s0{16}\nSigIgn:\s0{16}\n0022\n/);
      for (const name of Object.keys(ODD_ENV)) expect(text.split('\n'), `${name}, ${tty}`).not.toContain(name);
      const files = [...text.matchAll(/ (\d+) -> (.*)$/gm)].filter(([, fd]) => Number(fd) > 2);
      expect(files.filter(([, , to]) => !/^\/proc\/\d+\/fd$/.test(to ?? ''))).toEqual([]);
      expect(text.trim().split('\n').at(-1)).toBe('00');
      expect(text).toContain(`${session.details.workspace_path ?? '/workspace'}\n`);
    }
  });
});
