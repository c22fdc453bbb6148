import { writeFileSync } from 'node:fs';

/** @returns false where the kernel refuses it, or has no such file. */
export function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}
