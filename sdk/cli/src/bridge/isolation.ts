import type { SessionRecord } from 'onmemos';
import { note } from '../ui/output.ts';

/** Warns, once a call, of commands that nothing keeps from the machine that runs them. */
export const warnOfNoIsolation = ({ id, details }: SessionRecord): void => {
  if (details['isolation'] !== 'none') return;
  note(
    `onmemos: warning: session ${id} is not isolated. Its commands are plain processes of the user that runs the server, with all files of that user.`,
  );
};
