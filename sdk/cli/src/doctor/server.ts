import { OnMemOSClient, type Provider } from 'onmemos';
import { tell } from '../errors.ts';
import { healthOf } from '../target/local.ts';
import type { Target } from '../target/resolve.ts';
import { cliVersion } from '../version.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const HEALTH_LIMIT_MS = 10_000;

const sayWhy = (check: string, error: unknown): Finding => {
  const { lines } = tell(error);
  const [message = 'failed', ...rest] = lines;
  // The usual advice for it is to run this command.
  if ((error as { readonly code?: unknown }).code === 'unauthenticated')
    return problem(check, message, 'Keep a key of this server with `onmemos login`, or correct ONMEMOS_API_KEY.');
  return problem(check, message, rest.join(' ') || 'The server’s log may say more.');
};

const reachable = async ({ url, from }: Target): Promise<Finding> => {
  const health = await healthOf(url, HEALTH_LIMIT_MS);
  if (health === null) {
    return problem(
      'Server',
      `no server answers at ${url} (${from})`,
      'Start it, or correct the address: `onmemos login`.',
    );
  }
  const own = cliVersion();
  const said = `${health.version} at ${url} (${from})`;
  if (health.version.split('.')[0] === own.split('.')[0]) return ok('Server', said);
  return warning('Server', `${said}, and this is ${own}`, 'Install the same major version of both.');
};

const isolation = (providers: readonly Provider[]): readonly Finding[] => {
  const levels = [
    ...new Set(providers.flatMap((one) => (one.driver === 'local' && one.isolation ? [one.isolation] : []))),
  ];
  return levels.map((level) =>
    level === 'none'
      ? warning(
          'Isolation',
          'none: sessions are plain processes of this machine',
          'Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), or start the service as root; unset ONMEMOS_ISOLATION.',
        )
      : ok('Isolation', level),
  );
};

const offFindings = (providers: readonly Provider[]): readonly Finding[] =>
  providers.some(({ available }) => available)
    ? [
        ok(
          'Providers',
          providers
            .filter(({ available }) => available)
            .map(({ name }) => name)
            .join(', '),
        ),
      ]
    : [problem('Providers', 'none is on: no session can be created', '`onmemos providers ls` says why each is off.')];

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

/** Warns if the key is sent without encryption. */
const secrecy = ({ url }: Target): readonly Finding[] => {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || LOOPBACK.test(hostname)) return [];
  return [
    warning('Secrecy', `${url} is not encrypted: others on the network can read the key`, 'Use an https address.'),
  ];
};

/** Checks whether the server answers, accepts the key and can create sessions. */
export const serverFindings = async (target: Target): Promise<readonly Finding[]> => {
  const server = await reachable(target);
  if (server.state === 'problem') return [server];
  if (!target.apiKey) {
    return [server, problem('Key', 'there is none', 'Save one with `onmemos login`, or set ONMEMOS_API_KEY.')];
  }
  const client = new OnMemOSClient({ baseUrl: target.url, apiKey: target.apiKey, maxRetries: 1 });
  try {
    const info = await client.info();
    const key = ok('Key', info.user_id === null ? 'acts for anyone' : `acts for ${info.user_id}`);
    const providers = await client.providers.list().all();
    return [server, ...secrecy(target), key, ...offFindings(providers), ...isolation(providers)];
  } catch (error) {
    return [server, sayWhy('Key', error)];
  }
};
