import { OnMemOSClient, OnMemOSError } from '../../../sdk/typescript/src/index.ts';
import { askPython } from './python.ts';

interface Asked {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly session: string;
}

/** What a terminal showed, and with what it broke. */
interface Broken {
  readonly said: string;
  readonly type: string;
  readonly own: boolean;
  readonly message: string;
  readonly hint: string;
}

/** A way of an SDK, with its defaults, to open a terminal that prints `beat` until it breaks. */
export interface Terminal {
  readonly way: string;
  read(asked: Asked): Promise<Broken>;
}

const inTypescript = async ({ baseUrl, apiKey, session }: Asked): Promise<Broken> => {
  const client = new OnMemOSClient({ baseUrl, apiKey });
  let said = '';
  try {
    await using shell = await (await client.sessions.get(session)).shell();
    shell.write('while echo be""at; do sleep 0.1; done\n');
    for await (const text of shell) said += text;
  } catch (error) {
    const own = error instanceof OnMemOSError;
    const { name, message } = error as Error;
    return { said, type: name, own, message, hint: own ? error.hint : '' };
  }
  throw new Error('the terminal ended by itself');
};

const python = (way: string): Terminal => ({
  way: `python, ${way}`,
  read: (asked) => askPython<Broken>('shell.py', { ...asked, way }),
});

export const TERMINALS: readonly Terminal[] = [
  { way: 'typescript', read: inTypescript },
  python('sync'),
  python('async'),
];
