import { createHash } from 'node:crypto';
import { OnMemOSClient } from '../../../sdk/typescript/src/index.ts';

/** A session that is there, and the file in it that is printed. */
export interface BigOutput {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly session: string;
  readonly file: string;
}

export interface ReadOutput {
  readonly bytes: number;
  readonly sha256: string;
}

export interface OutputReader {
  readonly way: string;
  read(output: BigOutput): Promise<ReadOutput>;
}

const start = async ({ baseUrl, apiKey, session, file }: BigOutput) => {
  const client = new OnMemOSClient({ baseUrl, apiKey });
  const started = await (await client.sessions.get(session)).start(`cat ${file}`);
  return { client, started };
};

const digest = async (pieces: AsyncIterable<Uint8Array>): Promise<ReadOutput> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
};

/** The ways in which the TypeScript SDK reads output. */
export const TYPESCRIPT_READERS: readonly OutputReader[] = [
  {
    way: 'typescript, a process gone through',
    read: async (output) => {
      const { started } = await start(output);
      return digest(
        (async function* () {
          for await (const { data } of started) yield data;
        })(),
      );
    },
  },
  {
    way: 'typescript, the raw log',
    read: async (output) => {
      const { client, started } = await start(output);
      return digest(client.execs.log(output.session, started.exec_id));
    },
  },
];
