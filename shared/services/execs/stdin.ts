import type { z } from 'zod';
import type { Stdin } from '#contract/entities/exec.ts';
import { invalidField, Problem } from '#contract/errors.ts';
import { ExecError } from '#ports/exec.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { liveExec } from './find.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const bytesOf = (data: string, encoding: 'utf8' | 'base64' | undefined): Uint8Array => {
  if (encoding !== 'base64') return new TextEncoder().encode(data);
  if (!BASE64.test(data) || data.length % 4 !== 0)
    throw invalidField('data', 'is not base64; for plain text leave encoding out');
  return Buffer.from(data, 'base64');
};

/** Writes to a command's stdin from an offset; bytes that were accepted before are passed over, so a repeat is safe. */
export const writeStdin = async (
  deps: Deps,
  call: Call,
  input: { id: string; exec_id: string } & z.infer<typeof Stdin>,
) => {
  const { doc, channel } = await liveExec(deps, call, input.id, input.exec_id, 'editor');
  const eof = input.eof ?? false;
  try {
    const next_offset = await channel.stdin(doc.exec_id, input.offset, bytesOf(input.data, input.encoding), eof);
    return { next_offset, eof };
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    if (error.code === 'stdin_gap') throw invalidField('offset', error.message);
    const extra = { extra: { exec_id: doc.exec_id } };
    if (error.code === 'stdin_closed')
      throw new Problem(
        'conflict',
        'The stdin of this command is closed. Start a command with `stdin: true` to write to it.',
        extra,
      );
    if (error.code === 'ended')
      throw new Problem(
        'conflict',
        'The command has ended and takes no more input. Start it again to write to it.',
        extra,
      );
    throw error;
  }
};
