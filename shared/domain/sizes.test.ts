import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCpu, formatMemory, parseCpu, parseMemory } from './sizes.ts';

const cpu = (text: string) => {
  const parsed = parseCpu(text);
  return parsed.ok ? parsed.value : parsed.message;
};
const memory = (text: string) => {
  const parsed = parseMemory(text);
  return parsed.ok ? parsed.value : parsed.message;
};

describe('CPU quantities', () => {
  it.each([
    ['1.5', 1500],
    ['250m', 250],
    ['2', 2000],
    ['0.1', 100],
    ['.5', '".5" is not an amount of CPU; write cores such as "1.5" or "250m"'],
    ['1.', 1000],
    ['1e1', 10_000],
    ['5e-1', 500],
    ['0.0001', 1],
    ['100n', 1],
    ['0', 'must be more than no CPU at all'],
    ['1001', '"1001" is more than 1000 cores'],
    ['999999999999999999E', '"999999999999999999E" is more than 1000 cores'],
  ])('%s', (text, expected) => expect(cpu(text)).toBe(expected));

  it.each(['', ' 1', '-1', '+1', '1 core', '1,5', '1m5', 'two', 'NaN', 'Infinity', '0x10', '1e', '1Kib'])(
    'refuses %j',
    (text) => expect(cpu(text)).toMatch(/is not an amount of CPU/),
  );

  it('reads back whatever it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), (millis) => cpu(formatCpu(millis)) === millis));
  });
});

describe('memory quantities', () => {
  it.each([
    ['6Gi', 6144],
    ['512Mi', 512],
    ['1000M', 954],
    ['1G', 954],
    ['1.5Gi', 1536],
    ['1048576', 1],
    ['1e9', 954],
    ['1Ti', 1_048_576],
  ])('%s', (text, expected) => expect(memory(text)).toBe(expected));

  it('takes a number alone for bytes and says so', () => {
    expect(memory('512')).toBe(
      '"512" is less than 1Mi (a number alone means bytes); write it such as "512Mi" or "6Gi"',
    );
    expect(memory('512m')).toMatch(/less than 1Mi/);
    expect(memory('17Ti')).toBe('"17Ti" is more than 16Ti');
  });

  it.each(['', '-1Gi', '6GB', '6gi', '6 Gi', 'big'])('refuses %j', (text) =>
    expect(memory(text)).toMatch(/is not an amount of memory/),
  );

  it('reads back whatever it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 16_777_216 }), (mib) => memory(formatMemory(mib)) === mib));
  });

  it('never gives less than was asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100_000 }), (megabytes) => {
        const mib = memory(`${megabytes}M`);
        expect(Number(mib) * 1_048_576).toBeGreaterThanOrEqual(megabytes * 1_000_000);
      }),
    );
  });
});

it('writes sizes as the catalogue has them', () => {
  expect([250, 500, 1000, 1500, 1250, 8000].map(formatCpu)).toEqual(['250m', '500m', '1', '1.5', '1.25', '8']);
  expect([512, 1024, 6144, 1536].map(formatMemory)).toEqual(['512Mi', '1Gi', '6Gi', '1536Mi']);
});
