import type { SessionRecord } from 'onmemos';
import { note } from '../ui/output.ts';

/** Warns if the commands of a session are not isolated from the server's machine. */
export const warnOfNoIsolation = ({ id, details }: SessionRecord): void => {
  if (details['isolation'] !== 'none') return;
  note(
    `onmemos: warning: session ${id} is not isolated. Its commands are plain processes of the user that runs the server, with all files of that user.`,
  );
};
