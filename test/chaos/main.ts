import { parseArgs } from 'node:util';
import { runChaos } from './run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(process.pid) },
    isolation: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run chaos -- [--rounds N] [--seed S] [--isolation LEVEL] [--json]');
  process.exit(2);
}

const quiet = values.json;
if (!quiet) console.log(`${rounds} rounds, seed ${seed}`);
const outcome = await runChaos({
  rounds,
  seed,
  isolation: values.isolation,
  progress: (round, { counts, violations }) => {
    if (quiet) return;
    const of = (name: string) => counts.get(name) ?? 0;
    const line =
      `round ${round}/${rounds}: killed ${of('servers killed')} servers, ${of('keepers killed')} keepers; ` +
      `${of('calls answered')} calls answered, ${of('sessions created')} sessions, ${violations.length} violations`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}\u001b[K`);
    else if (round % 10 === 0 || round === rounds) console.log(line);
  },
});
if (quiet) console.log(JSON.stringify({ seed, ...outcome }, null, 2));
else {
  console.log(process.stdout.isTTY ? '\n' : '');
  for (const [what, many] of Object.entries(outcome.counts).sort())
    console.log(`${String(many).padStart(12)}  ${what}`);
  console.log(`${String(outcome.seconds).padStart(12)}  seconds`);
  for (const what of outcome.violations) console.log(`VIOLATION  ${what}`);
  console.log(`${outcome.violations.length} violations`);
  if (outcome.violations.length > 0) console.log(`The data folder is kept: ${outcome.dataDir}`);
}
process.exit(outcome.violations.length > 0 ? 1 : 0);
