import { readFileSync } from 'node:fs';

/** The version of this package. Its manifest is in the folder above the sources, and above the bundle. */
export const cliVersion = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};
