import type { Cidr } from '#platform/cidr.ts';
import type { Clock } from '#ports/clock.ts';
import type { Launch } from '../launch/launcher.ts';
import { NetworkUnavailable } from './choose.ts';
import { NETLINK, send } from './netlink.ts';
import { type Pasta, startPasta } from './pasta.ts';
import type { Verdict } from '#platform/network-policy.ts';
import { hostText } from '#platform/cidr.ts';
import { policyRules } from './routing.ts';
import { readText } from '../process/proc.ts';

/** For what hangs: it takes some milliseconds, and seconds where many processes compete. */
const CONNECT_WITHIN_MS = 30_000;
/** A route of version 6 comes right after that of version 4. */
const SECOND_FAMILY_WITHIN_MS = 2_000;

/** A namespace's connection with the outside. */
export interface Connection {
  close(): void;
}

export interface ConnectionOptions {
  readonly program: string;
  readonly sandbox: Launch;
  readonly ownUserNamespace: boolean;
  readonly names: readonly Cidr[];
  readonly verdicts: readonly Verdict[];
  readonly clock: Clock;
}

/**
 * Connects the network namespace of a sandbox that waits with the outside, by a pasta of its own.
 * @throws NetworkUnavailable
 */
export async function connectNetwork(options: ConnectionOptions): Promise<Connection> {
  const { program, sandbox, ownUserNamespace, names, verdicts, clock } = options;
  const { pid } = sandbox.init();
  const asked = names.map(hostText);
  const pasta = startPasta({ program, pid, ownUserNamespace, interface: null, names: asked, openFiles: null });
  try {
    await connected(pasta, pid, clock);
    // From inside, by the sandbox's own first process, before it gives up the right to.
    const known = verdicts.filter(({ range }) => range.family === 4 || hasVersion6());
    sandbox.feed([
      ['socket', 'rules', NETLINK.ROUTE],
      send('rules', policyRules(known)),
      ['hang_up'],
      ['say', 'closed'],
    ]);
    await sandbox.reached('closed');
  } catch (error) {
    pasta.kill();
    if (error instanceof NetworkUnavailable) throw error;
    throw new NetworkUnavailable(`what is closed to sessions could not be closed: ${(error as Error).message}`);
  }
  return { close: pasta.kill };
}

/** Resolves when the namespace of a process has a way out, of each family of addresses of which the host has one. */
export const connected = async (pasta: Pasta, pid: number, clock: Clock): Promise<void> => {
  let over: string | null = null;
  void pasta.ended.then((said) => {
    over = said;
  });
  const wanted = { v4: hasDefaultRoute('self', 4), v6: hasDefaultRoute('self', 6) };
  const deadline = clock.monotonic() + CONNECT_WITHIN_MS;
  let second = Number.POSITIVE_INFINITY;
  for (;;) {
    const v4 = hasDefaultRoute(pid, 4);
    const v6 = hasDefaultRoute(pid, 6);
    const now = clock.monotonic();
    if ((v4 || !wanted.v4) && (v6 || !wanted.v6) && (v4 || v6)) return;
    if (v4 || v6) second = Math.min(second, now + SECOND_FAMILY_WITHIN_MS);
    if (now > second) return;
    if (over !== null || now > deadline) {
      throw new NetworkUnavailable(`pasta could not connect it: ${over || 'no answer in time'}`);
    }
    await clock.sleep(2);
  }
};

export const hasVersion6 = (): boolean => readText('/proc/self/net/if_inet6') !== '';

/** Whether packets for anywhere have a way out, as the process sees it. */
export const hasDefaultRoute = (pid: number | 'self', family: 4 | 6): boolean =>
  family === 4
    ? /^\S+\t00000000\t/m.test(readText(`/proc/${pid}/net/route`))
    : /^0{32} 00 .*(?<! lo)$/m.test(readText(`/proc/${pid}/net/ipv6_route`));
