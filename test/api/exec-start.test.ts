import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const start = (body: Record<string, unknown>) => world.call(`/v1/sessions/${world.session}/execs`, { body });

describe('starting a command', () => {
  it.each([
    [{ argv: ['no-such-program'] }, 'argv'],
    [{ argv: ['no-such-program'], cwd: '/tmp' }, 'argv'],
    [{ argv: ['/tmp/no-such-program'], cwd: '/tmp' }, 'argv'],
    [{ argv: ['true'], cwd: '/no/such/folder' }, 'cwd'],
    [{ command: 'true', cwd: '/no/such/folder' }, 'cwd'],
  ])('says which field does not hold: %j', async (body, field) => {
    const { status, json } = await start(body);
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'invalid', errors: [{ field }] });
  });

  it('twice under one id starts it once, and another command under that id is refused', async () => {
    const first = await start({ exec_id: 'mine', argv: ['true'] });
    expect(first.json).toMatchObject({ exec_id: 'mine' });
    const again = await start({ exec_id: 'mine', argv: ['true'] });
    expect(again.json).toMatchObject({ started_at: (first.json as { started_at: string }).started_at });
    expect((await start({ exec_id: 'mine', argv: ['false'] })).json).toMatchObject({
      code: 'conflict',
      exec_id: 'mine',
    });
    expect((await start({ exec_id: 'mine', command: 'true' })).json).toMatchObject({ code: 'conflict' });
  });
});
