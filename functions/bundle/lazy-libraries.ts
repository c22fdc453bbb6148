import type { Plugin } from 'esbuild';

const LAZY = 'lazy-library';

/** The library that a file of a bundle was made for; null for other files. @param entryPoint as esbuild names it */
export const lazyLibrary = (entryPoint: string | undefined): string | null =>
  entryPoint?.startsWith(`${LAZY}:`) === true ? entryPoint.slice(LAZY.length + 1) : null;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Exports a library with the names that Node finds in it. */
const reExport = async (library: string): Promise<string> => {
  const found = Object.keys((await import(library)) as object);
  const names = found.filter((name) => IDENTIFIER.test(name) && name !== 'default');
  return `export { ${names.join(', ')} } from ${JSON.stringify(library)};`;
};

/**
 * `import()` of a library in CommonJS gives its names in Node, and in a bundle nothing but a default export. This puts a
 * module between that has the names.
 */
export const lazyLibraries = (root: string): Plugin => ({
  name: LAZY,
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^[^.#/]/ }, ({ kind, path, importer }) =>
      kind !== 'dynamic-import' || path.startsWith('node:') || importer.includes('node_modules')
        ? null
        : { path, namespace: LAZY },
    );
    onLoad({ filter: /.*/, namespace: LAZY }, async ({ path }) => ({
      contents: await reExport(path),
      resolveDir: root,
    }));
  },
});
