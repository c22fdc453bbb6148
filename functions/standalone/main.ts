import { join } from 'node:path';
import { Registry } from 'prom-client';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { readPrices } from '#wiring/prices.ts';
import { BadSettings, misspeltSettings, readSettings } from '#wiring/settings.ts';
import { FOLDER_SERVED, helpText, readArgs } from './args.ts';
import { FolderServed } from './claim.ts';
import { detach, embeddedEnv } from './embedded.ts';
import { explain } from './explain.ts';
import { heldLog } from './held-log.ts';
import { runService } from './service.ts';

/** The keeper's own program: beside this one in a bundle, in its folder in the repository. */
const KEEPER_FILE = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '..', 'keeper', 'start.mjs')
  : join(import.meta.dirname, 'start-keeper.mjs');
const KEEPER = [process.execPath, KEEPER_FILE];

const refuse = (sentence: string, code = 1): never => {
  console.error(sentence);
  process.exit(code);
};

const settingsOrExit = (env: NodeJS.ProcessEnv) => {
  try {
    const settings = readSettings(env);
    return { settings, prices: readPrices(settings) };
  } catch (error) {
    if (error instanceof BadSettings)
      return refuse(explain(error, { port: 0, host: '', dataDir: '' }) ?? error.message);
    throw error;
  }
};

const argsOrExit = () => {
  try {
    return readArgs(process.argv.slice(2));
  } catch (error) {
    return refuse(explain(error, { port: 0, host: '', dataDir: '' }) ?? String(error));
  }
};

const args = argsOrExit();
if (args.help) {
  console.log(helpText());
  process.exit(0);
}
process.umask(0o077);
const { settings, prices } = settingsOrExit(args.embedded ? embeddedEnv(process.env) : process.env);
for (const sentence of misspeltSettings(process.env)) console.error(sentence);
if (args.embedded) detach();
const held = heldLog((line) => void process.stdout.write(line));
const log = createLogger({
  level: settings.ONMEMOS_LOG_LEVEL,
  pretty: settings.ONMEMOS_LOG_PRETTY ?? process.stdout.isTTY === true,
  destination: held,
});
// A start that a signal ends loses no line.
process.once('exit', () => held.release([]));
try {
  await runService({
    settings,
    prices,
    log,
    held,
    clock: systemClock,
    ids: systemIds,
    registry: new Registry(),
    keeperCommand: KEEPER,
    check: args.check,
    embedded: args.embedded,
  });
} catch (error) {
  // What went wrong is told below, and by warnings: the calls of a check that failed say no more.
  held.release(['']);
  const at = { port: settings.ONMEMOS_PORT, host: settings.ONMEMOS_HOST, dataDir: settings.ONMEMOS_DATA_DIR };
  const sentence = explain(error, at);
  if (sentence === null) console.error(error);
  const code = args.embedded && error instanceof FolderServed ? FOLDER_SERVED : 1;
  refuse(sentence ?? 'The service did not start; the lines above say why.', code);
}
