import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from './heap.ts';

describe('DueHeap', () => {
  it('returns entries in the order of their time, in any order of pushing and popping', () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(null)), { maxLength: 300 });
    const property = fc.property(steps, (all) => {
      const heap = new DueHeap<{ due: number }>();
      const model: number[] = [];
      for (const step of all) {
        if (step === null) expect(heap.pop()?.due).toBe(model.shift());
        else {
          heap.push({ due: step });
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.peek()?.due).toBe(model[0]);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});
