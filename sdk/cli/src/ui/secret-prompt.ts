import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';

/** Asks on stderr, because stdout is for the answer of the command. */
export const ask = async (question: string, preset?: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (
      await answered(lines.question(preset ? `${question} [${preset}]: ` : `${question}: `), lines)
    ).trim();
    return answer === '' ? (preset ?? '') : answer;
  } finally {
    lines.close();
  }
};

/** Asks without showing the typed text. From a pipe it reads the next line. */
export const askSecret = async (question: string): Promise<string> => {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  // Asks only after the echo is off and Ctrl-C is handled here, so that an immediate answer is not shown.
  process.stderr.write(`${question}: `);
  try {
    return (await answered(lines.question(''), lines)).trim();
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
};

const answered = (answer: Promise<string>, lines: ReturnType<typeof createInterface>): Promise<string> =>
  new Promise((resolve, reject) => {
    const cancelled = (): void => reject(new CliError('Cancelled.', { exit: EXIT.interrupted }));
    lines.once('SIGINT', cancelled);
    // Ctrl-D on a terminal, and the end of a pipe.
    lines.once('close', () =>
      process.stdin.isTTY ? cancelled() : reject(usageError('stdin ended before an answer came.')),
    );
    answer.then(resolve, reject);
  });

/** Reads all of a piped stdin. */
export const readAll = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
};
