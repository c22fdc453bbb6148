import type { Command } from 'commander';
import { OnMemOSClient } from 'onmemos';
import { type ConnectionWords, connectionWords } from '../connection-words.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { configPath, readConfig, writeConfig } from '../target/config.ts';
import { dataDirOf, healthOf, runningServer } from '../target/local.ts';
import { profileName, withProfile } from '../target/profile.ts';
import { cleanUrl, type TargetOptions } from '../target/resolve.ts';
import { note } from '../ui/output.ts';
import { during } from '../ui/progress.ts';
import { ask, askSecret, readAll } from '../ui/secret-prompt.ts';
import { plain } from '../ui/table.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly user?: string;
}

const USUAL_URL = 'http://127.0.0.1:8080';

/** The server that runs on this machine serves at a port of its own choice. */
const localUrl = async (): Promise<string | undefined> => (await runningServer(dataDirOf()))?.url;
const HEALTH_LIMIT_MS = 10_000;

const DETAILS = `
Asks for the address and the key (the key is not shown as you type), tries both, and saves them readable by you alone. If stdin is not
a terminal, the key is read from it:

  onmemos login --url https://onmemos.example.com < key.txt`;

export const define = (command: Command): void => {
  command
    .option('--url <address>', 'the address, instead of asking for it')
    .option('--profile <name>', 'the profile to save it as (default: the one in use)')
    .option('--user <id>', 'the user of new sessions, if the key may act for any user')
    .addHelpText('after', wrap(DETAILS))
    .action(login);
};

const KEY = /^[\x21-\x7e]+$/;

/** Asks once more, for the reason; null where something else answers. */
const whyUnreached = async (url: string): Promise<ConnectionWords | null> => {
  try {
    await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) });
    return null;
  } catch (error) {
    return connectionWords(url, error);
  }
};

const login = async (options: Options): Promise<void> => {
  const config = await readConfig();
  const name = profileName(config, options.profile);
  const onTerminal = process.stdin.isTTY === true;
  const known = config.profiles[name]?.url ?? (await localUrl()) ?? USUAL_URL;
  const url = cleanUrl(options.url ?? (onTerminal ? await ask('Address of the server', known) : known));
  if ((await during(`Looking for ${url}`, healthOf(url, HEALTH_LIMIT_MS))) === null) {
    const words = await whyUnreached(url);
    throw new CliError(words?.message ?? `What answers at ${url} is not an OnMemOS server.`, {
      exit: EXIT.unavailable,
      hint: words?.hint ?? 'Check the address; `npm start` serves on this machine.',
    });
  }
  const key = onTerminal ? await askSecret('API key') : (await readAll()).trim();
  if (!KEY.test(key)) {
    throw new CliError('That is not an API key.', {
      exit: EXIT.usage,
      hint: 'It begins with omk_. The admin key is in the file admin.key in the data folder of the machine that serves.',
    });
  }
  const client = new OnMemOSClient({ baseUrl: url, apiKey: key, maxRetries: 1 });
  const info = await during('Trying the key', client.info());
  const user = options.user === undefined ? {} : { user: options.user };
  await writeConfig({ ...withProfile(config, name, { url, api_key: key, ...user }), current: name });
  const who = info.user_id === null ? 'for anyone' : `for ${plain(info.user_id)}`;
  note(`Logged in at ${url}, with a key that acts ${who}. Saved as profile ${name} in ${configPath()}.`);
};
