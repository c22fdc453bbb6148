import { describe, expect, it } from 'vitest';
import { cidrText } from '#platform/cidr.ts';
import { addressesOf, freeRange, sandboxNumbers } from './addresses.ts';
import { forwardedResolvConf, forwardersFor } from './resolvers.ts';

const HEAD = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\n';
const route = (destination: string, mask: string) => `eth0\t${destination}\t00000000\t1\t0\t0\t0\t${mask}\t0\n`;

describe('the addresses of sandboxes', () => {
  it('are from a network to which the machine has no way', () => {
    const range = (...routes: readonly string[]) => cidrText(freeRange(HEAD + routes.join('')).v4);
    expect(range(route('00000000', '00000000'))).toBe('10.77.0.0/16');
    expect(range(route('0001004D0A'.slice(2), '00FFFFFF'))).toBe('172.29.0.0/16');
    expect(range(route('0000000A', '000000FF'), route('00001DAC', '0000FFFF'))).toBe('198.19.0.0/16');
  });
  it('are told apart by their numbers, and a freed number is taken again last', () => {
    const range = freeRange(HEAD);
    expect(cidrText(addressesOf(range, 0x1234).v4)).toBe('10.77.18.52/32');
    expect(cidrText(addressesOf(range, 0x1234).v6)).toBe('fd6f:6d65:6d6f::1234/128');
    const numbers = sandboxNumbers(1, 3);
    expect([numbers.take(), numbers.take()]).toEqual([1, 2]);
    numbers.free(1);
    expect([numbers.take(), numbers.take()]).toEqual([3, 1]);
    expect(() => numbers.take()).toThrow('no more sandboxes');
  });
});

describe('the settings of a sandbox’s resolver', () => {
  const names = addressesOf(freeRange(HEAD), 0x8035);
  const text = 'search example.org\nnameserver 127.0.0.53\n# kept out\noptions edns0\nnameserver fe80::1%eth0\n';
  it('name pasta’s forwarder where the host has a server of that family, and keep the rest', () => {
    expect(forwardedResolvConf(forwardersFor(names, text), text)).toBe(
      'nameserver 10.77.128.53\nnameserver fd6f:6d65:6d6f::8035\nsearch example.org\noptions edns0\n',
    );
    expect(forwardersFor(names, 'nameserver 9.9.9.9\n').map(cidrText)).toEqual(['10.77.128.53/32']);
    expect(forwardersFor(names, '')).toEqual([]);
  });
});
