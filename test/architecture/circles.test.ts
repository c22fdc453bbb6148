import { describe, expect, it } from 'vitest';
import { circlesOf, graphOf } from './graph.ts';
import { importsOf } from './imports.ts';
import { pythonImports } from './python-imports.ts';
import { expectNone, files, read } from './source.ts';

const ADVICE =
  'An import of types counts too. Move what both sides need into a file of its own, or pass it in as an argument.';

const circleText = (circle: readonly string[]): string => `Import circle: ${circle.join(' -> ')}`;

describe('a circle of imports', () => {
  const edges = files('.ts', '.mjs')
    .flatMap(importsOf)
    .flatMap(({ from, to }) => (to === null ? [] : [[from, to] as const]));

  it('is nowhere in TypeScript: not in the product, the SDKs or the tests', () => {
    expect(edges.length).toBeGreaterThan(2_000);
    // These lead from the SDKs' packages into each other and back into the files that start them.
    expect(edges).toContainEqual(['sdk/cli/src/session-options.ts', 'sdk/typescript/src/index.ts']);
    expectNone(circlesOf(graphOf(edges)).map(circleText), ADVICE);
  });

  it('is nowhere in Python', () => {
    for (const root of ['sdk/python/src', 'sdk/python/compat/src']) {
      const texts = new Map(files('.py').flatMap((file) => (file.startsWith(`${root}/`) ? [[file, read(file)]] : [])));
      expect(texts.size).toBeGreaterThan(3);
      const found = pythonImports(root, texts);
      if (root === 'sdk/python/src') expect(found.length).toBeGreaterThan(150);
      expectNone(circlesOf(graphOf(found)).map(circleText), ADVICE);
    }
  });

  it('is found: of each knot the shortest, with its files in order', () => {
    const sample = graphOf([
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'b'],
      ['c', 'e'],
      ['e', 'f'],
      ['f', 'e'],
      ['f', 'g'],
      ['g', 'h'],
      ['h', 'e'],
    ]);
    expect(circlesOf(sample)).toEqual([
      ['b', 'c', 'd', 'b'],
      ['e', 'f', 'e'],
    ]);
  });

  it('is found in Python in every form of an import', () => {
    const texts = new Map([
      ['src/p/__init__.py', 'from .a import A\n'],
      ['src/p/a.py', 'from __future__ import annotations\nfrom .q import (\n    b as other,\n    c,\n)\n'],
      ['src/p/q/__init__.py', ''],
      ['src/p/q/b.py', 'if TYPE_CHECKING:\n    from ..a import A\n'],
      ['src/p/q/c.py', 'import os, p.a as a\n'],
    ]);
    expect(pythonImports('src', texts)).toEqual([
      ['src/p/__init__.py', 'src/p/a.py'],
      ['src/p/a.py', 'src/p/q/b.py'],
      ['src/p/a.py', 'src/p/q/c.py'],
      ['src/p/q/b.py', 'src/p/a.py'],
      ['src/p/q/c.py', 'src/p/a.py'],
    ]);
  });
});
