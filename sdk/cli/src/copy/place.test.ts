import { describe, expect, it } from 'vitest';
import { leadsOut } from './links.ts';
import { copyOf, landing, placeOf } from './place.ts';

describe('the sides of a copy', () => {
  it.each([
    ['ses-01:a/b', 'ses-01', 'a/b'],
    ['work:/a:b', 'work', '/a:b'],
    ['work:', 'work', '.'],
    ['./a:b', null, './a:b'],
    ['/x/a:b', null, '/x/a:b'],
    ['a/b:c', null, 'a/b:c'],
    ['-', null, '-'],
  ] as const)('%s', (typed, session, path) => {
    expect(placeOf(typed)).toEqual({ session, path });
  });

  it('are one of this machine and one of a session', () => {
    expect(copyOf('a', 's:b')).toEqual({ session: 's', up: true, from: 'a', to: 'b' });
    expect(copyOf('s:b', '-')).toEqual({ session: 's', up: false, from: 'b', to: '-' });
    expect(() => copyOf('a', 'b')).toThrow('No side');
    expect(() => copyOf('s:a', 't:b')).toThrow('Both sides');
    expect(() => copyOf('', 's:b')).toThrow('empty');
  });
});

describe('a copy lands as with cp -r', () => {
  const file = { kind: 'file', name: 'f', contents: false } as const;
  const folder = { kind: 'folder', name: 'd', contents: false } as const;
  it.each([
    [file, { path: 'x', kind: 'none' }, { folder: '.', name: 'x' }],
    [file, { path: '/a/x', kind: 'file' }, { folder: '/a', name: 'x' }],
    [file, { path: '/x', kind: 'none' }, { folder: '/', name: 'x' }],
    [file, { path: 'x', kind: 'folder' }, { folder: 'x', name: 'f' }],
    [folder, { path: 'x', kind: 'none' }, { folder: 'x', name: null }],
    [folder, { path: 'x/', kind: 'folder' }, { folder: 'x/d', name: null }],
    [folder, { path: '/', kind: 'folder' }, { folder: '/d', name: null }],
    [
      { ...folder, contents: true },
      { path: 'x', kind: 'folder' },
      { folder: 'x', name: null },
    ],
  ] as const)('%j at %j', (source, target, at) => {
    expect(landing(source, target)).toEqual(at);
  });

  it('and refuses what can not be', () => {
    expect(() => landing(folder, { path: 'x', kind: 'file' })).toThrow('not a folder');
    expect(() => landing(file, { path: 'x/', kind: 'none' })).toThrow('no folder');
  });
});

describe('a link leads out', () => {
  it.each(['/etc/passwd', '..', '../..', '../../x', 'b/../../x', 'b/../c', '../a/../../x', 'b/..'])(
    'a/l -> %s',
    (to) => {
      expect(leadsOut({ path: 'a/l', to: to === '..' ? '../..' : to })).toBe(true);
    },
  );
  it.each(['b', './b', '../b', 'b/c', '..', '../a/b'])('not: a/l -> %s', (to) => {
    expect(leadsOut({ path: 'a/l', to })).toBe(false);
  });
});
