import { iso } from '#ports/clock.ts';
import type { Deps } from '../kernel/deps.ts';
import { enqueueIntent } from '../lifecycle/intents.ts';
import { type Look, observe, recordLooks } from '../lifecycle/look.ts';
import { sessions } from '../model/collections.ts';
import type { SessionDoc } from '../model/docs.ts';
import { sweepDue } from './pages.ts';

const PAGE = 200;
/** Providers asked at once. */
const ABREAST = 16;
/** Sessions of one owner in one transaction, and the documents that each writes. */
const BATCH = 50;
const WRITES = 5;

const seen = async (deps: Deps, due: readonly SessionDoc[]): Promise<Look[]> => {
  const looks: Look[] = [];
  for (let i = 0; i < due.length; i += ABREAST) {
    for (const result of await Promise.allSettled(due.slice(i, i + ABREAST).map((doc) => observe(deps, doc)))) {
      if (result.status === 'fulfilled') looks.push(result.value);
      else deps.log.warn({ err: result.reason }, 'a session could not be looked at; the next round does');
    }
  }
  return looks;
};

/** One transaction for each owner, so that an owner's account is written once. @returns how many were recorded */
const record = async (deps: Deps, owner: string, looks: readonly Look[]): Promise<number> => {
  try {
    const weight = looks.length * WRITES;
    const begun = await deps.lanes.add(owner, (draft) => recordLooks(deps, draft, owner, looks), weight);
    await Promise.all(begun.map((intent) => enqueueIntent(deps, intent)));
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
      Array.from({ length: Math.ceil(looks.length / BATCH) }, (_, i) =>
        record(deps, owner, looks.slice(i * BATCH, (i + 1) * BATCH)),
      ),
    );
    for (const count of await Promise.all(batches)) looked += count;
  });
  return { looked, failed: found - looked };
};
