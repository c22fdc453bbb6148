import { failPower } from '../../support/fuse/power-switch.ts';
import { counters, items } from '../store/fixture.ts';
import { openStoreIn } from '../store/temporary.ts';

/** Writes in lanes, and at the very instant at which the last write is acknowledged the power fails. */
const [disk = '', dataDir = '', lanes = '', enough = ''] = process.argv.slice(2);
const store = await openStoreIn(dataDir);
const acknowledged: string[] = [];

const write = async (lane: number): Promise<void> => {
  for (let n = 1; ; n++) {
    await store.transaction(async (tx) => {
      await tx.get(counters, `lane${lane}`);
      tx.put(counters, `lane${lane}`, { n });
      tx.create(items, `lane${lane}-${n}`, { owner: `lane${lane}`, rank: n });
    });
    acknowledged.push(`${lane} ${n}`);
    if (acknowledged.length < Number(enough)) continue;
    failPower(disk);
    process.stdout.write(acknowledged.join('\n'));
    process.kill(process.pid, 'SIGKILL');
  }
};

await Promise.all(Array.from({ length: Number(lanes) }, (_, lane) => write(lane)));
