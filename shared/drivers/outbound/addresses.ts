import { BlockList, isIP } from 'node:net';
import { hostText, readCidr } from '#platform/cidr.ts';

/** Addresses of IPv4 that no message goes to: not the internet, or a cloud’s own services. */
const REFUSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure’s own services answer at this public address.
  '168.63.129.16/32',
];
/** All of IPv6 that is on the internet. What is outside is not: loopback, local, mapped, NAT64, multicast. */
const INTERNET_V6 = ['2000::/3'];
/** Within it: Teredo and other special uses, examples, and 6to4, which carries an address of IPv4. */
const REFUSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @throws TypeError for what is neither an address nor a network, with a sentence for the operator */
export const networks = (ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges.map(readCidr)) list.addSubnet(hostText(range), range.bits, `ipv${range.family}`);
  return list;
};

const refusedV4 = networks(REFUSED_V4);
const internetV6 = networks(INTERNET_V6);
const refusedV6 = networks(REFUSED_V6);

const holds = (list: BlockList, address: string): boolean => list.check(address, family(address));

/** Whether an address is on the internet, where anyone may send. */
export const isPublic = (address: string): boolean => {
  if (isIP(address) === 4) return !holds(refusedV4, address);
  return isIP(address) === 6 && holds(internetV6, address) && !holds(refusedV6, address);
};

export type Judge = (address: string) => 'public' | 'allowed' | 'refused';

/** What may be sent to an address: what the operator allows, and else what is on the internet. */
export const judgeOf = (allowed: readonly string[]): Judge => {
  const list = networks(allowed);
  return (address) => {
    if (isIP(address) !== 0 && holds(list, address)) return 'allowed';
    return isPublic(address) ? 'public' : 'refused';
  };
};
