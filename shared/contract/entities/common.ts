import { z } from 'zod';
import { RESOURCES } from '../errors.ts';

/**
 * Patterns of names that callers choose. They are narrow, because names become part of paths, labels and resource
 * names.
 */
/** Line and paragraph separators, control and format characters (zero-width and bidirectional ones, for example). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const MOST_USER_CHARACTERS = 128;
/** A user, as an identity provider names it: one spelling of each name, and nothing that can’t be seen. */
export const UserId = z
  .string()
  .trim()
  .normalize('NFC')
  .refine(
    (name) =>
      [...name].length >= 1 &&
      [...name].length <= MOST_USER_CHARACTERS &&
      !UNSEEN.test(name) &&
      !name.includes('/') &&
      name !== '.' &&
      name !== '..',
    `has 1 to ${MOST_USER_CHARACTERS} characters, no slash, and no control or invisible characters`,
  )
  .meta({
    description:
      'Id of a user, as your own system names the user: 1 to 128 characters, without a slash and without control or invisible characters. Two spellings in Unicode (NFC, NFD) are one user; upper and lower case are two.',
    example: 'developer',
  });
export const WorkspaceId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'starts with a letter or digit; then letters, digits and . _ - (63 at most)',
  )
  .meta({ description: 'Id of a workspace, unique for its owner.', example: 'demo' });
export const Namespace = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'starts with a letter or digit; then letters, digits and . _ - (63 at most)',
  )
  .meta({ description: 'A label that groups sessions, such as a project.', example: 'project1' });
export const StorageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and - (40 at most), starting with a letter or digit')
  .meta({ description: 'Name of a volume or bucket, unique in its workspace.', example: 'default' });
/** Text of at most so many bytes in UTF-8, the unit in which stores and machines count. */
export const text = (most: number) =>
  z
    .string()
    .max(most, { abort: true })
    .refine((value) => Buffer.byteLength(value) <= most, `must have no more than ${most} bytes in UTF-8`);

/** Free text for people: one line, no control characters. */
export const DisplayName = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'must not contain control characters');
export const PriceList = z.string().meta({
  description:
    'Name of the price list that was used: the name in the file of `ONMEMOS_PRICES_FILE`, otherwise `onmemos`.',
});
export const SessionId = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, 'no such id can exist')
  .meta({
    description: 'Id of a session: `id` in the answer of the call that created it.',
    example: 'ses-01kbp2v4w8k3e5z7c9m1q3s5t7',
  });
export const ExecId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'letters, digits, _ and - (64 at most)')
  .meta({
    description:
      'Id of a command: `exec_id` in the answer of the call that started it, or the one that the caller chose.',
    example: 'exe-01kbp2v4w8k3e5z7c9m1q3s5t7',
  });
/** A file of the page at /docs. */
export const AssetName = z
  .string()
  .regex(/^[a-z0-9-]{1,40}\.(css|js|png)$/, 'no such file can exist')
  .meta({ description: 'Name of a file of the page at /docs.', example: 'swagger-ui.css' });
export const KeyId = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'no such id can exist')
  .meta({ description: 'Id of an API key.', example: 'key-01kbp2v4w8k3e5z7c9m1q3s5t7' });

export const Labels = z
  .record(
    z
      .string()
      .regex(
        /^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/,
        'a label key is lower-case letters, digits and . _ / - (63 at most)',
      ),
    text(255),
  )
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels')
  .refine(
    (labels) => !Object.keys(labels).some((key) => key.startsWith('onmemos')),
    'keys that start with onmemos are reserved',
  );

export const Env = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
        'a variable name is letters, digits and _ (128 at most), not starting with a digit',
      ),
    text(32_768).refine((value) => !value.includes('\0'), 'must not contain a NUL byte'),
  )
  .refine(
    (env) => Object.entries(env).reduce((sum, [k, v]) => sum + k.length + Buffer.byteLength(v), 0) <= 262_144,
    'at most 256 KiB in all',
  );

/** ISO 8601, UTC, milliseconds. */
export const Instant = z.string().meta({ format: 'date-time', example: '2026-11-22T18:00:00.000Z' });
export const NullableInstant = Instant.nullable();

/** A number in a query string. Text that is empty or not a number is refused, never treated as 0. */
export const queryNumber = <S extends z.ZodNumber>(schema: S) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text),
    schema,
  );

/** A filter in a query string. An empty value (`?user=`), which old clients send, is treated as no filter. */
export const queryFilter = <S extends z.ZodType>(schema: S) =>
  z.preprocess((text) => (text === '' ? undefined : text), schema.optional());

/** Query of a list. With either of the two the answer is a page. */
export const PageQuery = z.object({
  limit: queryNumber(z.number().int().min(1).max(1000)).optional().meta({
    description:
      'Return a page `{items, next_cursor}` of at most this many items (1 to 1000) instead of a plain array.',
  }),
  cursor: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .meta({ description: 'The `next_cursor` of the page before; the next page is returned.' }),
});

const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item).meta({ description: 'The items of this page.' }),
    next_cursor: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last page.' }),
  });

/** A plain array for old callers; a page when `limit` or `cursor` was given. */
export const listOf = <T extends z.ZodType>(item: T) => z.union([z.array(item), pageOf(item)]);

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export const WaitQuery = z.object({
  wait: queryNumber(z.number().min(0).max(300))
    .optional()
    .meta({ description: 'Wait up to this many seconds (0 to 300) before answering.' }),
});

export const ProblemBody = z
  .object({
    type: z.string().meta({ description: '`urn:onmemos:problem:` and the error code.' }),
    title: z.string().meta({ description: 'The error code as a short sentence.' }),
    status: z.number().int().meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'A sentence that says what is wrong and what to do.' }),
    code: z.string().meta({ description: 'The error code, from a closed list.' }),
    request_id: z.string().meta({ description: 'Id of the request; the server’s log has the cause under it.' }),
    retryable: z.boolean().meta({
      description:
        'Whether the same call may succeed if it is repeated unchanged. False for a POST without an `Idempotency-Key` that may have taken effect already.',
    }),
    errors: z
      .array(
        z.object({
          field: z.string().meta({ description: 'Name of the field; `a.b` for a field within another.' }),
          message: z.string().meta({ description: 'What is wrong with it.' }),
        }),
      )
      .optional()
      .meta({ description: 'The invalid fields, if `code` is `invalid`.' }),
    status_reason: z
      .string()
      .optional()
      .meta({ description: 'Why the session ended, from the list of its `status_reason`, if it is not running.' }),
    resource: z.enum(RESOURCES).optional().meta({
      description: 'What does not exist, if `code` is `not_found` and it is not the path itself.',
    }),
    exec_id: z.string().optional().meta({ description: 'The command that the error is about, if it has a record.' }),
    exit_code: z.number().int().optional().meta({
      description:
        'Of a command that could not be started, the exit code that a shell would give it: 127 if there is no such program, 126 if it can’t be run or its folder can’t be entered.',
    }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
