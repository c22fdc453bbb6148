import { expect, it } from 'vitest';
import { isPublic, judgeOf, networks } from './addresses.ts';

const REFUSED = [
  ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  // Shared by providers, link-local with the metadata of clouds, and the metadata of others.
  ...['100.64.0.1', '100.100.100.200', '169.254.169.254', '169.254.0.1', '192.0.0.192', '168.63.129.16'],
  ...['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '240.0.0.1'],
  '255.255.255.255',
  ...['::', '::1', 'fe80::1', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '100::1'],
  // Addresses of IPv4 in other clothes: mapped, compatible, translated, NAT64, 6to4, Teredo.
  ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '::ffff:0:7f00:1'],
  ...['64:ff9b::7f00:1', '64:ff9b::a00:1', '64:ff9b:1::1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '2001:0:a00:1::1'],
  ...['2001:db8::1', '3fff::1', '4000::1', '1fff::1'],
  ...['', 'localhost', '127.1', '1.2.3', '8.8.8.8.8', '::g'],
];
const PUBLIC = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '172.15.255.255', '100.128.0.1', '11.0.0.1', '192.169.0.1'];
const PUBLIC_V6 = ['2606:4700:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888'];

it.each(REFUSED)('%s is not on the internet', (address) => {
  expect(isPublic(address)).toBe(false);
  expect(judgeOf([])(address)).toBe('refused');
});

it.each([...PUBLIC, ...PUBLIC_V6])('%s is on the internet', (address) => {
  expect(isPublic(address)).toBe(true);
  expect(judgeOf(['127.0.0.0/8'])(address)).toBe('public');
});

it('allows what the operator names, and nothing beside it', () => {
  const judge = judgeOf(['10.1.0.0/16', '::1', '192.168.7.7']);
  expect(['10.1.2.3', '10.2.0.1', '::1', '::2', '192.168.7.7', '192.168.7.8', '8.8.8.8'].map(judge)).toEqual([
    ...['allowed', 'refused', 'allowed', 'refused', 'allowed', 'refused', 'public'],
  ]);
});

it.each(['', 'x', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', '10.0.0.0/-1', 'example.com', '10.1.2.3/16'])(
  'refuses %j as a network',
  (range) => {
    expect(() => networks([range])).toThrow(TypeError);
  },
);
