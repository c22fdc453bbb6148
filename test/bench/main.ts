import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { bill } from './cases/bill.ts';
import { burst } from './cases/burst.ts';
import { coldStart } from './cases/cold-start.ts';
import { contention } from './cases/contention.ts';
import { exec } from './cases/exec.ts';
import { memory } from './cases/memory.ts';
import { read } from './cases/read.ts';
import { sdkPython } from './cases/sdk-python.ts';
import { sdkTypescript } from './cases/sdk-typescript.ts';
import { start } from './cases/start.ts';
import { sweep } from './cases/sweep.ts';
import { throughput } from './cases/throughput.ts';
import { tti, ttiPool } from './cases/tti.ts';
import { type Figure, figure, isMet, tableHead, toJson, toRow } from './support/figure.ts';

/**
 * `npm run bench [-- --only ID] [-- --json] [-- --quick]`. Measures the service as it is started by `npm start`, in a
 * process of its own, at isolation `full` and with its defaults for durability and logging, through HTTP and WebSocket
 * from this process. Those of `ON_GOOGLE_CLOUD` measure what runs there, with the Firestore emulator. Each figure stands
 * beside a floor that was measured in the same run, where there is one.
 */
const BENCHES: Readonly<Record<string, (quick: boolean) => Promise<readonly Figure[]>>> = {
  tti,
  'tti-pool': ttiPool,
  exec,
  burst,
  read,
  throughput,
  sweep,
  memory,
  start,
  'sdk-python': sdkPython,
  'sdk-typescript': sdkTypescript,
  bill,
  'cold-start': coldStart,
  contention,
};

/** These need no root: no figure of theirs depends on how sessions are isolated. */
const ON_GOOGLE_CLOUD: readonly string[] = ['bill', 'cold-start', 'contention'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const names = Object.keys(BENCHES);
const wanted = values.only ?? names;
const unknown = wanted.filter((name) => !names.includes(name));
if (values.help || unknown.length > 0) {
  console.error(`npm run bench -- [--only <id>]... [--json] [--quick]\nids: ${names.join(' ')}`);
  process.exit(values.help ? 0 : 2);
}
if (process.getuid?.() !== 0 && !wanted.every((name) => ON_GOOGLE_CLOUD.includes(name))) {
  console.error('The figures are those of isolation full, which needs root. Nothing was measured.');
  process.exit(1);
}

const say = values.json ? toJson : toRow;
if (!values.json) console.log(tableHead());
const measured: Figure[] = [];
for (const name of wanted) {
  for (const each of (await BENCHES[name]?.(values.quick)) ?? []) {
    measured.push(each);
    console.log(say(each));
  }
}
const [load = 0] = loadavg();
console.log(
  say(figure('machine.load', 'processes that wanted to run, mean of the last minute: other work counts', load, '')),
);
const missed = measured.filter((each) => isMet(each) === false);
if (!values.json) {
  const goals = measured.filter((each) => isMet(each) !== null).length;
  console.log(`\n${goals - missed.length} of ${goals} goals are met.`);
}
