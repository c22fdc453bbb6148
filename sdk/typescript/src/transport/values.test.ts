import { describe, expect, it } from 'vitest';
import values from '../../../../test/vectors/values.json' with { type: 'json' };
import { addressOf, keyOf, userOf } from './values.ts';

type Examples = readonly (readonly [string, string | null])[];
const EXAMPLES = values as unknown as Record<'address' | 'key' | 'user', Examples>;

describe('what people type', () => {
  it.each(EXAMPLES.address)('as an address: %j', (given, wanted) => expect(addressOf(given)).toBe(wanted));
  it.each(EXAMPLES.key)('as a key: %j', (given, wanted) => expect(keyOf(given)).toBe(wanted));
  it.each(EXAMPLES.user)('as a user: %j', (given, wanted) => expect(userOf(given)).toBe(wanted));
});
