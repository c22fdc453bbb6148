import { findMachine } from './machines.ts';
import type { Plan } from './plan.ts';
import type { PriceTable } from './prices.ts';

const COMPONENTS = ['cpu', 'memory', 'gpu', 'storage'] as const;
type Component = (typeof COMPONENTS)[number];

/** What a plan is billed by: `amount / per` units of a row of the price table. Both are integers. */
export interface BillLine {
  readonly component: Component;
  readonly item: string;
  readonly amount: number;
  readonly per: number;
}

/** Nano-USD by component. */
export type Cost = Readonly<Record<Component, number>> & { readonly total: number };

const cpuLine = (item: string, millis: number): BillLine => ({ component: 'cpu', item, amount: millis, per: 1000 });
const memoryLine = (item: string, mib: number): BillLine => ({ component: 'memory', item, amount: mib, per: 1024 });

/** Every provider bills to the second but Cloud Run, which counts started tenths of a second. */
const BILLED_STEP_MS: Readonly<Record<string, number>> = { cloud_run: 100 };

const machineLines = (plan: Plan): readonly BillLine[] => {
  const machine = plan.machine_type === null ? null : findMachine(plan.machine_type, plan.gpu);
  // A machine that no table knows has no price; named here, it is reported as missing instead of costing nothing.
  if (machine === null)
    return [{ component: 'cpu', item: `gce.${plan.machine_type ?? 'unknown-machine'}`, amount: 1, per: 1 }];
  return machine.bill.map(({ component, item, quantity }) => ({ component, item, amount: quantity * 1000, per: 1000 }));
};

const vcpusBilled = (plan: Plan): number =>
  (plan.machine_type === null ? null : findMachine(plan.machine_type, plan.gpu))?.cpu_millis ?? plan.cpu_millis;

/** The rows of the price table that a shape is billed by. */
const LINES: Readonly<Record<string, (plan: Plan) => readonly BillLine[]>> = {
  local: () => [],
  cloud_run: (plan) => [
    cpuLine('cloud-run.job.cpu', plan.cpu_millis),
    memoryLine('cloud-run.job.memory', plan.memory_mb),
    ...(plan.gpu === null ? [] : [gpuLine(`cloud-run.gpu.${plan.gpu.type}`, plan.gpu.count)]),
  ],
  gke: (plan) => [
    cpuLine('gke.autopilot.cpu', plan.cpu_millis),
    memoryLine('gke.autopilot.memory', plan.memory_mb),
    { component: 'storage', item: 'gke.autopilot.ephemeral', amount: diskMb(plan), per: 1024 },
  ],
  gke_gpu: (plan) => [
    ...machineLines(plan),
    ...(plan.gpu === null ? [] : [gpuLine(`gke.autopilot.gpu-premium.${plan.gpu.type}`, plan.gpu.count)]),
  ],
  workstations: (plan) => [...machineLines(plan), cpuLine('workstations.management-fee', vcpusBilled(plan))],
};

const gpuLine = (item: string, count: number): BillLine => ({ component: 'gpu', item, amount: count, per: 1 });

const diskMb = (plan: Plan): number => {
  const mb = plan.details.ephemeral_storage_mb;
  return typeof mb === 'number' ? Math.round(mb) : 1024;
};

export const billLines = (plan: Plan): readonly BillLine[] =>
  (Object.hasOwn(LINES, plan.shape) ? LINES[plan.shape] : undefined)?.(plan) ?? [
    { component: 'cpu', item: `shape.${plan.shape}`, amount: 1, per: 1 },
  ];

/** Names of the rows that a bill needs and the table lacks, each once. */
export const missingIn = (lines: readonly BillLine[], table: PriceTable): readonly string[] => [
  ...new Set(lines.filter(({ item }) => table.get(item) === null).map(({ item }) => item)),
];

export const missingPrices = (plan: Plan, table: PriceTable): readonly string[] => missingIn(billLines(plan), table);

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** One line over `ms` billed milliseconds: whole nano-USD, rounded down (or up, for what must suffice). */
const lineNano = (line: BillLine, ms: number, table: PriceTable, round: 'down' | 'up'): number => {
  const price = table.get(line.item);
  if (price === null) return 0;
  const above = BigInt(Math.round(line.amount)) * price.pico_usd * BigInt(ms);
  const below = BigInt(line.per) * price.per_ms * 1000n;
  return Number(round === 'down' ? above / below : ceilDiv(above, below));
};

/** What `lines` cost from the start to `ms` after it. */
export const cumulative = (
  lines: readonly BillLine[],
  ms: number,
  table: PriceTable,
  round: 'down' | 'up' = 'down',
): Cost => {
  const sums: Record<Component, number> = { cpu: 0, memory: 0, gpu: 0, storage: 0 };
  for (const line of lines) sums[line.component] += lineNano(line, ms, table, round);
  return { ...sums, total: sums.cpu + sums.memory + sums.gpu + sums.storage };
};

export const minus = (a: Cost, b: Cost): Cost => ({
  cpu: a.cpu - b.cpu,
  memory: a.memory - b.memory,
  gpu: a.gpu - b.gpu,
  storage: a.storage - b.storage,
  total: a.total - b.total,
});

/** How much of a run of `ms` is billed: nothing for one that never started, else the minimum and whole steps. */
const billedMs = (plan: Plan, ms: number): number => {
  if (ms <= 0) return 0;
  const step = BILLED_STEP_MS[plan.shape] ?? 1;
  return Math.ceil(Math.max(ms, plan.min_billed_seconds * 1000) / step) * step;
};

/**
 * What a run costs between two instants, given in milliseconds since its start. It is the difference of one
 * cumulative function, so that the costs of adjoining intervals add up exactly to the cost of the whole; the
 * provider's minimum falls into the first. A missing price counts nothing: ask `missingPrices`.
 */
export const cost = (plan: Plan, from_ms: number, to_ms: number, table: PriceTable): Cost => {
  const lines = billLines(plan);
  return minus(cumulative(lines, billedMs(plan, to_ms), table), cumulative(lines, billedMs(plan, from_ms), table));
};

/** `cost` in total, whole nano-USD. */
export const costNanoUsd = (plan: Plan, from_ms: number, to_ms: number, table: PriceTable): number =>
  cost(plan, from_ms, to_ms, table).total;

/** Never less than what any interval of `ms` of a run can cost; with `first`, also where it is the run's first. */
export const upperBoundNanoUsd = (plan: Plan, ms: number, first: boolean, table: PriceTable): number => {
  if (ms <= 0) return 0;
  const unbound = first ? plan : { ...plan, min_billed_seconds: 0 };
  return cumulative(billLines(plan), billedMs(unbound, ms), table, 'up').total;
};

const HOUR_MS = 3_600_000;

/** Nano-USD per hour by component; null where a price of that component is missing, and then in total. */
export type Rate = Readonly<Record<Component | 'total', number | null>>;

export const rateOf = (lines: readonly BillLine[], table: PriceTable): Rate => {
  const known = cumulative(lines, HOUR_MS, table);
  const lacking = new Set(lines.filter(({ item }) => table.get(item) === null).map(({ component }) => component));
  const of = (component: Component): number | null => (lacking.has(component) ? null : known[component]);
  return {
    cpu: of('cpu'),
    memory: of('memory'),
    gpu: of('gpu'),
    storage: of('storage'),
    total: lacking.size > 0 ? null : known.total,
  };
};

export const ratePerHour = (plan: Plan, table: PriceTable): Rate => rateOf(billLines(plan), table);
