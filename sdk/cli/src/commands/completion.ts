import { type Command, Option } from 'commander';
import { OnMemOSClient } from 'onmemos';
import { candidates, FILES } from '../completion/candidates.ts';
import { SCRIPTS } from '../completion/scripts.ts';
import { usageError } from '../errors.ts';
import { calledName } from '../globals.ts';
import { dataDirOf, liveServer } from '../target/local.ts';
import { configuredTarget, type Target } from '../target/resolve.ts';
import { print } from '../ui/output.ts';
import { plain } from '../ui/table.ts';
import { wrap } from '../ui/wrap.ts';
import { ownName } from '../own-name.ts';

const DETAILS = `
  bash   echo 'source <(onmemos completion bash)' >> ~/.bashrc
  zsh    echo 'source <(onmemos completion zsh)' >> ~/.zshrc
  fish   onmemos completion fish > ~/.config/fish/completions/onmemos.fish

Tab waits for the server for 1500 ms at most; ONMEMOS_COMPLETION_MS changes that.`;

/** Short, because a person who has pressed Tab waits. */
const USUAL_LIMIT_MS = 1_500;

const limitMs = (): number => {
  const given = Number(process.env['ONMEMOS_COMPLETION_MS']);
  return given > 0 ? given : USUAL_LIMIT_MS;
};

type MakeProgram = (wanted: readonly string[]) => Promise<Command>;

export const define = (command: Command, makeProgram: MakeProgram): void => {
  command
    .argument('[shell]', 'bash, zsh or fish')
    .argument('[words...]', 'what was typed, for the scripts')
    .usage('[options] <shell>')
    .configureHelp({ visibleArguments: ({ registeredArguments }) => registeredArguments.slice(0, 1) })
    .addOption(new Option('--line', 'what can follow the words of a command line').hideHelp())
    .addHelpText('after', wrap(DETAILS))
    .action((shell, words, options) =>
      completion(shell, options, shell === undefined ? [] : [shell, ...words], makeProgram),
    );
};

const completion = async (
  shell: string | undefined,
  options: { readonly line?: boolean },
  words: readonly string[],
  makeProgram: MakeProgram,
): Promise<void> => {
  // A person who presses Tab is told nothing of an error: there is just nothing to choose from.
  if (options.line) return printCandidates(words, makeProgram).catch(() => {});
  const script = Object.entries(SCRIPTS).find(([name]) => name === shell)?.[1];
  if (!script || words.length > 1)
    throw usageError('Name a shell.', `onmemos completion ${Object.keys(SCRIPTS).join('|')}`);
  process.stdout.write(script);
};

/** The server that the typed words choose. Starts none, so that pressing Tab starts nothing. */
const targetOf = async (words: readonly string[]): Promise<Target | null> => {
  const after = (option: string): string | undefined => words[words.lastIndexOf(option) + 1];
  const given = (option: string): string | undefined => (words.includes(option) ? after(option) : undefined);
  const [url, profile] = [given('--url'), given('--profile')];
  const named = await configuredTarget({ ...(url ? { url } : {}), ...(profile ? { profile } : {}) });
  if (named) return named;
  const server = await liveServer(dataDirOf());
  return server && { ...server, from: 'this machine', local: true, user: undefined, workspace: undefined };
};

const printCandidates = async (words: readonly string[], makeProgram: MakeProgram): Promise<void> => {
  const name = calledName(words.slice(0, -1));
  const program = await makeProgram(name === undefined ? [] : [name]);
  let target: Promise<Target | null> | null = null;
  const reached = (): Promise<Target | null> => {
    target ??= targetOf(words.slice(0, -1));
    return target;
  };
  const found = await candidates(program, words, {
    client: async () => {
      const at = await reached();
      if (at === null) return null;
      const key = at.apiKey ? { apiKey: at.apiKey } : {};
      return new OnMemOSClient({ baseUrl: at.url, ...key, maxRetries: 0, timeoutMs: limitMs() });
    },
    user: async () => {
      const at = await reached();
      return at?.user ?? (at?.local ? ownName() : undefined);
    },
  });
  if (found === FILES) return print(':files');
  for (const { value, help } of found) print(`${value}\t${plain(help)}`);
};
