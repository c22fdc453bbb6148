import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './support/live.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

type Item = Readonly<Record<string, unknown>>;
interface Page {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

const must = async (path: string, send: Parameters<World['call']>[1] = {}): Promise<Item> => {
  const answer = await world.call(path, send);
  expect(answer, path).toMatchObject({ status: 200 });
  return answer.json as Item;
};

/** Reads a list two by two. After each page the items of that page change, and those that come. */
const walk = async (path: string, id: string, change: (item: Item) => Promise<unknown>): Promise<string[]> => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await must(`${path}${path.includes('?') ? '&' : '?'}limit=2${at}`)) as unknown as Page;
    for (const item of page.items) {
      seen.push(String(item[id]));
      await change(item);
    }
    cursor = page.next_cursor;
  }
  return seen;
};

const once = (seen: readonly string[], made: readonly string[]): void => {
  expect(seen.filter((each, i) => seen.indexOf(each) !== i)).toEqual([]);
  expect(made.filter((each) => !seen.includes(each))).toEqual([]);
};

const NUMBERS = [1, 2, 3, 4, 5, 6, 7];

it('lists each command once, in the order of their starts, while they end', async () => {
  const at = `/v1/sessions/${world.session}/execs`;
  const made: string[] = [];
  for (const number of NUMBERS)
    made.push(String((await must(at, { body: { command: `sleep 30${number}` } }))['exec_id']));
  const end = async ({ exec_id }: Item): Promise<void> => {
    await must(`${at}/${String(exec_id)}`, { method: 'DELETE' });
    await eventually(
      'its end is recorded',
      async () => (await must(`${at}/${String(exec_id)}`))['status'] === 'killed',
    );
  };
  const seen = await walk(at, 'exec_id', async (item) => {
    if (item['status'] === 'running') await end(item);
  });
  once(seen, made);
  expect(seen.filter((each) => made.includes(each))).toEqual(made);
});

it('lists each session once while sessions end and begin', async () => {
  const made: string[] = [];
  for (const _ of NUMBERS) made.push(String((await must('/v1/sessions', { body: { user: 'lea' } }))['id']));
  const change = async ({ id }: Item): Promise<void> => {
    await must(`/v1/sessions/${String(id)}?wait=0`, { method: 'DELETE' });
    await must('/v1/sessions', { body: { user: 'lea' } });
  };
  once(await walk('/v1/sessions?user=lea', 'id', change), made);
});

it('lists each key once while keys are used and revoked', async () => {
  const made: string[] = [];
  for (const number of NUMBERS)
    made.push(String((await must('/v1/keys', { body: { name: `${number}`, user_id: 'lea' } }))['key_id']));
  once(
    await walk('/v1/keys', 'key_id', async ({ key_id }) => {
      if (made.includes(String(key_id))) await must(`/v1/keys/${String(key_id)}`, { method: 'DELETE' });
    }),
    made,
  );
});

it('lists each workspace once while workspaces are deleted', async () => {
  await must('/v1/users/lea', { method: 'PUT', body: { user_type: 'enterprise' } });
  const made = NUMBERS.map((number) => `w${number}`);
  for (const workspace_id of made) {
    const body = { user_id: 'lea', workspace_id, name: 'w', resource_package: 'dev_micro' };
    await must('/v1/workspaces', { body });
  }
  const seen = await walk('/v1/workspaces/lea', 'workspace_id', async ({ workspace_id }) => {
    if (made.includes(String(workspace_id)))
      await must(`/v1/workspaces/lea/${String(workspace_id)}`, { method: 'DELETE' });
  });
  once(seen, made);
});

it('lists each entry of the audit once, newest first, while there are more', async () => {
  const before = ((await must('/v1/audit?user=lea&limit=1000')) as unknown as Page).items.map(({ id }) => String(id));
  const seen = await walk('/v1/audit?user=lea', 'id', () => must('/v1/sessions?wait=0', { body: { user: 'lea' } }));
  once(seen, before);
});
