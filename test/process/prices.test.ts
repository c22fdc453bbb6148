import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { ground } from './support/launched.ts';

const { folder, start, refuse } = ground();

const CPU = { item: 'gke.autopilot.cpu', unit: 'vCPU-hour', usd: 0.04 };
const FEE = { item: 'workstations.management-fee', unit: 'vCPU-hour', usd: 0.005 };
const written = async (content: unknown): Promise<string> => {
  const path = join(await folder(), 'prices.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const listOf = (...rows: readonly object[]) => ({ name: 'ours', currency: 'USD', rows });

interface Estimate {
  readonly providers: readonly { readonly provider: string }[];
}

describe('a server with prices of its own', () => {
  it('uses them and says their name', async () => {
    const file = await written(listOf(CPU, FEE));
    const env = { ONMEMOS_PRICES_FILE: file, ONMEMOS_SHADOW_PROVIDER: 'gke' };
    const { api } = await start({ dataDir: await folder(), env });
    const body = { user: 'ada', resource_package: 'dev_medium', ttl_minutes: 60, provider: 'auto' };
    const estimate = ok(await api.post<Estimate>('/v1/sessions/estimate', body));
    const disk = 10 * 0.0000706;
    expect(estimate).toMatchObject({
      cpu_cost_per_hour: 0.04,
      total_cost_per_hour: Number((0.04 + 2 * 0.0049225 + disk).toFixed(9)),
      price_list: 'ours',
    });
    // An e2-standard-2 with the fee that the built-in list lacks.
    const machine = 2 * (0.02181159 + 0.005) + 8 * 0.00292353;
    expect(estimate.providers.find(({ provider }) => provider === 'workstations')).toMatchObject({
      total_cost_per_hour: Number(machine.toFixed(9)),
      missing_prices: [],
      price_list: 'ours',
    });
    expect(ok(await api.get('/v1/costs'))).toMatchObject({ price_list: 'ours' });
  });

  it.each([
    [
      'that is not there',
      null,
      /nothing\.json can’t be read \(ENOENT\)\. Give a file that this user can read, or unset/,
    ],
    ['that is no JSON', 'name: ours', /prices\.json: it is not JSON \(/],
    ['in another currency', { ...listOf(CPU), currency: 'EUR' }, /prices\.json: currency is not "USD"/],
    [
      'of another form',
      listOf({ ...CPU, usd: 'x' }),
      /prices\.json: row 1 \(gke\.autopilot\.cpu\), usd is not a number/,
    ],
    [
      'with a name that is misspelt',
      listOf(CPU, { ...CPU, item: 'gke.autopilot.mem' }),
      /prices\.json: row 2 \(gke\.autopilot\.mem\), item is not the name of a price; the nearest name is gke\.autopilot\.\w+\./,
    ],
    ['with many faults', listOf(...Array.from({ length: 9 }, () => ({ ...CPU, usd: null }))), /: 5 more problems\./],
  ])('does not start with a file %s', async (_what, content, sentence) => {
    const file = content === null ? join(await folder(), 'nothing.json') : await written(content);
    const refused = await refuse({ dataDir: await folder(), env: { ONMEMOS_PRICES_FILE: file } });
    expect(refused.code).toBe(1);
    expect(refused.printed).toMatch(sentence);
    expect(refused.printed).toContain('ONMEMOS_PRICES_FILE: ');
    expect(refused.printed).not.toMatch(/is starting|^\s+at .*\.ts:\d+/m);
    expect(refused.printed.trim().split('\n').length).toBeLessThan(8);
  });
});
