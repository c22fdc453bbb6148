import { type Command, Option } from 'commander';
import { OnMemOSClient } from 'onmemos';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { placesOf } from '../completion/tree.ts';
import { zshScript } from '../completion/zsh.ts';
import { usageError } from '../errors.ts';
import { dataDirOf, liveServer } from '../target/local.ts';
import { configuredTarget } from '../target/resolve.ts';
import { print } from '../ui/output.ts';
import { wrap } from '../ui/wrap.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

const DETAILS = `
  bash   echo 'source <(onmemos completion bash)' >> ~/.bashrc
  zsh    echo 'source <(onmemos completion zsh)' >> ~/.zshrc
  fish   onmemos completion fish > ~/.config/fish/completions/onmemos.fish`;

/** Short, because a person who has pressed Tab waits. */
const ANSWER_LIMIT_MS = 3_000;

export const define = (command: Command, wholeProgram: () => Promise<Command>): void => {
  command
    .argument('[shell]', 'bash, zsh or fish')
    .addOption(new Option('--sessions', 'ids of live sessions').hideHelp())
    .addHelpText('after', wrap(DETAILS))
    .action((shell, options) => completion(shell, options, wholeProgram));
};

const completion = async (
  shell: string | undefined,
  options: { readonly sessions?: boolean },
  wholeProgram: () => Promise<Command>,
): Promise<void> => {
  if (options.sessions) return printSessions();
  const script = Object.entries(SCRIPTS).find(([name]) => name === shell)?.[1];
  if (!script) throw usageError('Name a shell.', `onmemos completion ${Object.keys(SCRIPTS).join('|')}`);
  process.stdout.write(script(placesOf(await wholeProgram())));
};

/** For the completion scripts. Starts no server, so that pressing Tab starts nothing. */
const printSessions = async (): Promise<void> => {
  const target = (await configuredTarget({})) ?? (await liveServer(dataDirOf()));
  if (!target) return;
  const key = target.apiKey ? { apiKey: target.apiKey } : {};
  const client = new OnMemOSClient({ baseUrl: target.url, ...key, maxRetries: 0, timeoutMs: ANSWER_LIMIT_MS });
  for (const { id, ended_at } of await client.sessions.list().all()) if (ended_at === null) print(id);
};
