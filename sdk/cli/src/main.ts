import { stripVTControlCharacters } from 'node:util';
import { type Command, CommanderError } from 'commander';
import { errorField, usageField } from './error-field.ts';
import { tell } from './errors.ts';
import { EXIT, ownFailure } from './exit-codes.ts';
import { calledName } from './globals.ts';
import { createProgram } from './program.ts';
import { endsWithCommand, isCommand } from './registry.ts';
import { lostOutput, watchOutput } from './ui/lost-output.ts';
import { coloursOf } from './ui/colour.ts';
import { printJson } from './ui/output.ts';

const HELP: ReadonlySet<string> = new Set(['-h', '--help']);

/** Runs one command line and ends the process with its code. */
export const main = async (argv: readonly string[]): Promise<void> => {
  watchOutput();
  const code = await runLine(argv);
  await written();
  process.exit(code);
};

/** Resolves when all output is written, or is lost. */
const written = async (): Promise<void> => {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
};

/** Runs one command line. @returns the code to end with */
export const runLine = async (argv: readonly string[]): Promise<number> => {
  let called: Command | undefined;
  const name = calledName(argv);
  try {
    // `onmemos help sessions ls`, and `onmemos` alone, are other ways to ask for help.
    if (name === undefined && argv.length === 0) return await runLine(['--help']);
    if (name === 'help' && argv[0] === name) return await runLine([...argv.slice(1), '--help']);
    const program = await createProgram(name === undefined ? [] : [name]);
    program.hook('preAction', (_program, command) => {
      called = command;
    });
    // The help of the whole program is no answer to a misspelt command.
    const misspelt = name !== undefined && !isCommand(name);
    await program.parseAsync(misspelt ? argv.filter((word) => !HELP.has(word)) : [...argv], { from: 'user' });
    await written();
    const lost = lostOutput();
    const code = Number(process.exitCode ?? EXIT.ok);
    if (lost !== null && code === EXIT.ok) throw lost;
    return code;
  } catch (error) {
    return failed(error, {
      json: called ? called.opts()['json'] === true : asksForJson(argv),
      codeOf: endsWithCommand(name) && !waitsForSession(called) ? ownFailure : (exit) => exit,
    });
  }
};

/** `wait --session` ends with no command's code, so that its own codes can't be taken for one. */
const waitsForSession = (called: Command | undefined): boolean =>
  called?.name() === 'wait' && called.opts()['session'] === true;

/** Of a command line that was not understood: the words before the command that it would have run. */
const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
};

interface Failing {
  readonly json: boolean;
  readonly codeOf: (exit: number) => number;
}

/** Text from elsewhere, with its line breaks but without other control characters. */
const harmless = (text: string): string => stripVTControlCharacters(text).replace(/[^\P{Cc}\n]/gu, ' ');

const failed = (error: unknown, { json, codeOf }: Failing): number => {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    const code = codeOf(EXIT.usage);
    if (json) printJson(usageField(error.message.replace(/^error: /, ''), code));
    return code;
  }
  const told = tell(error);
  const code = codeOf(told.exit);
  const { red } = coloursOf(process.stderr);
  const [first, ...rest] = told.lines.map(harmless);
  if (first !== undefined) process.stderr.write(`${[`${red('onmemos:')} ${first}`, ...rest].join('\n')}\n`);
  if (json) printJson(errorField(error, told, code));
  if (process.env['ONMEMOS_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return code;
};
