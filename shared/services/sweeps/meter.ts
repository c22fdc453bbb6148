import { iso } from '#ports/clock.ts';
import { batchesOf, inHalves } from '../kernel/batches.ts';
import type { Deps } from '../kernel/deps.ts';
import { type Look, observe, recordInLane } from '../lifecycle/look.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { sweepDue } from './pages.ts';

const PAGE = 200;
/** Providers asked at once. */
const ABREAST = 16;
/** Sessions of one owner in one transaction. */
const BATCH = 50;

const seen = async (deps: Deps, due: readonly SessionDoc[]): Promise<Look[]> => {
  const looks: Look[] = [];
  for (const batch of batchesOf(due, ABREAST)) {
    for (const result of await Promise.allSettled(batch.map((doc) => observe(deps, doc)))) {
      if (result.status === 'fulfilled') looks.push(result.value);
      else deps.log.warn({ err: result.reason }, 'a session could not be looked at; the next round does');
    }
  }
  return looks;
};

/** One transaction for each owner, so that an owner's account is written once. @returns how many were recorded */
const record = async (deps: Deps, owner: string, looks: readonly Look[]): Promise<number> => {
  try {
    await inHalves(looks, (part) => recordInLane(deps, owner, part));
    return looks.length;
  } catch (error) {
    deps.log.warn({ owner, err: error }, 'what an owner’s sessions cost was not recorded; the next round does');
    return 0;
  }
};

/** Looks at every live session that is due. Safe to repeat: what was billed is not billed again. */
export const meterSessions = async (deps: Deps): Promise<{ looked: number; failed: number }> => {
  let looked = 0;
  const due = {
    job: 'meter',
    collection: sessions,
    field: 'meter_due',
    until: iso(deps.clock.now()),
    page: PAGE,
  } as const;
  const found = await sweepDue(deps, due, async (docs) => {
    const running = docs.map(({ data }) => data).filter(({ status }) => status === 'running');
    const byOwner = Map.groupBy(await seen(deps, running), ({ looked: { workspace_owner } }) => workspace_owner);
    looked += docs.length - running.length;
    const batches = [...byOwner].flatMap(([owner, looks]) =>
      [...batchesOf(looks, BATCH)].map((batch) => record(deps, owner, batch)),
    );
    for (const count of await Promise.all(batches)) looked += count;
  });
  return { looked, failed: found - looked };
};
