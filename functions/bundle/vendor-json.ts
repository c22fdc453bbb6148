import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Loader, Plugin } from 'esbuild';

/** `getJSON(path.join(dirname, 'a', 'b.json'))`: how a client of Google reads its protos and its version. */
const READS_JSON = /getJSON\(path\.join\(dirname,\s*([^)]*)\)\)/g;

/** The same text with the files required by their names, which a bundler sees. @param folder of the file */
const withRequiredJson = (text: string, folder: string): string =>
  text.replaceAll(READS_JSON, (_call, parts: string) => {
    const names = [...parts.matchAll(/'([^']*)'/g)].map(([, name = '']) => name);
    return `require(${JSON.stringify(join(folder, ...names))})`;
  });

/**
 * Some of Google's clients look up JSON files beside their source when they are loaded. In a bundle those files are not
 * beside it, so this puts them in.
 */
export const vendorJson: Plugin = {
  name: 'vendor-json',
  setup: ({ onLoad }) => {
    onLoad({ filter: /node_modules\/@google-cloud\/.*_client\.c?js$/ }, async ({ path }) => {
      const contents = withRequiredJson(await readFile(path, 'utf8'), dirname(path));
      return { contents, loader: 'js' satisfies Loader };
    });
  },
};
