import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrapAdminKey } from '#services/keys/bootstrap.ts';
import { sessions } from '#services/model/collections.ts';
import { type Client, clientOf } from '../../api/support/client.ts';
import { until } from '../../acceptance/support/until.ts';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { type Deployment, deploy } from './relays/deployment.ts';
import { type Emulator, type Lane, openLane, startEmulator } from './relays/lane.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`a service that falls silent${missing === null ? '' : `: ${missing}`}`, () => {
  let emulator: Emulator;
  let lane: Lane;
  let deployment: Deployment;
  let call: Client;
  /** Calls with one of these labels are held: done, and never answered. */
  let held: (label: string) => boolean = () => false;
  const made = new Map<string, number>();
  const count = (label: string): number => made.get(label) ?? 0;
  beforeAll(async () => {
    emulator = await startEmulator();
    lane = await openLane();
    deployment = await deploy(emulator, lane, {
      decide: (label) => {
        made.set(label, count(label) + 1);
        return held(label) ? 'swallowed' : null;
      },
    });
    call = clientOf(deployment.api, await bootstrapAdminKey(deployment.deps.api, 'admin', async () => {}));
  });
  afterAll(async () => {
    await deployment?.close();
    await lane?.stop();
    await emulator?.stop();
  });
  const end = async (id: string): Promise<void> => {
    held = () => false;
    const { json } = await call(`/v1/sessions/${id}?wait=60`, { method: 'DELETE' });
    expect(json).toMatchObject({ status: 'terminated' });
  };

  it('a wait ends with the session that runs, although the watch tells nothing', async () => {
    held = (label) => label === 'api to the store: listen';
    // At the end of its time a wait that was told nothing would answer what it began with.
    const answer = await call('/v1/sessions?wait=60', { body: { user: 'ann', namespace: 'n' } });
    expect(answer.json).toMatchObject({ status: 'running' });
    const { id } = answer.json as { id: string };
    expect(count('api to the store: listen')).toBeGreaterThan(0);
    await end(id);
  });

  it('an open stream ends with its command, and needs no watch', async () => {
    const { id } = (await call('/v1/sessions?wait=60', { body: { user: 'ann', namespace: 'n' } })).json as {
      id: string;
    };
    held = (label) => label === 'api to the store: listen';
    const before = count('api to the store: listen');
    const { exec_id } = (await call(`/v1/sessions/${id}/execs`, { body: { command: 'echo out; sleep 1; exit 3' } }))
      .json as { exec_id: string };
    const { text } = await call(`/v1/sessions/${id}/execs/${exec_id}/output`);
    expect(text).toMatch(/out.*event: exit.*3/s);
    expect(count('api to the store: listen')).toBe(before);
    await end(id);
  });

  it('a create answers while the queue says nothing, and its session runs', async () => {
    // What it is told is stored, each time.
    held = (label) => label.startsWith('api to the queue: ');
    const { status, json } = await call('/v1/sessions', { body: { user: 'ann', namespace: 'n' } });
    expect(status).toBe(200);
    const { id } = json as { id: string };
    const statusOf = async () => (await deployment.store.get(sessions, id))?.data.status;
    await until('it runs', async () => (await statusOf()) === 'running');
    await end(id);
  });

  it('a create answers while the queue stalls, and its session runs once it does not', async () => {
    deployment.stall(25_000);
    const before = count('api to the queue: create session-converge');
    const { status, json } = await call('/v1/sessions', { body: { user: 'ann', namespace: 'n' } });
    // Three tries of 2 s, each shorter than the queue takes.
    expect(status).toBe(200);
    expect(count('api to the queue: create session-converge') - before).toBe(3);
    const { id } = json as { id: string };
    const statusOf = async () => (await deployment.store.get(sessions, id))?.data.status;
    expect(await statusOf()).toBe('creating');
    deployment.stall(0);
    await until('it runs', async () => {
      deployment.pass(61_000);
      await deployment.tick();
      return (await statusOf()) === 'running';
    });
    await end(id);
  });
});
