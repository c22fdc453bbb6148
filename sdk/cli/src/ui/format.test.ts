import { expect, it } from 'vitest';
import { fillFormat } from './format.ts';

const item = { id: 'x', n: 0, none: null, labels: { name: 'two\nlines' }, list: [1, 'a'] };

it('fills in fields as --json prints them', () => {
  expect(fillFormat('{id}\\t{ n }', item)).toBe('x\t0');
  expect(fillFormat('{labels.name}{labels.other}.{none}.', item)).toBe('two lines..');
  expect(fillFormat('{list} {{id}} {labels}', item)).toBe('[1,"a"] {id} {"name":"two\\nlines"}');
});

it('refuses what is no field, by name', () => {
  expect(() => fillFormat('{nope}', item)).toThrow('--format: there is no field {nope}.');
  expect(() => fillFormat('{id', item)).toThrow('"{" is not a field');
  expect(() => fillFormat('{}', item)).toThrow('"{}" is not a field');
});
