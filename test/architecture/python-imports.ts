import { posix } from 'node:path';

/** `pkg.mod` of `root/pkg/mod.py`, and `pkg` of `root/pkg/__init__.py`. */
const moduleOf = (root: string, file: string): string =>
  posix
    .relative(root, file)
    .replace(/(^|\/)__init__\.py$|\.py$/, '')
    .replaceAll('/', '.');

const FROM = /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)/gm;
const PLAIN = /^[ \t]*import[ \t]+([\w., \t]+)/gm;

/** What a relative import of so many dots starts from. */
const baseOf = (module: string, isPackage: boolean, dots: number): readonly string[] => {
  const parts = module.split('.');
  const up = isPackage ? dots - 1 : dots;
  return parts.slice(0, parts.length - up);
};

/**
 * Imports between the modules of one Python package, as pairs of files. Those within functions and under TYPE_CHECKING
 * count too.
 * @param texts by file
 */
export const pythonImports = (root: string, texts: ReadonlyMap<string, string>): readonly [string, string][] => {
  const byModule = new Map([...texts.keys()].map((file) => [moduleOf(root, file), file]));
  return [...texts].flatMap(([file, text]) => {
    const own = moduleOf(root, file);
    const isPackage = file.endsWith('__init__.py');
    const named: string[] = [];
    for (const [, dots = '', path = '', names = ''] of text.matchAll(FROM)) {
      const base = dots === '' ? [] : baseOf(own, isPackage, dots.length);
      const module = [...base, ...path.split('.').filter(Boolean)].join('.');
      for (const name of names.matchAll(/(?:^|[(,])\s*(\w+)/g)) {
        const submodule = `${module}.${name[1]}`;
        named.push(byModule.has(submodule) ? submodule : module);
      }
    }
    for (const [, names = ''] of text.matchAll(PLAIN)) {
      for (const name of names.split(',')) named.push(name.trim().split(/\s/)[0] ?? '');
    }
    return [...new Set(named)].flatMap((module): [string, string][] => {
      const to = byModule.get(module);
      return to === undefined || to === file ? [] : [[file, to]];
    });
  });
};
