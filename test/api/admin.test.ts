import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { iso } from '#ports/clock.ts';
import { isLivingAdminKey } from '#services/keys/bootstrap.ts';
import { audit, intents, keys } from '#services/model/collections.ts';
import type { IntentDoc } from '#services/model/docs.ts';
import { adminPlace, openAdmin } from '#wiring/admin.ts';
import { emulatorMissing, type FirestoreEmulator, startFirestoreEmulator } from '../support/firestore-emulator.ts';

process.env['METADATA_SERVER_DETECTION'] = 'none';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../../functions/admin/main.ts');
const tools = { clock: systemClock, ids: systemIds, log: createLogger({ level: 'silent' }) };
const MINUTE_MS = 60_000;

type Env = Readonly<Record<string, string>>;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly note: string;
}

/** The program as `npm run admin` starts it. */
const admin = async (env: Env, ...args: readonly string[]): Promise<Ended> => {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ONMEMOS_')));
  const options = { env: { ...clean, ...env } };
  try {
    const { stdout, stderr } = await run(process.execPath, [MAIN, ...args], options);
    return { code: 0, out: stdout.trim(), note: stderr.trim() };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: code ?? -1, out: stdout.trim(), note: stderr.trim() };
  }
};

/** What is in the store, seen without the program. */
const inStore = async <R>(env: Env, look: (opened: Awaited<ReturnType<typeof openAdmin>>['deps']) => Promise<R>) => {
  const opened = await openAdmin(adminPlace({ HOME: tmpdir(), ...env }), true, tools);
  try {
    return await look(opened.deps);
  } finally {
    await opened.close();
  }
};

const isValid = (env: Env, key: string): Promise<boolean> => inStore(env, (deps) => isLivingAdminKey(deps, key));

const intent = (number: number, fields: Partial<IntentDoc>): IntentDoc => ({
  ...{ id: `ses-${number}:1`, kind: 'provision', session_id: `ses-${number}`, generation: 1, attempt: 1 },
  ...{ created_at: iso(systemClock.now()), next_at: iso(systemClock.now()), last_error: null },
  ...fields,
});

const ERROR =
  'there is no room in us-central1:\n\u001b[31mtry\u001b[0m another region, as this sentence is long enough to be cut';

const fill = (env: Env): Promise<void> =>
  inStore(env, async ({ store, clock }) => {
    const ago = (ms: number): string => iso(clock.now() - ms);
    const open = [
      intent(1, { created_at: ago(3 * 60 * MINUTE_MS), attempt: 31, last_error: ERROR }),
      intent(2, { created_at: ago(2 * MINUTE_MS), attempt: 20, kind: 'terminate' }),
      intent(3, { created_at: ago(MINUTE_MS) }),
    ];
    for (const one of open) await store.create(intents, one.id, one);
  });

/** What holds on every store. */
const promises = (place: () => Env): void => {
  it('bootstrap makes one key, shows it once and refuses to do so again', async () => {
    const first = await admin(place(), 'bootstrap');
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^omk_key-\S+_[\w-]{43}$/) });
    expect(first.note).not.toContain(first.out);
    expect(await isValid(place(), first.out)).toBe(true);
    const again = await admin(place(), 'bootstrap');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.note).toMatch(/^The admin key key-\S+ exists since \S+\. Its secret .* --rotate makes a new one/);
    const stored = await inStore(place(), async ({ store }) => JSON.stringify(await store.query(keys, { limit: 10 })));
    expect(stored).not.toContain(first.out.split('_').slice(2).join('_'));
  });

  it('bootstrap at two places at once makes one key', async () => {
    const both = await Promise.all([admin(place(), 'bootstrap'), admin(place(), 'bootstrap')]);
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1]);
    const made = both.find(({ code }) => code === 0)?.out ?? '';
    expect(await isValid(place(), made)).toBe(true);
    expect(await inStore(place(), async ({ store }) => (await store.query(keys, { limit: 10 })).docs.length)).toBe(1);
  });

  it('bootstrap --rotate replaces the key: the one before is revoked from then on', async () => {
    const { out: first } = await admin(place(), 'bootstrap');
    const second = await admin(place(), 'bootstrap', '--rotate', '--json');
    const { key, key_id, replaced } = JSON.parse(second.out) as { key: string; key_id: string; replaced: string[] };
    expect(key).toContain(key_id);
    expect(replaced).toEqual([first.split('_')[1]]);
    expect([await isValid(place(), first), await isValid(place(), key)]).toEqual([false, true]);
    const third = await admin(place(), 'bootstrap', '--rotate');
    expect([await isValid(place(), key), await isValid(place(), third.out)]).toEqual([false, true]);
    const actions = await inStore(place(), async ({ store }) => {
      const { docs } = await store.query(audit, { order: { field: 'id', direction: 'desc' }, limit: 10 });
      return docs.map(({ data }) => data.action).toSorted();
    });
    const made = 'keys.bootstrap';
    expect(actions).toEqual([made, made, made, 'keys.revoke', 'keys.revoke']);
  });

  it('intents lists what is open, the oldest first, and marks what has been tried often', async () => {
    await fill(place());
    const { out, code } = await admin(place(), 'intents');
    const [head = '', first = '', second = '', third = '', ...rest] = out.split('\n');
    expect(code).toBe(0);
    expect(head.split(/ {2,}/)).toEqual(['INTENT', 'KIND', 'AGE', 'ATTEMPT', 'LAST ERROR']);
    expect(first).toMatch(/^ses-1:1 {2}provision {2}3 h +31 ! +there is no room in us-central1: \[31mtry \[0m another/);
    expect(first).toMatch(/to be cut$/);
    expect(second).toMatch(/^ses-2:1 {2}terminate {2}2 min +20 +-$/);
    expect(third).toMatch(/^ses-3:1 {2}provision {2}\d+ \S+ +1 +-$/);
    expect(rest.join('\n')).toBe(
      '\n! One has been tried more than 20 times. Mend what the error says, then: npm run admin -- intents raise ID',
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what an error brings must not reach the terminal
    expect(out).not.toMatch(/\u001b/);
  });

  it('intents --json has all of it, and --limit says that there are more', async () => {
    await fill(place());
    const { out } = await admin(place(), 'intents', '--json');
    const all = JSON.parse(out) as readonly Record<string, unknown>[];
    expect(all.map(({ id, often }) => [id, often])).toEqual([
      ['ses-1:1', true],
      ['ses-2:1', false],
      ['ses-3:1', false],
    ]);
    expect(all[0]).toMatchObject({ attempt: 31, last_error: ERROR, session_id: 'ses-1' });
    expect(all[0]?.['age_seconds']).toBeGreaterThanOrEqual(3 * 3_600);
    const two = await admin(place(), 'intents', '--limit', '2');
    expect(two.out).toContain('There are more; --limit shows up to 1,000.');
    expect(two.out).not.toContain('ses-3');
    expect((await admin(place(), 'intents', '--limit', '3')).out).not.toContain('There are more');
  });

  it('intents raise makes an intent due now, with a new attempt, and says which are not open', async () => {
    await fill(place());
    const before = systemClock.now();
    const raised = await admin(place(), 'intents', 'raise', 'ses-1:1', 'ses-9:1');
    expect(raised.code).toBe(1);
    expect(raised.out).toMatch(/^ses-1:1: attempt 32 is due; the (schedule|next start of the server) takes it up/);
    expect(raised.note).toMatch(/^No intent ses-9:1 is open: it is done, or .* intents lists them\.$/);
    const stored = await inStore(place(), async ({ store }) => (await store.get(intents, 'ses-1:1'))?.data);
    expect(stored?.attempt).toBe(32);
    // A sweep takes what is due: nothing of the pause before is left.
    expect(Date.parse(stored?.next_at ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(stored?.next_at ?? '')).toBeLessThanOrEqual(systemClock.now());
    expect((await admin(place(), 'intents', 'raise', 'ses-2:1')).code).toBe(0);
  });
};

describe('npm run admin on a data folder', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'onmemos-admin-'));
    // As the first start of a server leaves it.
    await inStore(env(), async () => {});
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  const env = (): Env => ({ ONMEMOS_DATA_DIR: dataDir });

  promises(env);

  it('keeps the key where the server and its clients look for it', async () => {
    const { out } = await admin(env(), 'bootstrap');
    const path = join(dataDir, 'admin.key');
    expect(await readFile(path, 'utf8')).toBe(`${out}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await admin(env(), 'bootstrap')).note).toContain(`Its secret is in ${path}.`);
    expect(await readFile(path, 'utf8')).toBe(`${out}\n`);
    const { out: next } = await admin(env(), 'bootstrap', '--rotate');
    expect(await readFile(path, 'utf8')).toBe(`${next}\n`);
  });

  it('says that a server has the folder, and changes nothing', async () => {
    await fill(env());
    await inStore(env(), async () => {
      for (const args of [['intents'], ['bootstrap', '--rotate'], ['intents', 'raise', 'ses-1:1']]) {
        const refused = await admin(env(), ...args);
        expect(refused).toEqual({
          code: 1,
          out: '',
          note: `A server has the data folder ${dataDir}. Stop it first: sessions go on without it. Then run this again.`,
        });
      }
    });
    await expect(stat(join(dataDir, 'admin.key'))).rejects.toThrow(/ENOENT/);
  });

  it('makes no store to list nothing from', async () => {
    const none = join(dataDir, 'none');
    const refused = await admin({ ONMEMOS_DATA_DIR: none }, 'intents');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.note).toContain('Set ONMEMOS_DATA_DIR to its data folder, or ONMEMOS_PROJECT');
    await expect(stat(none)).rejects.toThrow(/ENOENT/);
  });

  it('prints keyrings that open what older ones sealed', async () => {
    const { out: first } = await admin({}, 'keyring', 'new');
    const file = join(dataDir, 'keyring.json');
    await writeFile(file, first);
    const { out: second } = await admin({}, 'keyring', 'rotate', file);
    const [before, after] = [first, second].map((text) => JSON.parse(text) as { current: string; keys: object });
    expect(after?.keys).toMatchObject(before?.keys ?? {});
    expect(Object.keys(after?.keys ?? {})).toHaveLength(2);
    expect(after?.current).not.toBe(before?.current);
    expect(await readFile(file, 'utf8')).toBe(first);
    expect(await admin({}, 'keyring', 'rotate', `${file}.none`)).toMatchObject({ code: 1, out: '' });
  });

  it('names a setting or an option that is wrong', async () => {
    const refused = await admin({ ONMEMOS_PROJECT: 'No Project' }, 'intents');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.note).toContain('ONMEMOS_PROJECT: must be the id of a project');
    const help = await admin({}, '--help');
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('ONMEMOS_PROJECT '), note: '' });
    expect(await admin({}, 'intents', '--rotate')).toMatchObject({ code: 2, out: '' });
  });
});

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`npm run admin on Firestore${missing === null ? '' : `: ${missing}`}`, () => {
  let emulator: FirestoreEmulator | null = null;
  let project: string;
  beforeAll(async () => {
    emulator = await startFirestoreEmulator();
  });
  afterAll(() => emulator?.stop());
  beforeEach(() => {
    project = emulator?.project() ?? '';
  });

  promises(() => ({ ONMEMOS_PROJECT: project, FIRESTORE_EMULATOR_HOST: emulator?.host ?? '' }));
});
