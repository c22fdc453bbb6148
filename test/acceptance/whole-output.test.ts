import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from './support/api.ts';
import type { Exec, Executed, Session } from './support/shapes.ts';
import { jsonSocket, openSocket } from './support/socket.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { running, type Sandbox, sandbox, shell, unique } from './support/world.ts';

let box: Sandbox;
beforeAll(async () => {
  box = await sandbox(admin);
});
afterAll(() => box.remove());
const execute = async (command: string, more: object = {}): Promise<Executed> =>
  ok(await box.api.post<Executed>(`${box.at}/execute`, { command, ...more }));

describe('a command', () => {
  it('has in its result what went through a program that it wrote to', async () => {
    const line = 'mkfifo relay; (sleep 0.3; tee log < relay) & exec > relay; echo one; echo two';
    expect(await execute(line)).toMatchObject({ stdout: 'one\ntwo\n', returncode: 0, truncated: false });
  });

  it('stays in its folder for each part of a list, whatever its letters', async () => {
    const folder = `${(await shell(box.api, box.session, 'mkdir -p "a b/ünï"; pwd')).trim()}/a b/ünï`;
    const { stdout } = await execute('true & wait; pwd > mark; cd /; cat "$OLDPWD/mark"; ls -d mark 2>/dev/null', {
      cwd: folder,
    });
    expect(stdout).toBe(`${folder}\n`);
  });

  it('gets variables as they are', async () => {
    const env = { A: 'l1\nl2=x', B: 'ünï=☃ \t\'"$HOME`x`', C: '', D: 'a'.repeat(30_000) };
    const { stdout } = await execute('env -0', { env });
    for (const [name, value] of Object.entries(env)) expect(stdout.split('\0')).toContain(`${name}=${value}`);
  });

  it('ends at once when its session does', async () => {
    const own = await running(box.api, { workspace_id: box.workspace_id });
    const call = box.api.post<Executed>(`/v1/sessions/${own.id}/execute`, { command: 'echo begun; sleep 100000' });
    await until('it runs', async () =>
      ok(await box.api.get<Exec[]>(`/v1/sessions/${own.id}/execs`)).some(({ next_offset }) => next_offset > 0),
    );
    ok(await box.api.del(`/v1/sessions/${own.id}`));
    expect(ok(await call)).toMatchObject({ stdout: 'begun\n', success: false, returncode: 143 });
  });
});

describe('a terminal', () => {
  it('gives the last line of a command that ends at once, each time', async () => {
    const want = Array.from({ length: 1000 }, (_, i) => `${i + 1}\r\n`).join('');
    for (let i = 0; i < 10; i++) {
      const body = { argv: ['seq', '1000'], tty: { cols: 80, rows: 24 } };
      const { exec_id } = ok(await box.api.post<Exec>(`${box.at}/execs`, body));
      const output = await box.api.raw('GET', `${box.at}/execs/${exec_id}/output`, {
        headers: { Accept: 'text/plain' },
      });
      expect(await output.text()).toBe(want);
    }
  });

  it('shows characters that were written in parts, and is stopped by Ctrl-C in a flood', async () => {
    const socket = jsonSocket(await openSocket(box.api, `${box.at}/shell`));
    const type = async (data: string, wanted: RegExp): Promise<string> => {
      let seen = '';
      socket.send({ type: 'input', data });
      await socket.take((message) => {
        seen = (seen + (message['type'] === 'output' ? String(message['data']) : '')).slice(-100_000);
        return wanted.test(seen);
      });
      return seen;
    };
    const parts = ['\\342', '\\224\\200 \\360\\237', '\\230\\200 \\377 end\\n'].map(
      (part) => `printf '${part}'; sleep 0.2`,
    );
    expect(await type(`${parts.join('; ')}\n`, /end\r/)).toContain('─ 😀 \u{FFFD} end\r\n');
    socket.send({ type: 'input', data: 'head -c 8000000 /dev/zero | tr "\\0" x; sleep 100000\n' });
    await type('', /x{5000}/);
    await type('\x03', /./);
    await type('echo st""ill\n', /still\r/);
    expect(await shell(box.api, box.session, 'echo beside')).toBe('beside\n');
    socket.close();
  });
});

describe('pages of a list that changes while it is read', () => {
  it('show each session that was there, once', async () => {
    const namespace = unique('pages');
    const make = async () => (await running(box.api, { workspace_id: box.workspace_id, namespace })).id;
    const made: string[] = [];
    for (let i = 0; i < 6; i++) made.push(await make());
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: Session[]; next_cursor: string | null } = ok(
        await box.api.get(`/v1/sessions?namespace=${namespace}&limit=2${from}`),
      );
      seen.push(...page.items.map(({ id }) => id));
      if (cursor === '') {
        ok(await box.api.del(`/v1/sessions/${made[2]}`));
        await make();
      }
      cursor = page.next_cursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made));
  });
});
