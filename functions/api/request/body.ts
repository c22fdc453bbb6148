import { invalidField, Problem } from '#contract/errors.ts';
import type { ApiContext } from '../context.ts';

/** Refuses a body whose announced length is too large, before it reads any of it. */
export const refuseTooLarge = (c: ApiContext, limit: number): void => {
  const length = c.req.header('content-length');
  if (length !== undefined && Number(length) > limit) throw tooLarge(limit);
};

/**
 * The JSON body; an empty one counts as `{}`. The Content-Type is ignored, because every body is JSON.
 * @throws Problem too_large, malformed, invalid
 */
export const readJson = async (c: ApiContext, limit: number): Promise<unknown> => {
  refuseTooLarge(c, limit);
  const text = decode(await readBytes(c, limit));
  if (text.trim() === '') return {};
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('malformed', 'The body is not valid JSON. Send one JSON object.', { cause: error });
  }
};

/** The value of a JSON text. @throws Problem invalid, for half of a character; SyntaxError */
export const parseJson = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  if (/\\ud[89a-f]/i.test(text)) refuseLoneSurrogates(value);
  return value;
};

const readBytes = async (c: ApiContext, limit: number): Promise<Uint8Array> => {
  if (c.req.header('content-length') !== undefined) {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    if (bytes.byteLength > limit) throw tooLarge(limit);
    return bytes;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
};

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Problem('malformed', 'The body is not valid UTF-8. Send JSON in UTF-8.', { cause: error });
  }
};

/**
 * Refuses half of a surrogate pair, which can be neither stored nor used in a command. Does not recurse, because a body
 * may be nested deeply.
 * @throws Problem invalid
 */
const refuseLoneSurrogates = (root: unknown): void => {
  const open: { readonly value: unknown; readonly path: string }[] = [{ value: root, path: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) throw notUnicode(path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        if (!name.isWellFormed()) throw notUnicode(path);
        open.push({ value: item, path: path === '' ? name : `${path}.${name}` });
      }
    }
  }
};

const notUnicode = (path: string): Problem =>
  invalidField(path === '' ? 'body' : path, 'is not valid Unicode: it has half of a surrogate pair');

const tooLarge = (limit: number): Problem =>
  new Problem('too_large', `The body is larger than ${limit} bytes, the limit of this route. Send less at once.`, {
    extra: { limit_bytes: limit },
  });
