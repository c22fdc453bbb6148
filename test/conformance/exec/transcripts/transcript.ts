import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Values of a header. An object whose only key begins with `$` is a pattern; docs/protocol.md lists them. */
export type Fields = Readonly<Record<string, unknown>>;

export type Step =
  | { readonly send: string | number; readonly header?: Fields; readonly text?: string; readonly bytes?: string }
  | { readonly send_bytes: string }
  | { readonly expect: string; readonly header?: Fields }
  | { readonly output: Output }
  | { readonly starts: { readonly count: number; readonly ch: number; readonly exec_id: string } }
  | { readonly silent: readonly number[] }
  | { readonly closed: true };

/** The output that comes next on a channel, however it is cut into chunks. */
export interface Output {
  readonly ch: number;
  /** Offset of its first byte. */
  readonly seq?: unknown;
  /** Exactly these bytes of each stream, as text. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Instead of them: all chunks before the next other frame; stdout ends with this. */
  readonly ends_with?: string;
}

export interface Transcript {
  readonly name: string;
  /** false: it has a hello of its own. */
  readonly hello?: false;
  readonly steps: readonly Step[];
}

const FOLDER = join(import.meta.dirname, '../../../vectors/transcripts');

/** Every transcript, by the file that it is in. */
export const readTranscripts = async (): Promise<ReadonlyMap<string, readonly Transcript[]>> => {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const { transcripts } = JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as {
        readonly transcripts: readonly Transcript[];
      };
      return [name.replace('.json', ''), transcripts] as const;
    }),
  );
  return new Map(files);
};
