import { emulatorMissing, type FirestoreEmulator, startFirestoreEmulator } from '../../support/firestore-emulator.ts';
import { type Contended, contend, type Loop } from '../support/contention.ts';
import { type Figure, figure } from '../support/figure.ts';
import { median } from '../support/stats.ts';

const INSTANCES = [2, 4] as const;
/** In each instance at once: one that is alone, and several that take turns. */
const WRITERS = [1, 4] as const;
/** In each instance at once, of those that write once. */
const BURST = 5;

const both = async (
  emulator: FirestoreEmulator,
  setting: { readonly instances: number; readonly writers: number; readonly ms: number },
  rounds: number,
): Promise<Readonly<Record<Loop, Contended>>> => {
  const sum = { ours: [] as Contended[], client: [] as Contended[] };
  // By turns, so that both meet the same machine.
  for (let round = 0; round < rounds; round++)
    for (const loop of ['ours', 'client'] as const) sum[loop].push(await contend(emulator, { ...setting, loop }));
  const together = (parts: readonly Contended[]): Contended => ({
    done: parts.reduce((all, { done }) => all + done, 0),
    tries: parts.reduce((all, { tries }) => all + tries, 0),
    failed: parts.reduce((all, { failed }) => all + failed, 0),
    longest_ms: Math.max(...parts.map(({ longest_ms }) => longest_ms)),
  });
  return { ours: together(sum.ours), client: together(sum.client) };
};

/** As calls of one user come: all at once, each for one transaction. */
const bursts = async (emulator: FirestoreEmulator, instances: number, rounds: number): Promise<Figure[]> => {
  const seen = { ours: [] as Contended[], client: [] as Contended[] };
  for (let round = 0; round < rounds; round++)
    for (const loop of ['ours', 'client'] as const)
      seen[loop].push(await contend(emulator, { loop, instances, writers: BURST, ms: 0 }));
  const id = `contention.${instances}x${BURST}`;
  const where = `${BURST} at once in each of ${instances} instances, each once, median of ${rounds}`;
  const row = (name: string, what: string, unit: string, of: (one: Contended) => number): Figure =>
    figure(`${id}.${name}`, `${what}; floor: the client’s own loop`, median(seen.ours.map(of)), unit, {
      floor: median(seen.client.map(of)),
    });
  return [
    row('last', `until the last one was done, ${where}`, 'ms', ({ longest_ms }) => longest_ms),
    row('tries', `tries of all ${instances * BURST}`, '', ({ tries }) => tries),
    row('lost', 'transactions that were given up', '', ({ failed }) => failed),
  ];
};

/**
 * Instances that write one document as fast as they can: our way to try again, and as its floor the transaction loop of
 * Google’s client. On the emulator, which locks in its own way: it says nothing about what is best in production.
 */
export const contention = async (quick: boolean): Promise<Figure[]> => {
  const emulator = await startFirestoreEmulator();
  if (emulator === null) throw new Error(`the Firestore emulator can't run here: ${await emulatorMissing()}`);
  const [rounds, ms] = quick ? [1, 5_000] : [2, 15_000];
  const figures: Figure[] = [];
  try {
    for (const instances of INSTANCES) {
      figures.push(...(await bursts(emulator, instances, quick ? 3 : 5)));
      for (const writers of WRITERS) {
        const { ours, client } = await both(emulator, { instances, writers, ms }, rounds);
        const id = `contention.${instances}x${writers}`;
        const seconds = (rounds * ms) / 1000;
        const add = (name: string, what: string, unit: string, of: (loop: Contended) => number): void => {
          figures.push(
            figure(`${id}.${name}`, `${what}; floor: the client’s own loop`, of(ours), unit, { floor: of(client) }),
          );
        };
        const where = `${instances} instances of ${writers} on one document, ${seconds} s`;
        add('done', `transactions that were done, ${where}`, '1/s', ({ done }) => done / seconds);
        add(
          'aborted',
          'tries that met another, for each that was done',
          '',
          ({ done, tries }) => (tries - done) / done,
        );
        add('failed', 'transactions that were given up', '', ({ failed }) => failed);
        add('longest', 'the longest transaction, given up or done', 'ms', ({ longest_ms }) => longest_ms);
      }
    }
    return figures;
  } finally {
    await emulator.stop();
  }
};
