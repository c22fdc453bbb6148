import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Exec, Executed } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Sandbox, sandbox, shell } from './support/world.ts';

describe('a folder that is given without a leading slash', () => {
  let box: Sandbox;
  let start: string;
  beforeAll(async () => {
    box = await sandbox(admin);
    start = (await shell(box.api, box.session, 'mkdir -p "sub dir/inner" && touch "sub dir/here"; pwd')).trim();
  });
  afterAll(() => box.remove());
  const pwd = async (cwd: string): Promise<string> =>
    ok(await box.api.post<Executed>(`${box.at}/execute`, { command: 'pwd', cwd })).stdout.trim();

  it('is below the folder in which commands start', async () => {
    expect(await pwd('sub dir')).toBe(`${start}/sub dir`);
    expect(await pwd('sub dir/inner/..')).toBe(`${start}/sub dir`);
    expect(await pwd('.')).toBe(start);
    expect(await pwd('./sub dir/')).toBe(`${start}/sub dir`);
  });

  it('is so for a program without a shell, in the background, and on a terminal', async () => {
    for (const more of [{}, { tty: { cols: 80, rows: 24 } }]) {
      const body = { argv: ['ls'], cwd: 'sub dir', ...more };
      const { exec_id } = ok(await box.api.post<Exec>(`${box.at}/execs`, body));
      await until('it ends', async () => ok(await box.api.get<Exec>(`${box.at}/execs/${exec_id}`)).status === 'exited');
      const output = await box.api.raw('GET', `${box.at}/execs/${exec_id}/output`, {
        headers: { Accept: 'text/plain' },
      });
      expect((await output.text()).split(/\s+/).filter(Boolean)).toEqual(['here', 'inner']);
    }
  });

  it('is refused by its field, with its name, where it is not there or is a file', async () => {
    for (const cwd of ['nowhere', 'sub dir/here']) {
      const problem = refused(await box.api.post(`${box.at}/execute`, { command: 'pwd', cwd }), 'invalid');
      expect(fieldsOf(problem)).toEqual(['cwd']);
      expect(problem.detail).toContain(cwd);
    }
  });
});
