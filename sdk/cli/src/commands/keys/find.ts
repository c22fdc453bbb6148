import type { Key } from 'onmemos';
import { ambiguous, pickId } from '../../find.ts';
import { plain } from '../../ui/table.ts';
import { relative } from '../../ui/time.ts';

/** A key among several: its id, and what tells a person which it is. */
export const keyLine = ({ key_id, name, user_id, last_used_at }: Key): string =>
  plain(
    `${key_id} (${name}) of ${user_id ?? 'anyone'}, ${last_used_at ? `last used ${relative(last_used_at)}` : 'never used'}`,
  );

/**
 * The key with this id, else the valid one with this name, else the one whose id begins so, a valid one first.
 * @throws CliError not found, usage
 */
export const pickKey = (typed: string, keys: readonly Key[]): Key => {
  const valid = keys.filter(({ revoked_at }) => revoked_at === null);
  const idsOf = (some: readonly Key[]): readonly string[] => some.map(({ key_id }) => key_id);
  const named = idsOf(keys).includes(typed) ? [] : valid.filter(({ name }) => name === typed);
  const [only, ...others] = typed === '' ? [] : named;
  if (others.length > 0) throw ambiguous('valid keys are named', typed, named.map(keyLine));
  if (only !== undefined) return only;
  const id = pickId(typed, [idsOf(valid), idsOf(keys)], 'key', 'onmemos keys ls --all');
  return keys.find(({ key_id }) => key_id === id) as Key;
};
