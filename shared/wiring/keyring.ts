import type { Ids } from '#ports/ids.ts';
import { keyringText, readKeyring } from '#drivers/secrets/keyring-file.ts';

/** The text of a keyring for a new deployment. */
export const newKeyring = (ids: Pick<Ids, 'next' | 'random'>): string => keyringText(null, ids).trimEnd();

/** The text of a file's keyring with a further key. The file stays as it is. @throws KeyringUnusable */
export const rotatedKeyring = async (file: string, ids: Pick<Ids, 'next' | 'random'>): Promise<string> =>
  keyringText(await readKeyring(file), ids).trimEnd();
