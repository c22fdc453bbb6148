import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';

/** Asks on stderr, so that stdout stays the answer's. */
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

/** Asks without showing what is typed; from a pipe it is the next line. */
export const askSecret = async (question: string): Promise<string> => {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  // Asked once the terminal shows nothing and leaves Ctrl-C to us: who answers at once is not faster than that.
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
    const left = (): void => reject(new CliError('Cancelled.', { exit: EXIT.interrupted }));
    lines.once('SIGINT', left);
    lines.once('close', left);
    answer.then(resolve, reject);
  });

/** All of stdin, where it is not a terminal. */
export const readAll = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
};
