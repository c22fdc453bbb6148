import type { Deps } from '#services/kernel/deps.ts';
import { enqueueAnnounced } from '#services/lifecycle/intents.ts';

/**
 * The name of the document, as Eventarc writes it into `ce-document`. Ids of intents have no other characters, so that
 * no header on the way can change them.
 */
const DOCUMENT = /^intents\/([A-Za-z0-9][A-Za-z0-9_.:-]{0,499})$/;

/**
 * Takes up an intent that a trigger of the store tells of. Only the name of the document is used: events repeat and
 * come in any order, so what the event itself says of the document may be old.
 * @param document the header `ce-document`
 * @returns whether the event is dealt with. If not, it must be sent again.
 */
export const takeUpIntent = async (deps: Deps, document: string | null): Promise<boolean> => {
  const started = deps.clock.monotonic();
  const ms = (): number => Math.round(deps.clock.monotonic() - started);
  const id = DOCUMENT.exec(document ?? '')?.[1];
  if (id === undefined) {
    // It would be no better another time. The sweep finds the intent, if there is one.
    const shown = document === null ? null : JSON.stringify(document.slice(0, 100));
    deps.log.error({ document: shown, outcome: 'dropped', why: 'the header ce-document names no intent' }, 'event');
    return true;
  }
  try {
    const outcome = await enqueueAnnounced(deps, id);
    deps.log.info({ intent_id: id, ms: ms(), outcome }, 'event');
    return true;
  } catch (error) {
    deps.log.error({ intent_id: id, ms: ms(), outcome: 'failed', err: error }, 'event');
    return false;
  }
};
