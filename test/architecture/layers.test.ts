import { describe, expect, it } from 'vitest';
import { type Import, importsOf } from './imports.ts';
import { files, isTest } from './source.ts';

/** The room that a file is in: the finest grain at which imports are ruled. */
const roomOf = (file: string): string => {
  const [top = '', second = ''] = file.split('/');
  return top === 'shared' || top === 'functions' || top === 'test' || top === 'sdk' ? `${top}/${second}` : top;
};

/** What each room may import besides itself. Everything else is a wrong direction. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'shared/contract': [],
  'shared/domain': ['shared/contract'],
  'shared/ports': [],
  'shared/platform': ['shared/ports'],
  'shared/services': ['shared/ports', 'shared/domain', 'shared/contract', 'shared/platform'],
  'shared/drivers': ['shared/ports', 'shared/platform'],
  'shared/wiring': [
    'shared/drivers',
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
  ],
  'functions/api': [
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
    'shared/wiring',
  ],
  'functions/worker': ['shared/services', 'shared/ports', 'shared/contract', 'shared/platform', 'shared/wiring'],
  'functions/scheduler': ['shared/services', 'shared/ports', 'shared/contract', 'shared/platform', 'shared/wiring'],
  'functions/keeper': ['shared/ports', 'shared/platform'],
  'functions/standalone': [
    'functions/api',
    'functions/worker',
    'functions/scheduler',
    'shared/wiring',
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
  ],
};

/** Packages that a room may import: a vendor's library lives where it is wrapped, and nowhere else. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'shared/contract': ['zod'],
  'shared/domain': ['zod'],
  'shared/ports': [],
  'shared/services': ['zod'],
  'shared/platform': ['pino'],
  'shared/drivers': [],
  'shared/wiring': ['zod'],
  'functions/api': ['hono', '@hono/node-server', '@hono/zod-openapi', 'swagger-ui-dist', 'prom-client', 'ws', 'zod'],
  'functions/worker': [],
  'functions/scheduler': [],
  'functions/keeper': ['@lydell/node-pty'],
  'functions/standalone': ['prom-client', 'esbuild'],
};

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const source = files('.ts').filter((file) => !isTest(file) && /^(shared|functions)\//.test(file));
const all: readonly Import[] = source.flatMap(importsOf);
const show = ({ from, line, specifier }: Import): string => `${from}:${line} imports ${specifier}`;

describe('the house', () => {
  it('has rules for every room that there is', () => {
    const rooms = new Set(source.map(roomOf));
    expect([...rooms].filter((room) => !Object.hasOwn(MAY, room))).toEqual([]);
    expect(rooms.size).toBeGreaterThan(8);
    expect(all.length).toBeGreaterThan(500);
  });

  it('imports in one direction', () => {
    const wrong = all.filter(({ from, to }) => {
      if (to === null || roomOf(from) === roomOf(to)) return false;
      return !(MAY[roomOf(from)] ?? []).includes(roomOf(to));
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('keeps each library in the room that wraps it', () => {
    const wrong = all.filter(({ from, to, specifier }) => {
      if (to !== null || specifier.startsWith('node:')) return false;
      return !(PACKAGES[roomOf(from)] ?? []).includes(packageOf(specifier));
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('lets services and domain do no input or output of their own', () => {
    const pure = all.filter(
      ({ from, specifier }) => /^shared\/(domain|services|contract)\//.test(from) && specifier.startsWith('node:'),
    );
    expect(pure.filter(({ specifier }) => specifier !== 'node:crypto').map(show)).toEqual([]);
  });

  it('judges from outside: the acceptance suite imports nothing of the project', () => {
    const acceptance = files('.ts')
      .filter((file) => file.startsWith('test/acceptance/'))
      .flatMap(importsOf);
    expect(acceptance.filter(({ to }) => to !== null && !to.startsWith('test/acceptance/')).map(show)).toEqual([]);
  });
});
