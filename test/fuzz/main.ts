import { parseArgs } from 'node:util';
import { ACTIONS, CLIENTS, type Client, pointOf } from './plan.ts';
import { type Report, runFuzz } from './run.ts';

const USAGE =
  'usage: npm run fuzz -- [--points N] [--seed S] [--client cli|python|python-async|typescript] [--only POINT] [--workers N] [--isolation LEVEL] [--json]';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(process.pid) },
    client: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    workers: { type: 'string', default: '2' },
    isolation: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
  },
});
const [points, seed, workers] = [Number(values.points), Number(values.seed), Number(values.workers)];
const clients = values.client?.map((name) => CLIENTS.find((one) => one === name));
const whole = [points, seed, workers].every((each) => Number.isInteger(each) && each > 0);
if (!whole || clients?.includes(undefined)) {
  console.error(USAGE);
  process.exit(2);
}

/** Points and violations, a line for each action, a column for each client. */
const tableOf = ({ table }: Report): string => {
  const row = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(14) : cell.padStart(14))).join('');
  const cell = (name: string): string => {
    const found = table[name];
    return found === undefined ? '-' : `${found.points}${found.violations > 0 ? ` (${found.violations}!)` : ''}`;
  };
  return [
    row(['', ...CLIENTS]),
    ...ACTIONS.map((action) => row([action, ...CLIENTS.map((client) => cell(`${client} ${action}`))])),
  ].join('\n');
};

if (!values.json) console.log(`seed ${seed}`);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
let [shown, told] = [0, 0];
const report = await runFuzz({
  points,
  seed,
  workers,
  isolation: values.isolation,
  stop: stop.signal,
  ...(clients === undefined ? {} : { clients: clients as Client[] }),
  ...(values.only === undefined ? {} : { only: values.only.map(pointOf) }),
  progress: (done, violations) => {
    if (values.json) return;
    for (const { point, what } of violations.slice(told)) console.log(`VIOLATION  ${point}: ${what}`);
    told = violations.length;
    if (done < shown + 10) return;
    shown = done;
    console.log(`${done} points, ${violations.length} violations`);
  },
});
if (values.json) console.log(JSON.stringify({ seed, ...report }, null, 2));
else {
  console.log(`\n${tableOf(report)}\n`);
  console.log(
    `${report.points} points, ${report.controls} runs without a fault, ${report.missed} moments that did not come`,
  );
  console.log(`${report.leftByKill} things left by clients that were killed by KILL, until their time to live`);
  for (const { point, what } of report.violations) {
    console.log(`VIOLATION  ${what}\n           npm run fuzz -- --only ${point}`);
  }
  console.log(`${report.violations.length} violations in ${report.seconds} s`);
}
process.exit(report.violations.length > 0 ? 1 : 0);
