import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emulatorMissing } from '../../support/firestore-emulator.ts';
import { type Disturbed, textOf } from './relays/calls.ts';
import { type Emulator, openLane, startEmulator } from './relays/lane.ts';
import { liveOnce, STORIES, type Story, type Told } from './relays/life.ts';
import { commonPoints, disturbancesOf, isQuick, sampleOf, sliceOf, tableOf, unknownsOf } from './relays/points.ts';

// Google's clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

/**
 * How many lives, each with one call disturbed: a number, or `all`, which takes half an hour. A number leaves out what
 * somebody has to wait for. `ONLY` takes those whose name matches, and `SLICE=1/4` a quarter of all.
 */
const { POINTS: asked = '20', ONLY: only = '', SLICE: slice = '1/1' } = process.env;
const LANES = Number(process.env['LANES'] ?? (asked === 'all' ? 16 : 4));
const LONGEST_MS = asked === 'all' ? 3 * 3_600_000 : undefined;

interface Lived extends Told {
  readonly story: Story;
  readonly disturbed: Disturbed;
}

const nameOf = ({ story, disturbed }: Pick<Lived, 'story' | 'disturbed'>): string =>
  `${story}: ${textOf(disturbed)}, ${disturbed.fault}`;

const missing = await emulatorMissing();

describe.skipIf(missing !== null)(`a life over relays${missing === null ? '' : `: ${missing}`}`, () => {
  let emulator: Emulator;
  const undisturbed = new Map<Story, readonly Told[]>();
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator?.stop());

  it('is whole, and needs no schedule, where nothing is disturbed', async () => {
    const lane = await openLane();
    try {
      for (const story of STORIES)
        undisturbed.set(story, [
          await liveOnce(emulator, lane, story, null),
          await liveOnce(emulator, lane, story, null),
        ]);
    } finally {
      await lane.stop();
    }
    expect([...undisturbed.values()].flat().flatMap(({ wrong }) => wrong)).toEqual([]);
  });

  /** Lives through all of these, on some lanes at once. */
  const liveAll = async (chosen: readonly Pick<Lived, 'story' | 'disturbed'>[]): Promise<readonly Lived[]> => {
    const left = [...chosen];
    const lived: Lived[] = [];
    const work = async (): Promise<void> => {
      let lane = await openLane();
      for (let next = left.shift(); next; next = left.shift()) {
        const told = await liveOnce(emulator, lane, next.story, next.disturbed);
        lived.push({ ...told, ...next });
        if (lived.length % 50 === 0) console.log(`${lived.length} of ${chosen.length} lives`);
        if (told.wrong.length === 0) continue;
        console.log(`${nameOf(next)}:\n  ${told.wrong.slice(0, 5).join('\n  ')}`);
        // What it has left behind is not of the next life.
        await lane.stop();
        lane = await openLane();
      }
      await lane.stop();
    };
    await Promise.all(Array.from({ length: Math.min(LANES, chosen.length) }, work));
    return lived;
  };

  it(
    'keeps records, quota and ledger, and leaves nothing, whichever call is disturbed',
    async () => {
      const began = performance.now();
      const points = STORIES.map((story) => ({
        story,
        points: commonPoints((undisturbed.get(story) ?? []).map(({ made }) => made)),
      }));
      const all = [disturbancesOf, unknownsOf].flatMap((listed) =>
        points.flatMap((one) => listed(one.points).map((disturbed) => ({ story: one.story, disturbed }))),
      );
      const open = all.filter((one) => new RegExp(only).test(nameOf(one)));
      const chosen =
        asked === 'all'
          ? sliceOf(open, slice)
          : sampleOf(
              open.filter((one) => isQuick(one.disturbed)),
              Number(asked),
            );
      const lived = await liveAll(chosen);
      const missed = lived.filter(({ met }) => !met).map(nameOf);
      const sum = (of: (told: Told) => number): number => lived.reduce((total, told) => total + of(told), 0);
      const calls = points.reduce((total, one) => total + one.points.length, 0);
      console.log(
        [
          `${lived.length} of ${all.length} lives, each with one of ${calls} calls disturbed, in ${Math.round((performance.now() - began) / 1000)} s`,
          `${sum(({ repeats }) => repeats)} requests repeated, ${sum(({ rescues }) => rescues)} times the schedule had to help, ${missed.length} calls not met`,
          tableOf(lived.filter(({ met }) => met).map(({ disturbed }) => disturbed)),
          ...(missed.length > 0 ? ['Not met:', ...missed] : []),
        ].join('\n'),
      );
      const wrong = lived.flatMap((one) => one.wrong.map((what) => `${nameOf(one)}: ${what}`));
      expect(wrong).toEqual([]);
      // Which of two concurrent calls comes first may differ.
      expect(missed.length).toBeLessThan(lived.length / 5);
    },
    LONGEST_MS,
  );
});
