import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from './openapi.ts';
import { allRoutes } from './routes/all.ts';

/** `node functions/api/openapi-file.ts [file]`: the OpenAPI document as it is committed, to the file or standard output. */
export const openApiText = (version: string): string =>
  `${JSON.stringify(openApiDocument(allRoutes(), version), null, 2)}\n`;

if (import.meta.main) {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const text = openApiText(manifest.version);
  const file = process.argv[2];
  if (file === undefined) process.stdout.write(text);
  else writeFileSync(file, text);
}
