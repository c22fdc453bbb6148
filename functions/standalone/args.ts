import { parseArgs } from 'node:util';
import { SETTINGS } from '#wiring/settings.ts';
import { startCommand } from './command.ts';

/** Exit code of an embedded start that finds the data folder served: to try again, as sysexits.h has it. */
export const FOLDER_SERVED = 75;

export interface Args {
  readonly check: boolean;
  /** Serves only calls of this machine: no banner, no check, and it exits after them. */
  readonly embedded: boolean;
  readonly help: boolean;
}

/** @throws TypeError for an option that does not exist */
export const readArgs = (argv: readonly string[]): Args => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'no-check': { type: 'boolean', default: false },
      embedded: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { check: !values['no-check'] && !values.embedded, embedded: values.embedded, help: values.help };
};

/** What `--help` prints. */
export const helpText = (): string => {
  const width = Math.max(...SETTINGS.map(({ name }) => name.length));
  return [
    startCommand('[--no-check | --embedded]'),
    '',
    'Starts the whole service in one process: API, worker and schedule, with its sandboxes on this machine.',
    '  --no-check  skip the session that checks this machine at start',
    '  --embedded  serve clients that find it by server.json in the data folder: on 127.0.0.1, any free port unless',
    '              ONMEMOS_PORT names one, without check and banner, until it is idle and no session is live',
    '',
    'Exit codes: 0 ended in order, 1 did not start, or did not end in order (a sentence says why),',
    `            ${FOLDER_SERVED} with --embedded: another server has the data folder and answers; use that one`,
    '',
    'Settings, from the environment:',
    ...SETTINGS.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`),
  ].join('\n');
};
