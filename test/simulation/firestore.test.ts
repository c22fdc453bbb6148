import { afterAll, describe, expect, it } from 'vitest';
import { emulatorForFile } from '../conformance/store/firestore-fixture.ts';
import { emulatorMissing } from '../support/firestore-emulator.ts';
import { onEmulator } from './firestore/keeping.ts';
import { addTo, printed, say, unmet } from './report.ts';
import { runSchedule } from './schedule.ts';

process.env['METADATA_SERVER_DETECTION'] = 'none';

const FILE = 'test/simulation/firestore.test.ts';
const FEW = 3;
/** `SEEDS=50` runs more schedules, from the first one on. */
const SEEDS = Number(process.env['SEEDS'] ?? FEW);
/** Three that have many faults, of all kinds. */
const FIRST = Number(process.env['FIRST_SEED'] ?? (SEEDS <= FEW ? 56 : 1));
const AT_ONCE = 5;

const asked = process.env['SEED'];

/** What any three schedules with faults have. */
const EXPECTED = [
  'answers ok',
  'changes told by watches',
  'commits aborted in a circle',
  'commits done, answer lost',
  'commits that waited for a lock',
  'exact bills',
  'sessions',
  'tasks duplicated',
  'transactions rolled back at a death',
];
/** What is rarer. */
const EXPECTED_OF_MANY = [
  ...EXPECTED,
  'answers unknown',
  'clock steps',
  'commits aborted after a wait',
  'commits that arrived late',
  'CommitUnknown of the driver',
  'crashes',
  'outages',
  'StoreBusy of the driver',
  'tasks lost',
  'transactions rolled back at a stall',
  'transactions that the server closed',
];

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`simulation over Firestore${missing === null ? '' : `: ${missing}`}`, () => {
  const emulator = emulatorForFile();
  const run = (seed: number, everything = false) => runSchedule(seed, everything, onEmulator(emulator()));
  if (asked !== undefined) {
    it(`replays seed ${asked}`, async () => printed(await run(Number(asked), true)));
    return;
  }

  const counts = new Map<string, number>();
  const of = (name: string): number => counts.get(name) ?? 0;
  let first: readonly string[] = [];
  const began = performance.now();
  for (let from = FIRST; from < FIRST + SEEDS; from += AT_ONCE) {
    const last = Math.min(from + AT_ONCE, FIRST + SEEDS) - 1;
    it(`seeds ${from} to ${last}: no leak, no overshoot, an exact ledger`, async () => {
      for (let seed = from; seed <= last; seed++) {
        const outcome = await run(seed, seed === FIRST);
        if (seed === FIRST) first = outcome.lines();
        if (outcome.failure !== null) throw new Error(say(outcome, FILE), { cause: outcome.failure });
        addTo(counts, outcome);
      }
    });
  }
  afterAll(() => {
    const seconds = (performance.now() - began) / 1000;
    const conflicts = of('commits aborted in a circle') + of('commits aborted after a wait');
    console.log(
      `${SEEDS} seeds, ${of('events')} events in ${(of('virtual ms') / 3_600_000).toFixed(1)} virtual hours, ` +
        `${of('transactions')} transactions, ${conflicts} conflicts, ${of('commits done, answer lost')} lost answers of ` +
        `commits, ${of('crashes')} deaths, ${seconds.toFixed(0)} s`,
    );
  });
  it('meets what it is to hold against', () => {
    expect(unmet(counts, SEEDS < 50 ? EXPECTED : EXPECTED_OF_MANY)).toEqual([]);
  });
  it('does the same again for the same seed', async () => {
    const again = await run(FIRST, true);
    expect(again.failure).toBeNull();
    expect(again.lines()).toEqual(first);
  });
});
