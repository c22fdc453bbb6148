import { z } from 'zod';
import { Env, ExecId, Instant, NullableInstant, queryNumber } from './common.ts';

const EXEC_STATUSES = ['running', 'exited', 'killed', 'timed_out', 'lost'] as const;
const Seconds = z.number().min(1).max(3000);
const Command = z
  .string()
  .min(1)
  .max(131_072)
  .refine((text) => !text.includes('\0'), 'must not contain a NUL byte');
const Path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0'), 'must not contain a NUL byte');

export const Execute = z
  .object({
    command: Command.meta({ description: 'Run by /bin/sh -c in /workspace.' }),
    timeout: Seconds.nullish().meta({
      description:
        'Seconds (1 to 3000, 120 when left out; an asynchronous command without one runs to the session’s end).',
    }),
    async_execution: z.boolean().nullish(),
    env: Env.nullish(),
    cwd: Path.nullish(),
  })
  .meta({ id: 'Execute' });

export const ExecuteResult = z
  .object({
    stdout: z.string(),
    stderr: z.string(),
    returncode: z.number().int(),
    success: z.boolean(),
    exec_id: z.string(),
    timed_out: z.boolean(),
    truncated: z.boolean().meta({ description: 'More than 8 MiB of one stream: the rest is in the exec’s output.' }),
    stdout_base64: z.string().optional().meta({ description: 'Only where stdout is not valid UTF-8.' }),
    stderr_base64: z.string().optional(),
  })
  .meta({ id: 'ExecuteResult' });

const JOB_STATUSES = ['running', 'completed', 'failed'] as const;
export const Job = z
  .object({
    job_id: z.string(),
    status: z.enum(JOB_STATUSES),
    session_id: z.string(),
    command: z.string(),
    started_at: Instant,
  })
  .extend(ExecuteResult.partial().shape)
  .extend({ ended_at: NullableInstant.optional() })
  .meta({ id: 'Job' });

export const ExecStart = z
  .object({
    command: Command.optional(),
    argv: z
      .array(
        z
          .string()
          .max(131_072)
          .refine((text) => !text.includes('\0'), 'must not contain a NUL byte'),
      )
      .min(1)
      .max(4096)
      .refine(
        (argv) => argv.reduce((sum, word) => sum + Buffer.byteLength(word), 0) <= 262_144,
        'at most 256 KiB in all',
      )
      .optional(),
    cwd: Path.optional(),
    env: Env.optional(),
    timeout: z
      .number()
      .positive()
      .max(86_400)
      .nullish()
      .meta({ description: 'Seconds; without it the exec runs to the session’s end.' }),
    tty: z
      .union([
        z.boolean(),
        z.object({ cols: z.number().int().min(1).max(1000), rows: z.number().int().min(1).max(1000) }),
      ])
      .optional(),
    merge: z.boolean().optional().meta({ description: 'One pipe for both streams, for exact order.' }),
    stdin: z.boolean().optional().meta({ description: 'Keep stdin open for the stdin route; otherwise it is empty.' }),
    log_limit_mb: z.number().int().min(1).max(1024).optional(),
    exec_id: ExecId.optional().meta({ description: 'Your own id; starting it twice starts it once.' }),
  })
  .refine((body) => (body.command === undefined) !== (body.argv === undefined), {
    message: 'give exactly one of command and argv',
    path: ['command'],
  })
  .meta({ id: 'ExecStart' });

export const Exec = z
  .object({
    exec_id: z.string(),
    session_id: z.string(),
    command: z.string().nullable(),
    argv: z.array(z.string()).nullable(),
    status: z.enum(EXEC_STATUSES),
    exit_code: z.number().int().nullable(),
    signal: z.string().nullable(),
    tty: z.boolean(),
    next_offset: z.number().int(),
    stdin_offset: z.number().int(),
    started_at: Instant,
    ended_at: NullableInstant,
  })
  .meta({ id: 'Exec' });

export const OutputQuery = z.object({
  from: queryNumber(z.number().int().min(0))
    .optional()
    .meta({ description: 'An offset; the oldest byte kept when left out.' }),
});

/** The data of the events of an output stream: `chunk`, `gap`, and `exit`, which carries an Exec. */
export const OutputChunk = z
  .object({
    seq: z.number().int().meta({ description: 'Offset of its first byte in the log, over both streams.' }),
    stream: z.enum(['stdout', 'stderr']),
    data: z.string(),
    encoding: z
      .enum(['utf8', 'base64'])
      .meta({ description: 'base64 where these bytes by themselves are not valid UTF-8.' }),
  })
  .meta({ id: 'OutputChunk' });
export const OutputGap = z.object({ from: z.number().int(), to: z.number().int() }).meta({
  id: 'OutputGap',
  description: 'Bytes that were dropped before they were read: `from` to `to`, the latter kept.',
});

export const Stdin = z
  .object({
    offset: z.number().int().min(0),
    data: z.string().max(12_582_912),
    encoding: z.enum(['utf8', 'base64']).optional(),
    eof: z.boolean().optional(),
  })
  .meta({ id: 'Stdin' });
export const StdinResult = z.object({ next_offset: z.number().int(), eof: z.boolean() }).meta({ id: 'StdinResult' });

const SIGNALS = ['TERM', 'KILL', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'STOP', 'CONT', 'WINCH'] as const;
export const Signal = z
  .object({
    signal: z.preprocess(
      (value) => (typeof value === 'string' ? value.toUpperCase().replace(/^SIG/, '') : value),
      z.enum(SIGNALS),
    ),
  })
  .meta({ id: 'Signal' });
