/** `npm run reference` writes the pages of docs/reference from what the code says now. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PAGES } from './pages.ts';

const FOLDER = join(import.meta.dirname, '..');

for (const { file, prepare, print } of PAGES) {
  await prepare();
  await writeFile(join(FOLDER, file), await print());
  process.stdout.write(`docs/reference/${file}\n`);
}
