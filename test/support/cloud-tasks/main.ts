/**
 * The server as a program: `npm run node test/support/cloud-tasks/main.ts -- --port 9001 --factor 100`. It prints its
 * addresses as one line of JSON and runs until SIGTERM or SIGINT.
 */
import { parseArgs } from 'node:util';
import { type Behaviour, DEFAULT_BEHAVIOUR, OTHER_BEHAVIOUR } from './behaviour.ts';
import { readFaults } from './faults.ts';
import { startCloudTasks } from './server.ts';

const USAGE = `--port N         port of the service; a free one if left out
--pages-port N   port of the keys, the faults and the counts; a free one if left out
--issuer URL     issuer of the tokens; https://accounts.google.com if left out
--factor N       how many times as fast the server's own durations pass; 1 if left out
--set NAME=VALUE a switch of behaviour.ts; may be repeated
--faults JSON    faults from the start, as {"duplicates": "at once"}
`;

const read = () => {
  const text = { type: 'string' } as const;
  const options = { port: text, 'pages-port': text, issuer: text, factor: text, faults: text } as const;
  return parseArgs({ options: { ...options, set: { type: 'string', multiple: true } } }).values;
};

const numberOf = (name: string, value: string | undefined): number | undefined => {
  if (value !== undefined && !/^\d+$/.test(value)) throw new TypeError(`--${name} ${value} is no whole number`);
  return value === undefined ? undefined : Number(value);
};

const switchOf = (setting: string): Partial<Behaviour> => {
  const [name = '', value = ''] = setting.split('=');
  const sides = [DEFAULT_BEHAVIOUR, OTHER_BEHAVIOUR].map((each) => each[name as keyof Behaviour]);
  const chosen = sides.find((side) => String(side) === value);
  if (chosen === undefined) throw new TypeError(`--set ${setting}: ${name} is ${sides.join(' or ')}`);
  return { [name]: chosen };
};

const options = (): Parameters<typeof startCloudTasks>[0] => {
  const given = read();
  const [port, pages_port, factor] = [
    numberOf('port', given.port),
    numberOf('pages-port', given['pages-port']),
    numberOf('factor', given.factor),
  ];
  return {
    ...(port === undefined ? {} : { port }),
    ...(pages_port === undefined ? {} : { pages_port }),
    ...(factor === undefined ? {} : { factor }),
    ...(given.issuer === undefined ? {} : { issuer: given.issuer }),
    ...(given.faults === undefined ? {} : { faults: readFaults(given.faults) }),
    behaviour: Object.assign({}, ...(given.set ?? []).map(switchOf)) as Partial<Behaviour>,
  };
};

const main = async (): Promise<void> => {
  let server: Awaited<ReturnType<typeof startCloudTasks>>;
  try {
    server = await startCloudTasks(options());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const { host, port, issuer, certs_url, jwks_url, pages_url } = server;
  process.stdout.write(`${JSON.stringify({ host, port, issuer, certs_url, jwks_url, pages_url })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop());
};

await main();
