import { describe, expect, it } from 'vitest';
import { loadMeter } from './processor-load.ts';
import { evened, type Held, leastHeld, processorsIn, relieved } from './processors.ts';

const held = (has: Readonly<Record<string, readonly number[]>>): Held => new Map(Object.entries(has));
const moved = (moves: ReturnType<typeof evened>) => Object.fromEntries(moves.map((m) => [m.name, m.processors]));

it('reads the lists that the kernel writes', () => {
  expect(processorsIn(' 0-2,5,8-9\n')).toEqual([0, 1, 2, 5, 8, 9]);
  expect(processorsIn('\n')).toEqual([]);
});

describe('a new session', () => {
  it('gets as many processors as it may use, those that the fewest sessions have', () => {
    expect(leastHeld([0, 1, 2, 3], held({}), 2)).toEqual([0, 1]);
    expect(leastHeld([0, 1, 2, 3], held({ a: [0, 1], b: [1, 2], c: [0] }), 2)).toEqual([2, 3]);
    expect(leastHeld([3, 5], held({ a: [3] }), 1)).toEqual([5]);
  });

  it('is not bound where it is as large as the machine', () => {
    expect(leastHeld([0, 1], held({}), 2)).toBeNull();
    expect(leastHeld([0], held({}), 1)).toBeNull();
    expect(leastHeld([0, 1], held({}), 8)).toBeNull();
    expect(leastHeld([], held({}), 1)).toBeNull();
  });
});

describe('the sessions that are left', () => {
  it('stay where no processor has two more than another', () => {
    expect(evened([0, 1], held({ a: [0], b: [0], c: [1] }))).toEqual([]);
    expect(evened([0, 1], held({}))).toEqual([]);
    expect(evened([], held({ a: [0] }))).toEqual([]);
  });

  it('are moved, and no more of them than needed, until that is so', () => {
    expect(moved(evened([0, 1], held({ a: [0], b: [0] })))).toEqual({ a: [1] });
    expect(moved(evened([0, 1, 2], held({ a: [0, 1], b: [0, 1], c: [0] })))).toEqual({ a: [1, 2] });
    const many = held(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`s${i}`, [i % 2]])));
    const moves = evened([0, 1, 2, 3], many);
    const after = new Map([...many, ...moves.map((m) => [m.name, m.processors] as const)]);
    for (const processor of [0, 1, 2, 3]) {
      expect([...after.values()].filter((has) => has.includes(processor))).toHaveLength(10);
    }
    expect(moves).toHaveLength(20);
  });
});

describe('a session that waits for its processor while another one idles', () => {
  const load = (idle: readonly number[], used: Readonly<Record<string, number>>) => ({
    idle: new Map(idle.entries()),
    used: new Map(Object.entries(used)),
  });

  it('moves where there is a place', () => {
    const has = held({ a: [0], b: [0], c: [1] });
    expect(moved(relieved(has, load([0, 0.9], { a: 0.4, b: 0.6, c: 0 })))).toEqual({ b: [1] });
  });

  it('changes places with the one that does least, so that each processor keeps its number', () => {
    const has = held({ a: [0], b: [0], c: [1], d: [1] });
    const moves = relieved(has, load([0.02, 0.8], { a: 0.5, b: 0.45, c: 0.2, d: 0 }));
    expect(moved(moves)).toEqual({ a: [1], d: [0] });
    const wide = held({ a: [0, 1], b: [0], c: [2] });
    expect(moved(relieved(wide, load([0, 0.4, 1], { a: 1, b: 0.5, c: 0 })))).toEqual({ a: [1, 2] });
  });

  it('stays where no other processor idles, where it has its own, and where it does nothing', () => {
    const has = held({ a: [0], b: [0], c: [1] });
    expect(relieved(has, load([0, 0.3], { a: 0.5, b: 0.5, c: 0.7 }))).toEqual([]);
    expect(relieved(has, load([0, 1], { a: 0.97, b: 0.02, c: 0 }))).toEqual([]);
    expect(relieved(has, load([0.5, 1], { a: 0.25, b: 0.25, c: 0 }))).toEqual([]);
    expect(relieved(has, load([], {}))).toEqual([]);
  });

  it('moves on several processors at once', () => {
    const has = held({ a: [0], b: [0], c: [1], d: [1] });
    const moves = relieved(has, load([0, 0, 1, 1], { a: 0.5, b: 0.5, c: 0.5, d: 0.5 }));
    expect(moved(moves)).toEqual({ a: [3], c: [2] });
  });
});

describe('the load', () => {
  /** A line of /proc/stat for each processor: so many hundredths of seconds busy and idle. */
  const stat = (...times: readonly (readonly [busy: number, idle: number])[]) =>
    `cpu  1 2 3 4 5 6 7 8 0 0\n${times.map(([busy, idle], i) => `cpu${i} ${busy} 0 0 ${idle} 0 0 0 0 0 0`).join('\n')}\nintr 1\n`;

  it('is measured from look to look, the sessions only while a processor is full and another one idles', () => {
    let asked = 0;
    let ms = 0;
    const cpuTime = () => {
      asked += 1;
      return ms;
    };
    const sessions = new Map([['a', cpuTime]]);
    const measure = loadMeter();
    const look = (at: number, text: string) => measure({ at, stat: text, allowed: [0, 1], sessions });
    expect(look(0, stat([0, 0], [0, 0]))).toBeNull();
    expect(look(1000, stat([60, 40], [10, 90]))).toBeNull();
    expect(asked).toBe(0);
    expect(look(2000, stat([160, 40], [10, 190]))).toBeNull();
    ms = 400;
    expect(look(3000, stat([255, 45], [10, 290]))).toEqual({
      idle: new Map([
        [0, 0.05],
        [1, 1],
      ]),
      used: new Map([['a', 0.4]]),
    });
    expect(look(4000, stat([255, 145], [10, 390]))).toBeNull();
    expect(asked).toBe(2);
  });
});
