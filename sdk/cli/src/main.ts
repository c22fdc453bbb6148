import { stripVTControlCharacters } from 'node:util';
import { CommanderError } from 'commander';
import { tell } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { watchPipes } from './ui/broken-pipe.ts';
import { coloursOf } from './ui/colour.ts';

/** Runs one command line and ends the process with its code. */
export const main = async (argv: readonly string[]): Promise<void> => {
  watchPipes();
  const code = await ended(argv);
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit(code);
};

const ended = async (argv: readonly string[]): Promise<number> => {
  try {
    const name = argv.find((argument) => !argument.startsWith('-'));
    // `onmemos help sessions ls`, and `onmemos` alone, are other ways to ask for help.
    if (name === undefined && argv.length === 0) return ended(['--help']);
    if (name === 'help' && argv[0] === name) return ended([...argv.slice(1), '--help']);
    const program = await createProgram(name === undefined ? [] : [name]);
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return told(error);
  }
};

/** Text from elsewhere, with its line breaks but without other control characters. */
const harmless = (text: string): string => stripVTControlCharacters(text).replace(/[^\P{Cc}\n]/gu, ' ');

const told = (error: unknown): number => {
  const { lines, exit } = tell(error);
  const { red } = coloursOf(process.stderr);
  const [first, ...rest] = lines.map(harmless);
  if (first !== undefined) process.stderr.write(`${[`${red('onmemos:')} ${first}`, ...rest].join('\n')}\n`);
  if (process.env['ONMEMOS_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exit;
};
