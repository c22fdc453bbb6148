import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { StorageRefused, StorageUnavailable } from '#ports/storages.ts';
import type { FakeGcs } from '../../support/fake-gcs.ts';
import type { Asked } from '../../support/fake-gcs/asked.ts';
import { isCreate, isDrop, isErase, isLook, nextDeployment, opened, startedGcs } from './gcs-fixture.ts';
import { at, storageConformance } from './suite.ts';

const { gcs: found, missing } = await startedGcs();
afterAll(() => found?.stop());
/** Not called where the tests are skipped. */
const gcs = found as FakeGcs;

describe.skipIf(found === null)(`on fake-gcs-server${missing}`, () => {
  storageConformance('gcs', async () => {
    const { driver, write } = opened(gcs);
    return { driver, write, dispose: async () => {} };
  });

  describe('gcs storage', () => {
    let from = 0;
    const asked = (): readonly Asked[] => gcs.relay.asked.slice(from);
    const count = (which: (one: Asked) => boolean): number => asked().filter(which).length;
    beforeEach(() => {
      from = gcs.relay.asked.length;
    });

    it('states every default that costs money or lets others in', async () => {
      const { driver, names } = opened(gcs, { deployment: 'prod' });
      await driver.ensure({ key: 'oms-bkt-a', owner: 'Ann@Example.com', workspace_id: 'My Lab' }, 10);
      const [create] = asked().filter(isCreate);
      expect(create?.query.get('project')).toBe('project-1');
      expect(create?.authorization).toBeNull();
      expect(create?.body).toEqual({
        name: names.nameOf('oms-bkt-a'),
        location: 'us-central1',
        storageClass: 'STANDARD',
        autoclass: { enabled: false },
        hierarchicalNamespace: { enabled: false },
        softDeletePolicy: { retentionDurationSeconds: 0 },
        versioning: { enabled: false },
        defaultEventBasedHold: false,
        billing: { requesterPays: false },
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
        lifecycle: { rule: [{ action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } }] },
        labels: {
          'onmemos-deployment': 'prod',
          'onmemos-key': 'oms-bkt-a',
          'onmemos-owner': expect.stringMatching(/^[0-9a-f]{40}$/),
          'onmemos-workspace': expect.stringMatching(/^[0-9a-f]{40}$/),
        },
      });
      await driver.remove(at('oms-bkt-a'));
    });

    it('takes a bucket of its own labels alone', async () => {
      const { driver, names, client, again } = opened(gcs);
      await client.createBucket(names.nameOf('a'));
      for (const call of [() => driver.ensure(at('a'), 1), () => driver.remove(at('a'))]) {
        const error = await call().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(StorageRefused);
        expect(String(error)).toMatch(/Put its labels back if it is this deployment’s, else rename or delete it/);
      }
      expect(await driver.list()).toEqual([]);
      expect((await client.bucket(names.nameOf('a')).exists())[0]).toBe(true);

      await driver.ensure(at('b'), 1);
      await again().ensure(at('b'), 1);
      expect(count(isCreate)).toBe(1);
    });

    it('takes a name of another project for refused, and says so', async () => {
      const { driver } = opened(gcs);
      const created = gcs.relay.fault(isCreate, { kind: 'refuse', status: 409, reason: 'conflict' });
      // First nothing is seen of it, then it belongs to another project.
      const hidden = gcs.relay.fault(isLook, { kind: 'refuse', status: 404, reason: 'notFound' }, 1);
      const foreign = gcs.relay.fault(isLook, { kind: 'refuse', status: 403, reason: 'forbidden' });
      const error = await driver.ensure(at('a'), 1).catch((thrown: unknown) => thrown);
      for (const end of [created, hidden, foreign]) end();
      expect(error).toBeInstanceOf(StorageRefused);
      expect(String(error)).toMatch(/belongs to another project, or .* needs the role Storage Admin/);
    });

    it.each(['lose', 'cut'] as const)(
      'makes one bucket where the answer of its creation is lost (%s)',
      async (kind) => {
        const { driver } = opened(gcs);
        gcs.relay.fault(isCreate, { kind }, 1);
        await expect(driver.ensure(at('a'), 1)).rejects.toBeInstanceOf(StorageUnavailable);
        await driver.ensure(at('a'), 1);
        expect(count(isCreate)).toBe(kind === 'lose' ? 1 : 2);
        expect((await driver.list()).map(({ place }) => place.key)).toEqual(['a']);
        await driver.remove(at('a'));
      },
    );

    it('takes 409 for done where its own request made the bucket', async () => {
      const { driver } = opened(gcs);
      await driver.ensure(at('a'), 1);
      const hidden = gcs.relay.fault(isLook, { kind: 'refuse', status: 404, reason: 'notFound' }, 1);
      await driver.ensure(at('a'), 1);
      hidden();
      expect(count(isCreate)).toBe(2);
      await driver.remove(at('a'));
    });

    it.each([
      ['the deletion of an object', isErase],
      ['the deletion of the bucket', isDrop],
    ])('finds removed what was removed though the answer was lost: %s', async (_, which) => {
      const { driver, write } = opened(gcs);
      await driver.ensure(at('a'), 1);
      await write('a', 'file', 10);
      gcs.relay.fault(which, { kind: 'lose' }, 1);
      await expect(driver.remove(at('a'))).rejects.toBeInstanceOf(StorageUnavailable);
      expect(await driver.remove(at('a'))).toBe('gone');
      expect(await driver.list()).toEqual([]);
    });

    it('removes names that need care, and earlier generations', async () => {
      const { driver, names, client, write } = opened(gcs);
      await driver.ensure(at('a'), 1);
      await client.bucket(names.nameOf('a')).setMetadata({ versioning: { enabled: true } });
      for (const name of ['a/b c?#é%2F', 'x/', '..x', 'a+b&c=d', 'ünï\n']) {
        await write('a', name, 10);
        await write('a', name, 20);
      }
      expect(await driver.remove(at('a'))).toBe('gone');
      expect(count(isErase)).toBe(10);
    });

    it('removes a full bucket in bounded calls', async () => {
      const { driver, write } = opened(gcs, { bounds: { page: 5, erased: 10 } });
      await driver.ensure(at('a'), 1);
      for (let n = 0; n < 25; n++) await write('a', `file-${n}`, 1);
      const removals: unknown[] = [];
      for (let erased = 0; removals.at(-1) !== 'gone'; erased = count(isErase)) {
        removals.push(await driver.remove(at('a')));
        expect(count(isErase) - erased).toBeLessThanOrEqual(10);
      }
      expect(removals).toEqual(['more', 'more', 'gone']);
      expect(count(isErase)).toBe(25);
      expect(await driver.list()).toEqual([]);
    });

    it('counts what it can count in bounded calls, and nothing of what holds more', async () => {
      const { driver, write } = opened(gcs, { bounds: { page: 5, pages_counted: 3 } });
      await driver.ensure(at('a'), 1);
      for (let n = 0; n < 15; n++) await write('a', `file-${n}`, 1_048_576 / 16);
      expect(await driver.usage(at('a'))).toBe(15 / 16);
      await write('a', 'one-more', 1);
      expect(await driver.usage(at('a'))).toBeNull();
      expect(count(({ path, method }) => method === 'GET' && path.endsWith('/o'))).toBe(6);
      expect(await driver.remove(at('a'))).toBe('gone');
    });

    it('lists over several pages, and nothing of another deployment', async () => {
      const { driver } = opened(gcs, { bounds: { page: 2 } });
      const { driver: other } = opened(gcs);
      const keys = ['a', 'b', 'c', 'd', 'e'];
      for (const key of keys) await driver.ensure(at(key), 1);
      await other.ensure(at('z'), 1);
      expect((await driver.list()).map(({ place }) => place.key).sort()).toEqual(keys);
      expect(count(({ path, method }) => method === 'GET' && path === '/b')).toBeGreaterThanOrEqual(3);
    });

    it('takes no half of a list for the whole, and asks for no page twice', async () => {
      const { driver } = opened(gcs);
      await driver.ensure(at('a'), 1);
      const isList = ({ method, path }: Asked): boolean => method === 'GET' && path === '/b';
      for (const tokens of [['same'], ['one', 'two', 'three']]) {
        let page = 0;
        const body = () => ({ kind: 'storage#buckets', items: [], nextPageToken: tokens[page++ % tokens.length] });
        const before = count(isList);
        const end = gcs.relay.fault(isList, { kind: 'say', body });
        await expect(driver.list()).rejects.toBeInstanceOf(StorageUnavailable);
        end();
        expect(count(isList) - before).toBe(tokens.length + 1);
      }
      expect((await driver.list()).map(({ place }) => place.key)).toEqual(['a']);
      await driver.remove(at('a'));
    });

    it('removes what follows a page that is empty, and nothing for ever', async () => {
      const { driver, names, client, write } = opened(gcs);
      await driver.ensure(at('a'), 1);
      await write('a', 'file', 10);
      const [{ name, generation }] = await client.bucket(names.nameOf('a')).file('file').getMetadata();
      const isObjects = ({ method, path }: Asked): boolean => method === 'GET' && path.endsWith('/o');
      // The object is on the third page until it is erased.
      const pages = ({ query }: Asked): object => {
        const token = query.get('pageToken');
        if (token !== 'third') return { nextPageToken: token === null ? 'second' : 'third' };
        return count(isErase) === 0 ? { items: [{ name, generation, size: '10' }] } : {};
      };
      const end = gcs.relay.fault(isObjects, { kind: 'say', body: pages });
      expect(await driver.remove(at('a'))).toBe('gone');
      end();
      expect(count(isErase)).toBe(1);

      await driver.ensure(at('a'), 1);
      const before = count(isObjects);
      const endless = gcs.relay.fault(isObjects, { kind: 'say', body: () => ({ nextPageToken: 'more' }) });
      expect(await driver.remove(at('a'))).toBe('more');
      expect(count(isObjects) - before).toBeLessThan(20);
      endless();
      expect(await driver.remove(at('a'))).toBe('gone');
    });

    it.each([
      ['look', isLook],
      ['create', isCreate],
      ['drop', isDrop],
      ['objects', ({ method, path }: Asked) => method === 'GET' && path.endsWith('/o')],
      ['erase', isErase],
    ] as const)('comes again after each failure that passes: %s', async (_, which) => {
      const { driver, write } = opened(gcs);
      const again = async (work: () => Promise<unknown>): Promise<number> => {
        for (let tries = 1; ; tries++) {
          const error = await work().then(
            () => null,
            (thrown: unknown) => thrown,
          );
          if (error === null) return tries;
          expect(error).toBeInstanceOf(StorageUnavailable);
        }
      };
      const life = async (): Promise<number> => {
        const made = await again(() => driver.ensure(at('a'), 1));
        await write('a', 'file', 1);
        return made + (await again(() => driver.remove(at('a'))));
      };
      for (const [status, reason] of [
        [401, 'authError'],
        [403, 'rateLimitExceeded'],
        [408, 'requestTimeout'],
        [500, 'internalError'],
        [502, 'badGateway'],
        [503, 'backendError'],
        [504, 'gatewayTimeout'],
      ] as const) {
        gcs.relay.fault(which, { kind: 'refuse', status, reason }, 1);
        // The lane of changes itself repeats what came too fast.
        const isRepeated = status === 403 && (which === isCreate || which === isDrop);
        expect(await life(), `${status}`).toBe(isRepeated ? 2 : 3);
      }
    });

    it('goes on where something is written while it is emptied', async () => {
      const { driver, write } = opened(gcs);
      await driver.ensure(at('a'), 1);
      gcs.relay.fault(isDrop, { kind: 'refuse', status: 409, reason: 'conflict' }, 1);
      expect(await driver.remove(at('a'))).toBe('more');
      await write('a', 'late', 1);
      expect(await driver.remove(at('a'))).toBe('gone');
    });

    it('gives up a call that is not answered, and the next one succeeds', async () => {
      const deployment = nextDeployment();
      const { driver } = opened(gcs, { deployment, call_limit_ms: 200 });
      const end = gcs.relay.fault(isCreate, { kind: 'stall' });
      const error = await driver.ensure(at('a'), 1).catch((thrown: unknown) => thrown);
      end();
      expect(error).toBeInstanceOf(StorageUnavailable);
      expect(String(error)).toMatch(/no answer in 0.2 s/);
      const calm = opened(gcs, { deployment });
      await calm.driver.ensure(at('a'), 1);
      await calm.driver.remove(at('a'));
    });

    it('asks where it is told, whatever the variable of Google’s library says', async () => {
      process.env['STORAGE_EMULATOR_HOST'] = gcs.url;
      try {
        const { driver } = opened(gcs);
        await driver.ensure(at('a'), 1);
        expect(await driver.remove(at('a'))).toBe('gone');
      } finally {
        delete process.env['STORAGE_EMULATOR_HOST'];
      }
      expect(count(isCreate)).toBe(1);
    });

    it('knows not whether a bucket is empty that it can’t look into', async () => {
      const { driver } = opened(gcs);
      await driver.ensure(at('a'), 1);
      for (const status of [403, 503]) {
        const end = gcs.relay.fault(({ path }) => path.endsWith('/o'), { kind: 'refuse', status });
        expect(await driver.isEmpty(at('a'))).toBe('unknown');
        end();
      }
      expect(await driver.isEmpty(at('a'))).toBe('yes');
      await driver.remove(at('a'));
    });

    it('refuses a location that is no region', () => {
      expect(() => opened(gcs, { location: 'EU' })).toThrow(/name a region/);
    });
  });
});
