import { isIPv4, isIPv6 } from 'node:net';
import { type Cidr, hostText } from '#platform/cidr.ts';
import { readText } from '../process/proc.ts';
import type { Addresses } from './addresses.ts';

const RESOLV_CONF = '/etc/resolv.conf';

/** The host's own settings, which name the servers that pasta asks. */
export const hostResolvConf = (): string => readText(RESOLV_CONF);

const serversIn = (text: string): readonly string[] =>
  [...text.matchAll(/^nameserver\s+([^\s%]+)/gm)].map(([, address = '']) => address);

/** Of these addresses those at which pasta answers: it asks a server of the host of the same family. */
export const forwardersFor = (names: Addresses, text = hostResolvConf()): readonly Cidr[] => {
  const servers = serversIn(text);
  return [...(servers.some(isIPv4) ? [names.v4] : []), ...(servers.some((each) => isIPv6(each)) ? [names.v6] : [])];
};

/** What a sandbox's resolver reads: the host's settings, with pasta's forwarder in the place of the host's servers. */
export const forwardedResolvConf = (forwarders: readonly Cidr[], text = hostResolvConf()): string => {
  const kept = text.split('\n').filter((line) => /^(search|domain|options)\s/.test(line));
  return `${[...forwarders.map((each) => `nameserver ${hostText(each)}`), ...kept].join('\n')}\n`;
};
