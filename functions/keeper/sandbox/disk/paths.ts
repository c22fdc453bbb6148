import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';

/** What a folder contains; nothing where it can't be read. */
export function entriesOf(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** What is at a path, links not followed; null where nothing is. */
export function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
