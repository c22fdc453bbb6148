import { describe, expect, it } from 'vitest';
import { cidrText, parseCidr } from './cidr.ts';
import { parseAllowed, policyText, verdictsOf } from './network-policy.ts';

/** What the list says of an address. */
const isOpen = (policy: Parameters<typeof verdictsOf>[0], address: string): boolean => {
  const { family, address: bytes } = parseCidr(address);
  const first = verdictsOf(policy, []).find(
    ({ range }) =>
      range.family === family &&
      range.address.every((byte, i) => {
        const bits = Math.min(8, Math.max(0, range.bits - i * 8));
        return byte >> (8 - bits) === (bytes[i] ?? 0) >> (8 - bits);
      }),
  );
  return first?.open ?? true;
};

const METADATA = ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fe80::1', 'fd00:ec2::254', 'fd20:ce::254'];
const TRANSLATED = ['64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1'];
const PRIVATE = ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fd12::1', '64:ff9b::a00:1'];
const PUBLIC = ['1.1.1.1', '172.32.0.1', '11.0.0.1', '100.128.0.1', '2001:db8::1', '64:ff9b::808:808'];

describe('where sessions may send to', () => {
  const open = { private: 'open', allowed: [] } as const;
  const closed = { private: 'closed', allowed: parseAllowed('10.1.0.0/16, 0.0.0.0/0,::/0') } as const;
  const narrow = { private: 'closed', allowed: parseAllowed('10.1.0.0/16') } as const;

  it.each([...METADATA, ...TRANSLATED])('is never %s, whatever is allowed', (address) => {
    expect([open, closed, narrow].map((policy) => isOpen(policy, address))).toEqual([false, false, false]);
  });
  it.each(PRIVATE)('is %s only where private networks are open, or that range', (address) => {
    expect(isOpen(open, address)).toBe(true);
    expect(isOpen(narrow, address)).toBe(address.startsWith('10.1.'));
  });
  it.each(PUBLIC)('is always %s', (address) => {
    expect([open, narrow].map((policy) => isOpen(policy, address))).toEqual([true, true]);
  });
});

describe('a list of ranges', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['192.168.1.7', '192.168.1.7/32'],
    ['fd12:3456::/32', 'fd12:3456::/32'],
    ['::ffff:10.0.0.1', '::ffff:a00:1/128'],
    ['::/0', '::/0'],
  ])('reads %s', (text, canonical) => {
    expect(parseAllowed(text).map(cidrText)).toEqual([canonical]);
  });
  it.each([
    ['10.0.0.1/8', /^10\.0\.0\.1\/8 has bits behind its prefix of 8; write 10\.0\.0\.0\/8$/],
    ['10.0.0.0/33', /prefix of more than 32 bits/],
    ['fd12::/129', /prefix of more than 128 bits/],
    ['example.org', /^example\.org is not an address or a range such as/],
    ['10.0.0.0/8,,x', /^x is not/],
    ['fe80::1%eth0', /is not an address/],
    ['169.254.169.254', /is never opened/],
    ['169.254.0.0/16', /is never opened/],
    ['fd00:ec2::254', /is never opened/],
  ])('refuses %s', (text, why) => {
    expect(() => parseAllowed(text)).toThrow(why);
  });
  it('is said in words, the same for the same policy', () => {
    expect(policyText({ private: 'open', allowed: parseAllowed('10.0.0.0/8') })).toBe('open');
    expect(policyText({ private: 'closed', allowed: parseAllowed(' 10.0.0.0/8 ,fd00::/8') })).toBe(
      'closed, but 10.0.0.0/8 open, but fd00::/8 open',
    );
  });
});
