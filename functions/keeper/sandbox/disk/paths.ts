import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { isNothing } from '../process/proc.ts';

/** What a folder contains; nothing if this user may not see it. @throws Error if it can't be read now */
export function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isNothing(error)) return [];
    throw error;
  }
}

/** What is at a path, links not followed; null where nothing is that this user may see. @throws as entriesOf */
export function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isNothing(error)) return null;
    throw error;
  }
}
