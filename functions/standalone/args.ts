import { parseArgs } from 'node:util';
import { SETTINGS } from '#wiring/settings.ts';

export interface Args {
  readonly check: boolean;
  readonly help: boolean;
}

/** @throws TypeError for an option that does not exist */
export const readArgs = (argv: readonly string[]): Args => {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'no-check': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  return { check: !values['no-check'], help: values.help };
};

/** What `npm start -- --help` prints. */
export const helpText = (): string => {
  const width = Math.max(...SETTINGS.map(({ name }) => name.length));
  return [
    'npm start [-- --no-check]',
    '',
    'Starts the whole service in one process: API, worker and schedule, with its sandboxes on this machine.',
    '  --no-check  skip the session that checks this machine at start',
    '',
    'Settings, from the environment:',
    ...SETTINGS.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`),
  ].join('\n');
};
