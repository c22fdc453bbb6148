import { CLOUD_FUNCTIONS } from '#wiring/google-cloud-settings.ts';
import { functionsMissing } from '../../process/cloud/functions.ts';
import { type Bundles, openBundles } from '../support/bundles.ts';
import { atMost, type Figure, figure } from '../support/figure.ts';
import { median } from '../support/stats.ts';

const MOST_OVER_BARE = 1.5;
const FLOOR = 'floor: a bare Hono and Firestore, bundled alike';

const times = async (bundles: Bundles, rounds: number): Promise<Figure[]> => {
  const samples = {
    api: { ms: [] as number[], cpu: [] as number[] },
    bare: { ms: [] as number[], cpu: [] as number[] },
  };
  for (let round = -1; round < rounds; round++) {
    for (const name of ['bare', 'api'] as const) {
      const { ms, cpu_ms } = await bundles.start(name);
      if (round < 0) continue;
      samples[name].ms.push(ms);
      samples[name].cpu.push(cpu_ms);
    }
  }
  const { api, bare } = samples;
  const [ms, cpu] = [median(api.ms), median(api.cpu)];
  const [bareMs, bareCpu] = [median(bare.ms), median(bare.cpu)];
  const what = `api: process start to the first 200 with a Firestore read, median of ${rounds}`;
  const goal = atMost(MOST_OVER_BARE);
  return [
    figure('cold-start.ms', `${what}; ${FLOOR}`, ms, 'ms', { floor: bareMs }),
    figure('cold-start', 'the time over its floor', ms / bareMs, 'x', { goal, floor: 1 }),
    figure('cold-start.cpu', `CPU of the process until then; ${FLOOR}`, cpu, 'ms', { floor: bareCpu }),
    figure('cold-start.work', 'the CPU over its floor', cpu / bareCpu, 'x', { goal, floor: 1 }),
  ];
};

const code = async (bundles: Bundles): Promise<Figure[]> => {
  const floor = (await bundles.loaded('bare')).bytes / 1024;
  const figures: Figure[] = [];
  for (const name of CLOUD_FUNCTIONS) {
    const { bytes, libraries, left } = await bundles.loaded(name);
    const what = `code read until then: its own, ${libraries.join(', ')}; not yet: ${left.join(', ')}`;
    figures.push(figure(`cold-start.code.${name}`, what, bytes / 1024, 'KiB', { floor }));
  }
  return figures;
};

const memory = async (bundles: Bundles): Promise<Figure[]> => {
  const floor = await bundles.idleMb('bare');
  const figures: Figure[] = [];
  for (const name of CLOUD_FUNCTIONS) {
    const what = `resident, idle after its first answer; ${FLOOR}`;
    figures.push(figure(`cold-start.mb.${name}`, what, await bundles.idleMb(name), 'MB', { floor }));
  }
  return figures;
};

/** The start of the functions as they are bundled for Google Cloud, with Firestore’s emulator behind them. */
export const coldStart = async (quick: boolean): Promise<Figure[]> => {
  const missing = await functionsMissing();
  if (missing !== null) throw new Error(`the Firestore emulator can't run here: ${missing}`);
  const bundles = await openBundles();
  try {
    return [...(await times(bundles, quick ? 3 : 15)), ...(await code(bundles)), ...(await memory(bundles))];
  } finally {
    await bundles.close();
  }
};
