import { listIntents } from '#services/intents/list.ts';
import { raiseIntent } from '#services/intents/raise.ts';
import { bootstrapOnce } from '#services/keys/bootstrap.ts';
import type { IntentDoc } from '#services/model/docs.ts';
import { adminKeyPath, keepAdminKey } from '#wiring/admin-key-file.ts';
import { type AdminDeps, type AdminPlace, placeName } from '#wiring/admin.ts';
import { type Command, PROGRAM } from './args.ts';
import { intentsJson, intentsText, type Screen } from './intents-text.ts';

/** What a command says: the answer to what was asked, what a person should know besides, and the exit code. */
export interface Said {
  readonly out: string;
  readonly note: string;
  readonly code: number;
}

/** The admin key of a server of this machine is also in its file, where clients find it. */
const bootstrap = async (
  deps: AdminDeps,
  place: AdminPlace,
  { rotate, json }: Command & { name: 'bootstrap' },
): Promise<Said> => {
  const file = place.kind === 'standalone' ? place.dataDir : null;
  const made = await bootstrapOnce(deps, {
    rotate,
    name: file === null ? 'admin key of this deployment' : 'admin key of this machine',
    secret: file === null ? 'was shown when it was made and is not kept' : `is in ${adminKeyPath(file)}`,
    ...(file === null ? {} : { keep: (key: string) => keepAdminKey(file, key) }),
  });
  const { key_id, presented, replaced } = made;
  const where = file === null ? 'Keep it now: it is not shown again.' : `It is in ${adminKeyPath(file)} as well.`;
  const revoked = replaced.length === 0 ? '' : ` Revoked: ${replaced.join(', ')}.`;
  return {
    out: json ? JSON.stringify({ key_id, key: presented, replaced }, null, 2) : presented,
    note: `The admin key ${key_id} is made in ${placeName(place)}.${revoked} ${where}`,
    code: 0,
  };
};

const intents = async (
  deps: AdminDeps,
  { limit, json }: Command & { name: 'intents' },
  screen: Screen,
): Promise<Said> => {
  const { items, next_cursor } = await listIntents(deps, { limit });
  const now = deps.clock.now();
  // A full page may be the last one.
  const more = next_cursor !== null && (await listIntents(deps, { limit: 1, cursor: next_cursor })).items.length > 0;
  return { out: json ? intentsJson(items, now) : intentsText(items, more, now, screen), note: '', code: 0 };
};

const raise = async (deps: AdminDeps, place: AdminPlace, { ids, json }: Command & { name: 'raise' }): Promise<Said> => {
  const raised: IntentDoc[] = [];
  const unknown: string[] = [];
  for (const id of ids) {
    const before = await raiseIntent(deps, id);
    if (before === null) unknown.push(id);
    else raised.push(before);
  }
  const when =
    place.kind === 'standalone'
      ? 'the next start of the server takes it up'
      : 'the schedule takes it up within a minute';
  const lines = raised.map(({ id, attempt }) => `${id}: attempt ${attempt + 1} is due; ${when}.`);
  const notes = unknown.map(
    (id) => `No intent ${id} is open: it is done, or this is not its whole id. ${PROGRAM} intents lists them.`,
  );
  const shown = raised.map(({ id, attempt }) => ({ id, attempt: attempt + 1 }));
  return {
    out: json ? JSON.stringify(shown, null, 2) : lines.join('\n'),
    note: notes.join('\n'),
    code: unknown.length === 0 ? 0 : 1,
  };
};

export type StoreCommand = Extract<Command, { name: 'bootstrap' | 'intents' | 'raise' }>;

/** Runs a command on the store of a deployment. @throws Problem where it is refused */
export const runCommand = (
  deps: AdminDeps,
  place: AdminPlace,
  command: StoreCommand,
  screen: Screen,
): Promise<Said> => {
  switch (command.name) {
    case 'bootstrap':
      return bootstrap(deps, place, command);
    case 'intents':
      return intents(deps, command, screen);
    case 'raise':
      return raise(deps, place, command);
  }
};
