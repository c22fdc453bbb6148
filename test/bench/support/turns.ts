import { atMost, type Figure, figure } from './figure.ts';
import { median } from './stats.ts';

/** Milliseconds of each way to make the same call. */
export interface WaySamples {
  readonly sdk: readonly number[];
  /** The client that one would use without the SDK. */
  readonly plain: readonly number[];
  /** As little around the request as the language allows. */
  readonly raw: readonly number[];
}

type Way = keyof WaySamples;
const WAYS: readonly Way[] = ['sdk', 'plain', 'raw'];
const WARM_UP = 30;
const PRINTED = 'first output\n';

/** Each way in turn, another one first each round, so that all meet the same machine. @throws Error for a wrong answer */
export const sampleByTurns = async (
  count: number,
  calls: Readonly<Record<Way, () => Promise<unknown>>>,
): Promise<WaySamples> => {
  const samples: Record<Way, number[]> = { sdk: [], plain: [], raw: [] };
  for (let round = -WARM_UP; round < count; round++) {
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(round + WARM_UP + turn) % WAYS.length] ?? 'sdk';
      const started = performance.now();
      const printed = await calls[way]();
      const ms = performance.now() - started;
      if (printed !== PRINTED) throw new Error(`${way} printed ${JSON.stringify(printed)}`);
      if (round >= 0) samples[way].push(ms);
    }
  }
  return samples;
};

const MOST_OVER_PLAIN = 1.15;

/** The p50 of an SDK's execute beside the two it is compared with. */
export const overheadFigures = (
  id: string,
  samples: WaySamples,
  names: { readonly plain: string; readonly raw: string },
): Figure[] => {
  const [sdk, plain, raw] = [median(samples.sdk), median(samples.plain), median(samples.raw)];
  const what = `execute echo through the SDK, ${samples.sdk.length} times by turns`;
  return [
    figure(`${id}.p50`, `${what}; floor: ${names.plain}`, sdk, 'ms', { floor: plain }),
    figure(`${id}.raw`, `${what}; floor: ${names.raw}`, sdk, 'ms', { floor: raw }),
    figure(id, `the p50 over that of ${names.plain}`, sdk / plain, 'x', { goal: atMost(MOST_OVER_PLAIN), floor: 1 }),
  ];
};
