import { describe, expect, it } from 'vitest';
import { PACKAGES } from './packages.ts';
import type { PlanInput } from './plan.ts';
import { PLANNERS, planGke, planWorkstations } from './plans.ts';
import { BESIDE_NODE, readPriceFile } from './price-file.ts';
import { PRICE_LIST, priceTable } from './prices.ts';
import { billLines, costBetween, costNanoUsd, missingPrices, unboundedPrices } from './pricing.ts';

const HOUR = 3_600_000;
const REGION = 'us-central1';
const CPU = { item: 'gke.autopilot.cpu', unit: 'vCPU-hour', usd: 0.04 };

const fileOf = (rows: readonly unknown[], more: object = {}): string =>
  JSON.stringify({ name: 'ours', currency: 'USD', rows, ...more });
const tableOf = (rows: readonly unknown[], more: object = {}, region = REGION) => {
  const read = readPriceFile(fileOf(rows, more), region);
  if (!read.ok) throw new Error(read.problems.join(' '));
  return priceTable(region, read.file);
};
const problems = (source: string): readonly string[] => {
  const read = readPriceFile(source, REGION);
  return read.ok ? [] : read.problems;
};
const planned = (gpu: PlanInput['gpu'], planner = planGke) => {
  const plan = planner({
    cpu_request_millis: 1000,
    cpu_limit_millis: 1000,
    memory_request_mb: 2048,
    memory_limit_mb: 2048,
    gpu,
  });
  if (!plan.ok) throw new Error(plan.message);
  return plan;
};
const a100 = planned({ type: 'a100', count: 1 });
const workstation = planned(null, planWorkstations);

describe('prices of one’s own', () => {
  it('replace the built-in ones, by any unit of time, and give the table their name', () => {
    const table = tableOf([CPU, { item: 'gke.autopilot.memory', unit: 'GiB-second', usd: 0.000001 }]);
    expect([table.name, table.version]).toEqual(['ours', PRICE_LIST.version]);
    expect(table.get('gke.autopilot.cpu')).toEqual({ pico_usd: 40_000_000_000n, per_ms: 3_600_000n });
    expect(table.get('gke.autopilot.memory')).toEqual({ pico_usd: 1_000_000n, per_ms: 1000n });
    expect(table.get('gcs.standard')).toEqual(priceTable(REGION).get('gcs.standard'));
    expect(costNanoUsd(planned(null), 0, HOUR, table)).toBe(40_000_000 + 2 * 3_600_000 + 70_600);
  });

  it('hold in every region unless they name one, of a row or of the file', () => {
    expect(tableOf([CPU], {}, 'mars').get(CPU.item)).not.toBeNull();
    expect(missingPrices(planned(null), tableOf([CPU], {}, 'mars'))).toEqual([
      'gke.autopilot.memory',
      'gke.autopilot.ephemeral',
    ]);
    const both = [CPU, { ...CPU, usd: 0.05, region: 'mars' }];
    expect(tableOf(both, {}, 'mars').get(CPU.item)?.pico_usd).toBe(50_000_000_000n);
    expect(tableOf(both.toReversed()).get(CPU.item)?.pico_usd).toBe(40_000_000_000n);
    expect(tableOf(both, { region: REGION }).get(CPU.item)?.pico_usd).toBe(40_000_000_000n);
    expect(readPriceFile(fileOf([CPU], { region: 'mars' }), REGION)).toEqual({
      ok: false,
      problems: ['it has no row for us-central1, the region of this server (ONMEMOS_REGION).'],
    });
  });

  it('fill in what is missing, a part of it too', () => {
    const premium = (line: string, unit: string, usd: number) => {
      return { item: `gke.autopilot.gpu-premium.a100${line}`, unit, usd };
    };
    const node = costNanoUsd(a100, 0, HOUR, priceTable(REGION));
    const one = tableOf([premium('', 'GPU-hour', 0.3)]);
    expect(costBetween(a100, 0, HOUR, one)).toEqual({
      at_least: node + 300_000_000,
      at_most: node * 1.2 + 300_000_000,
    });
    const all = tableOf([
      premium('', 'GPU-hour', 0.3),
      premium('.cpu', 'vCPU-hour', 0.01),
      premium('.memory', 'GiB-hour', 0),
    ]);
    expect(missingPrices(a100, all)).toEqual([]);
    expect(costNanoUsd(a100, 0, HOUR, all)).toBe(node + 300_000_000 + 120_000_000);
    const fee = { item: 'workstations.management-fee', unit: 'vCPU-hour', usd: 0.01 };
    expect(missingPrices(workstation, tableOf([fee]))).toEqual([]);
  });

  it('give Spot its prices and bounds', () => {
    const spot = { ...planned(null), details: { provisioning: 'spot' } };
    const rows = [
      { item: 'gke.autopilot.spot.cpu', unit: 'vCPU-hour', usd: 0.01 },
      { item: 'gke.autopilot.spot.memory', unit: 'GiB-hour', usd: 0.001 },
      { item: 'gke.autopilot.spot.ephemeral', unit: 'GiB-hour', usd: null, bound: 'half' },
    ];
    const bounds = { half: { share_of_on_demand: 0.5, reason: 'by last month’s invoice' } };
    const table = tableOf(rows, { bounds });
    expect(missingPrices(spot, table)).toEqual(['gke.autopilot.spot.ephemeral']);
    expect(costBetween(spot, 0, HOUR, table)).toEqual({ at_least: 12_000_000, at_most: 12_000_000 + 35_300 });
    const all = tableOf([...rows.slice(0, 2), { item: 'gke.autopilot.spot.ephemeral', unit: 'GiB-hour', usd: 0 }]);
    expect(missingPrices(spot, all)).toEqual([]);
  });

  it('may state bounds, and take the built-in ones for another region', () => {
    const fee = { item: 'workstations.management-fee', unit: 'vCPU-hour', usd: null, bound: 'fee' };
    const bounds = { fee: { share_of_node: 0.5, reason: 'by last month’s invoice' } };
    const table = tableOf([fee], { bounds });
    const { at_least, at_most } = costBetween(workstation, 0, HOUR, table);
    expect([at_most, unboundedPrices(workstation, table)]).toEqual([at_least * 1.5, []]);
    const rows = [
      { item: 'gce.a2-highgpu-1g.cpu-and-ram', unit: 'VM-hour', usd: 1 },
      { item: 'gce.gpu.a100-40', unit: 'GPU-hour', usd: 3 },
      ...['.cpu', '.memory', ''].map((line) => {
        const unit = { '.cpu': 'vCPU-hour', '.memory': 'GiB-hour' }[line] ?? 'GPU-hour';
        return { item: `gke.autopilot.gpu-premium.a100${line}`, unit, usd: null, bound: 'autopilot-gpu-premium' };
      }),
    ];
    expect(costBetween(a100, 0, HOUR, tableOf(rows, {}, 'mars'))).toEqual({ at_least: 4e9, at_most: 4.8e9 });
  });
});

describe('a file that does not hold', () => {
  it.each([
    ['{', /^it is not JSON \(.+\)\.$/],
    ['[]', /^the file is not an object; give \{"name", "currency", "rows"\}\.$/],
    ['{"name": "x", "currency": "USD"}', /^rows is missing; give one row at least\.$/],
    [fileOf([]), /^rows is empty; give one row at least\.$/],
    [fileOf([CPU], { currency: 'EUR' }), /^currency is not "USD"/],
    [fileOf([CPU], { name: 'onmemos' }), /^name is the name of the built-in list; give another\.$/],
    [fileOf([CPU], { name: 'a\nb' }), /^name must not contain control characters\.$/],
    [fileOf([CPU], { prices: [] }), /^the file has no field prices; the fields are name, currency, .*rows\.$/],
    [fileOf([CPU, 7]), /^row 2 is not an object; give \{"item", "unit", "usd"\}\.$/],
    [
      fileOf([{ ...CPU, price: 1 }]),
      /^row 1 \(gke\.autopilot\.cpu\) has no field price; the fields are item, unit, usd/,
    ],
    [
      fileOf([{ ...CPU, usd: '0.04' }]),
      /^row 1 \(gke\.autopilot\.cpu\), usd is not a number; give dollars for one unit/,
    ],
    [fileOf([{ ...CPU, usd: undefined }]), /^row 1 \(gke\.autopilot\.cpu\), usd is missing; give dollars/],
    [fileOf([{ ...CPU, usd: -1 }]), /usd is below 0/],
    [fileOf([{ ...CPU, usd: 1e-13 }]), /usd has more than 12 decimals/],
    [fileOf([{ ...CPU, unit: 'vCPU-second', usd: 0.4 }]), /usd is more than \$1000 an hour; .* for one vCPU-second\.$/],
    [fileOf([{ ...CPU, unit: 'GiB-hour' }]), /unit is none of vCPU-second, vCPU-hour, vCPU-month\.$/],
    [fileOf([{ ...CPU, unit: 'vCPU-day' }]), /unit is none of/],
    [fileOf([{ ...CPU, item: 'gke.autopilot.cpus' }]), /the nearest name is gke\.autopilot\.cpu\.$/],
    [
      fileOf([{ ...CPU, item: 'gke.autopilot.gpu_premium.l4' }]),
      /the nearest name is gke\.autopilot\.gpu-premium\.l4\.$/,
    ],
    [fileOf([CPU, { ...CPU, region: REGION }, CPU]), /^row 3 \(gke\.autopilot\.cpu\) is there twice for region all/],
    [fileOf([{ ...CPU, usd: null }]), /usd is null; give the price, or a bound, or leave the row out\.$/],
    [fileOf([{ ...CPU, usd: null, bound: 'autopilot-gpu-premium' }]), /billed without a node; give the price\.$/],
    [fileOf([{ ...CPU, bound: 'autopilot-gpu-premium' }]), /bound is for a price that is missing/],
    [
      fileOf([{ item: 'workstations.management-fee', unit: 'vCPU-hour', usd: null, bound: 'fee' }]),
      /bound is none of autopilot-gpu-premium, on-demand\.$/,
    ],
    [
      fileOf([CPU], { bounds: { fee: { share_of_node: 20, reason: 'x' } } }),
      /^bounds\.fee\.share_of_node is not a share/,
    ],
    [fileOf([CPU], { bounds: { fee: { share_of_node: 0.2 } } }), /^bounds\.fee\.reason is missing; say why/],
    [fileOf([CPU], { bounds: { fee: { reason: 'x' } } }), /^bounds\.fee has not one share; give share_of_node, or/],
    [
      fileOf([CPU], { bounds: { fee: { share_of_node: 0.2, share_of_on_demand: 1, reason: 'x' } } }),
      /^bounds\.fee has not one share/,
    ],
    [
      fileOf([{ item: 'gke.autopilot.gpu-premium.t4', unit: 'GPU-hour', usd: null, bound: 'on-demand' }]),
      /bound is a share of an on-demand price, and this is no Spot price; give the price\.$/,
    ],
    [
      fileOf([{ item: 'gce.g2.ram.spot', unit: 'GiB-hour', usd: null, bound: 'autopilot-gpu-premium' }]),
      /bound is a share of a node’s price, and this is part of it; give the price\.$/,
    ],
  ])('%s', (source, sentence) => {
    expect(problems(source)).toEqual([expect.stringMatching(sentence)]);
  });

  it('is said of every row at once', () => {
    expect(problems(fileOf([{ ...CPU, usd: 'x' }, CPU, { ...CPU, unit: 1 }]))).toHaveLength(2);
    expect(
      problems(
        fileOf([
          { ...CPU, unit: 'x' },
          { ...CPU, item: 'y' },
        ]),
      ),
    ).toHaveLength(2);
  });
});

it('the built-in list holds by the same rules, but for what has neither price nor bound', () => {
  const { name: _, version: __, ...list } = PRICE_LIST;
  const rows = list.rows.filter((row) => row.usd !== null || row.bound !== undefined);
  expect(problems(JSON.stringify({ ...list, name: 'copy', rows }))).toEqual([]);
});

it('bounds are for exactly what is billed beside a node', () => {
  const plans = PACKAGES.flatMap(({ cpu_millis, memory_mb, gpu }) =>
    Object.values(PLANNERS).flatMap((planner) => {
      const size = { cpu_request_millis: cpu_millis, cpu_limit_millis: cpu_millis };
      const plan = planner({ ...size, memory_request_mb: memory_mb, memory_limit_mb: memory_mb, gpu });
      return plan.ok ? [plan] : [];
    }),
  );
  const spot = plans.map((plan) => ({ ...plan, details: { ...plan.details, provisioning: 'spot' } }));
  for (const lines of [...plans, ...spot].map(billLines)) {
    const node = lines.some(({ of_node }) => of_node);
    const beside = lines.filter(({ of_node }) => node && !of_node).map(({ item }) => item);
    expect(lines.map(({ item }) => item).filter((item) => BESIDE_NODE.test(item))).toEqual(beside);
  }
});
