import { findMachine, type Machine } from './machines.ts';
import type { Plan } from './plan.ts';
import type { Bound, PriceTable } from './prices.ts';

const COMPONENTS = ['cpu', 'memory', 'gpu', 'storage'] as const;
type Component = (typeof COMPONENTS)[number];

/** What a plan is billed by: `amount / per` units of a row of the price table. Both are integers. */
export interface BillLine {
  readonly component: Component;
  readonly item: string;
  readonly amount: number;
  readonly per: number;
  /** Part of the node's own price, of which bounds of missing prices are a share. */
  readonly of_node?: true;
  /** Of a Spot price: the same at on-demand prices. */
  readonly on_demand?: readonly BillLine[];
}

/** Nano-USD by component. */
export type Cost = Readonly<Record<Component, number>> & { readonly total: number };

const cpuLine = (item: string, millis: number): BillLine => ({ component: 'cpu', item, amount: millis, per: 1000 });
const memoryLine = (item: string, mib: number): BillLine => ({ component: 'memory', item, amount: mib, per: 1024 });

/** Every provider bills to the second but Cloud Run, which counts started tenths of a second. */
const BILLED_STEP_MS: Readonly<Record<string, number>> = { cloud_run: 100 };

const machineOf = (plan: Plan): Machine | null =>
  plan.machine_type === null ? null : findMachine(plan.machine_type, plan.gpu);

const SOLD_AS_SPOT: readonly string[] = ['gke', 'gke_gpu'];

/** By what was really given, once that is known: what is sold as Spot alone may be given otherwise. */
const isSpot = (plan: Plan): boolean => {
  if (!SOLD_AS_SPOT.includes(plan.shape)) return false;
  const { provisioning } = plan.details;
  return provisioning === undefined ? (machineOf(plan)?.spot ?? false) : provisioning === 'spot';
};

const AUTOPILOT = 'gke.autopilot.';

/** `gke.autopilot.cpu` is `gke.autopilot.spot.cpu`, `gce.gpu.l4` is `gce.gpu.l4.spot`. */
const spotItem = (item: string): string =>
  item.startsWith(AUTOPILOT) ? `${AUTOPILOT}spot.${item.slice(AUTOPILOT.length)}` : `${item}.spot`;

const atSpot = (line: BillLine): BillLine => ({ ...line, item: spotItem(line.item), on_demand: [line] });

const machineLines = (plan: Plan): readonly BillLine[] => {
  const machine = machineOf(plan);
  // A machine that no table knows has no price; named here, it is reported as missing instead of costing nothing.
  if (machine === null)
    return [{ component: 'cpu', item: `gce.${plan.machine_type ?? 'unknown-machine'}`, amount: 1, per: 1 }];
  const of = (bill: Machine['bill']): readonly BillLine[] =>
    bill.map(({ component, item, quantity }) => {
      return { component, item, amount: quantity * 1000, per: 1000, of_node: true };
    });
  const on_demand = of(machine.bill);
  if (!isSpot(plan)) return on_demand;
  if (machine.spot_bill === undefined) return on_demand.map(atSpot);
  return of(machine.spot_bill).map((line) => ({ ...line, on_demand }));
};

const gpuLine = (item: string, count: number): BillLine => ({ component: 'gpu', item, amount: count, per: 1 });

/** Autopilot's accelerator premium: per GPU, and per vCPU and GiB of the whole node. All of it is the GPU's cost. */
const premiumLines = (plan: Plan): readonly BillLine[] => {
  if (plan.gpu === null) return [];
  const item = `gke.autopilot.gpu-premium.${plan.gpu.type}`;
  const { cpu_millis, memory_mb } = machineOf(plan) ?? plan;
  return [
    gpuLine(item, plan.gpu.count),
    { ...cpuLine(`${item}.cpu`, cpu_millis), component: 'gpu' },
    { ...memoryLine(`${item}.memory`, memory_mb), component: 'gpu' },
  ];
};

const asGiven = (plan: Plan, lines: readonly BillLine[]): readonly BillLine[] =>
  isSpot(plan) ? lines.map(atSpot) : lines;

/** The rows of the price table that a shape is billed by. */
const LINES: Readonly<Record<string, (plan: Plan) => readonly BillLine[]>> = {
  local: () => [],
  cloud_run: (plan) => [
    cpuLine('cloud-run.job.cpu', plan.cpu_millis),
    memoryLine('cloud-run.job.memory', plan.memory_mb),
    ...(plan.gpu === null ? [] : [gpuLine(`cloud-run.gpu.${plan.gpu.type}`, plan.gpu.count)]),
  ],
  gke: (plan) =>
    asGiven(plan, [
      cpuLine('gke.autopilot.cpu', plan.cpu_millis),
      memoryLine('gke.autopilot.memory', plan.memory_mb),
      { component: 'storage', item: 'gke.autopilot.ephemeral', amount: plan.disk_mb, per: 1024 },
    ]),
  gke_gpu: (plan) => [...machineLines(plan), ...asGiven(plan, premiumLines(plan))],
  workstations: (plan) => [
    ...machineLines(plan),
    cpuLine('workstations.management-fee', (machineOf(plan) ?? plan).cpu_millis),
  ],
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

const PPM = 1_000_000;

const times = (line: BillLine, ppm: number): BillLine => ({ ...line, amount: line.amount * ppm, per: line.per * PPM });

/** Also where the table says nothing of a Spot price, as in a region of which it has no Spot rows. */
const AS_ON_DEMAND: Bound = { name: 'on-demand', of: 'on_demand', ppm: PPM };

const boundOf = ({ item, on_demand }: BillLine, table: PriceTable): Bound | null =>
  table.bound(item) ?? (on_demand === undefined ? null : AS_ON_DEMAND);

interface Bounds {
  /** The most that missing prices add, as lines of their own. */
  readonly lines: readonly BillLine[];
  /** The missing ones of which that is not known. */
  readonly unbounded: readonly BillLine[];
}

/**
 * What missing prices add at the most. A Spot price is at most what the same costs on demand. The others are a share
 * of the node, once for all rows that name the same bound; the node counts at on-demand prices, as what is billed
 * beside a Spot node need not be cheaper. A line is unbounded if it has no bound, or if what it is a share of has no
 * price.
 */
const boundsOf = (lines: readonly BillLine[], table: PriceTable): Bounds => {
  const missing = (line: BillLine): boolean => table.get(line.item) === null;
  const node = lines.filter(({ of_node }) => of_node).flatMap((line) => line.on_demand ?? [line]);
  const shares = new Map<string, number>();
  const most: BillLine[] = [];
  const find = (line: BillLine): boolean => {
    const bound = boundOf(line, table);
    if (bound === null) return false;
    if (bound.of === 'node') {
      shares.set(bound.name, bound.ppm);
      return node.length > 0 && !node.some(missing);
    }
    const { on_demand = [] } = line;
    most.push(...on_demand.filter((each) => !missing(each)).map((each) => times(each, bound.ppm)));
    return on_demand.length > 0 && on_demand.filter(missing).every(find);
  };
  const unbounded = lines.filter(missing).filter((line) => !find(line));
  return {
    lines: [...most, ...[...shares.values()].flatMap((ppm) => node.map((line) => times(line, ppm)))],
    unbounded,
  };
};

/** null: one of the missing prices has no bound. */
const boundLines = (lines: readonly BillLine[], table: PriceTable): readonly BillLine[] | null => {
  const bounds = boundsOf(lines, table);
  return bounds.unbounded.length > 0 ? null : bounds.lines;
};

/** The missing prices of a plan of which nothing says how large they can be. */
export const unboundedPrices = (plan: Plan, table: PriceTable): readonly string[] => {
  const { unbounded } = boundsOf(billLines(plan), table);
  const without = unbounded.filter((line) => boundOf(line, table) === null);
  return missingIn(without.length > 0 ? without : unbounded, table);
};

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
const cost = (plan: Plan, from_ms: number, to_ms: number, table: PriceTable): Cost => {
  const lines = billLines(plan);
  return minus(cumulative(lines, billedMs(plan, to_ms), table), cumulative(lines, billedMs(plan, from_ms), table));
};

/** `cost` in total, whole nano-USD. */
export const costNanoUsd = (plan: Plan, from_ms: number, to_ms: number, table: PriceTable): number =>
  cost(plan, from_ms, to_ms, table).total;

/** Whole nano-USD: the known part, and with the bounds of what is missing; null where one of those has no bound. */
export interface Between {
  readonly at_least: number;
  readonly at_most: number | null;
}

/** What `lines` cost from the start to `ms` after it. Where no price is missing both figures are the cost. */
export const between = (lines: readonly BillLine[], ms: number, table: PriceTable): Between => {
  const at_least = cumulative(lines, ms, table).total;
  const bounds = boundLines(lines, table);
  return { at_least, at_most: bounds === null ? null : at_least + cumulative(bounds, ms, table, 'up').total };
};

const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

export const together = (costs: readonly Between[]): Between => ({
  at_least: costs.reduce((sum, { at_least }) => sum + at_least, 0),
  at_most: costs.reduce<number | null>((sum, { at_most }) => add(sum, at_most), 0),
});

export const less = (a: Between, b: Between): Between => ({
  at_least: a.at_least - b.at_least,
  at_most: add(a.at_most, b.at_most === null ? null : -b.at_most),
});

/** `costNanoUsd` with the bounds of what is missing. Adjoining intervals add up exactly, by either figure. */
export const costBetween = (plan: Plan, from_ms: number, to_ms: number, table: PriceTable): Between => {
  const lines = billLines(plan);
  return less(between(lines, billedMs(plan, to_ms), table), between(lines, billedMs(plan, from_ms), table));
};

/**
 * Never less than what any interval of `ms` of a run can cost; with `first`, also where it is the run's first. A missing
 * price counts as much as its bound allows, and nothing where it has none: ask `unboundedPrices`.
 */
export const upperBoundNanoUsd = (plan: Plan, ms: number, first: boolean, table: PriceTable): number => {
  if (ms <= 0) return 0;
  const later = first ? plan : { ...plan, min_billed_seconds: 0 };
  const lines = billLines(plan);
  return cumulative([...lines, ...(boundLines(lines, table) ?? [])], billedMs(later, ms), table, 'up').total;
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

/** What an hour of `lines` costs, with the bounds of what is missing. */
export const rateBetween = (lines: readonly BillLine[], table: PriceTable): Between => between(lines, HOUR_MS, table);

export const ratePerHour = (plan: Plan, table: PriceTable): Rate => rateOf(billLines(plan), table);
