import type { OnMemOSClient } from 'onmemos';
import { NAME_LABEL } from './session-options.ts';
import { note } from './ui/output.ts';
import { plain } from './ui/table.ts';

const MOST_SHOWN = 3;

/**
 * Says that a name is in use before another session gets it: as SESSION it then means neither. Sessions of others count
 * where the key can see them.
 */
export const warnOfName = async (client: OnMemOSClient, name: string | undefined): Promise<void> => {
  if (!name) return;
  // A key that may not list sessions can create one.
  const found = await client.sessions
    .list({ label: `${NAME_LABEL}=${name}` })
    .all()
    .catch(() => []);
  const live = found.filter(({ ended_at }) => ended_at === null).map(({ id }) => id);
  if (live.length === 0) return;
  const more = live.length > MOST_SHOWN ? ` and ${live.length - MOST_SHOWN} more` : '';
  note(
    `onmemos: warning: ${live.slice(0, MOST_SHOWN).join(', ')}${more} ${live.length === 1 ? 'has' : 'have'} the name ${plain(name)} already: say which you mean by the ids.`,
  );
};
