import { z } from 'zod';
import { Env, ExecId, Instant, NullableInstant, queryNumber, text } from './common.ts';

const EXEC_STATUSES = ['running', 'exited', 'killed', 'timed_out', 'lost'] as const;
const Seconds = z.number().min(1).max(3000);
/** What Linux takes as one argument: 128 KiB with the NUL at its end. */
const MOST_ARGUMENT_BYTES = 131_071;
export const Command = text(MOST_ARGUMENT_BYTES)
  .min(1)
  .refine((value) => !value.includes('\0'), 'must not contain a NUL byte');
/** What Linux takes as a path: 4 KiB with the NUL at its end. */
const Path = text(4095)
  .min(1)
  .refine((value) => !value.includes('\0'), 'must not contain a NUL byte');

const CWD = 'Folder to start in (default: `/workspace`). A relative path is below `/workspace`.';
const Shell = z.enum(['sh', 'bash']);
const SHELL =
  'Shell of the line: `sh` (default, `/bin/sh`), or `bash`, which is refused if the session’s machine or image lacks it.';

export const Execute = z
  .strictObject({
    command: Command.meta({ description: 'Line for the shell.' }),
    shell: Shell.nullish().meta({ description: SHELL }),
    timeout: Seconds.nullish().meta({
      description: 'Seconds, 1 to 3000 (default: 120; for an asynchronous command, no limit but the session’s end).',
    }),
    async_execution: z
      .boolean()
      .nullish()
      .meta({ description: 'Return a job at once instead of the result (default: false).' }),
    env: Env.nullish().meta({ description: 'Environment variables in addition to the session’s.' }),
    cwd: Path.nullish().meta({ description: CWD }),
    exec_id: ExecId.nullish().meta({
      description: 'Id of your choice, by which the command can be ended while it runs. Running it twice runs it once.',
    }),
  })
  .meta({ id: 'Execute' });

export const ExecuteResult = z
  .object({
    stdout: z
      .string()
      .meta({ description: 'Output as text. Bytes that are not UTF-8 are U+FFFD; `stdout_base64` then has them.' }),
    stderr: z.string().meta({ description: 'Error output as text, like `stdout`.' }),
    returncode: z.number().int().meta({ description: 'Exit code; 124 at the timeout, 128 + n if signal n ended it.' }),
    success: z.boolean().meta({ description: 'Whether `returncode` is 0.' }),
    exec_id: z.string().meta({ description: 'Id of the exec, to read all of its output.' }),
    timed_out: z.boolean().meta({ description: 'Whether the timeout ended it.' }),
    truncated: z
      .boolean()
      .meta({ description: 'Whether a stream had more than 8 MiB. The exec’s output has the rest.' }),
    stdout_base64: z.string().optional().meta({ description: 'All bytes of stdout, if they are not UTF-8.' }),
    stderr_base64: z.string().optional().meta({ description: 'All bytes of stderr, if they are not UTF-8.' }),
  })
  .meta({ id: 'ExecuteResult' });

const JOB_STATUSES = ['running', 'completed', 'failed'] as const;
export const Job = z
  .object({
    job_id: z.string().meta({ description: 'Id of the job, which is also its exec id.' }),
    status: z
      .enum(JOB_STATUSES)
      .meta({ description: '`running`; `completed` if the exit code is 0; `failed` otherwise.' }),
    session_id: z.string().meta({ description: 'Id of the session.' }),
    command: z.string().meta({ description: 'The line that runs.' }),
    started_at: Instant.meta({ description: 'When it started.' }),
  })
  .extend(ExecuteResult.partial().shape)
  .extend({ ended_at: NullableInstant.optional().meta({ description: 'When it ended; null before that.' }) })
  .meta({ id: 'Job' });

export const ExecStart = z
  .strictObject({
    command: Command.optional().meta({
      description: 'Line for the shell. Exactly one of `command` and `argv` is required.',
    }),
    shell: Shell.optional().meta({ description: `${SHELL} Only with \`command\`.` }),
    argv: z
      .array(text(MOST_ARGUMENT_BYTES).refine((value) => !value.includes('\0'), 'must not contain a NUL byte'))
      .min(1)
      .max(4096)
      .refine(
        (argv) => argv.reduce((sum, word) => sum + Buffer.byteLength(word), 0) <= 262_144,
        'at most 256 KiB in all',
      )
      .optional()
      .meta({ description: 'Program and arguments, run without a shell. At most 256 KiB in all.' }),
    cwd: Path.optional().meta({ description: CWD }),
    env: Env.optional().meta({ description: 'Environment variables in addition to the session’s.' }),
    timeout: z
      .number()
      .positive()
      .max(86_400)
      .nullish()
      .meta({ description: 'Seconds, up to 86,400; by default no limit but the session’s end.' }),
    tty: z
      .union([
        z.boolean(),
        z.strictObject({
          cols: z.number().int().min(1).max(1000).meta({ description: 'Width in characters.' }),
          rows: z.number().int().min(1).max(1000).meta({ description: 'Height in characters.' }),
        }),
      ])
      .optional()
      .meta({ description: 'Give it a terminal, of this size or of 80 x 24 (default: false).' }),
    merge: z
      .boolean()
      .optional()
      .meta({ description: 'Use one pipe for stdout and stderr, so that their order is exact (default: false).' }),
    stdin: z
      .boolean()
      .optional()
      .meta({ description: 'Keep stdin open for the stdin call (default: false, stdin is empty).' }),
    log_limit_mb: z
      .number()
      .int()
      .min(1)
      .max(1024)
      .optional()
      .meta({ description: 'Output to keep, in MiB, 1 to 1024 (default: 64). The oldest output is dropped first.' }),
    when_full: z.enum(['hold', 'drop_oldest']).optional().meta({
      description:
        'What happens when the output log is full. `hold`: the command waits until its holding reader has taken more output, so that nothing is lost. `drop_oldest` (default): the command never waits, and the oldest output is dropped.',
    }),
    exec_id: ExecId.optional().meta({
      description: 'Id of your choice. A second start with the same id starts nothing and returns the first exec.',
    }),
  })
  .refine((body) => (body.command === undefined) !== (body.argv === undefined), {
    message: 'give exactly one of command and argv',
    path: ['command'],
  })
  .refine((body) => body.shell === undefined || body.argv === undefined, {
    message: 'is for command: argv runs without a shell',
    path: ['shell'],
  })
  .meta({ id: 'ExecStart' });

export const Exec = z
  .object({
    exec_id: z.string().meta({ description: 'Id of the exec, unique in its session.' }),
    session_id: z.string().meta({ description: 'Id of the session.' }),
    command: z.string().nullable().meta({ description: 'The line that runs; null if `argv` was given.' }),
    argv: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The program and its arguments; null if `command` was given.' }),
    status: z.enum(EXEC_STATUSES).meta({
      description:
        '`running`; `exited` by itself; `killed` by a signal; `timed_out`; `lost` if its keeper or agent died.',
    }),
    exit_code: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Exit code; 124 at the timeout; null while it runs and if a signal ended it.' }),
    signal: z.string().nullable().meta({
      description:
        'Name of the signal that ended it, without `SIG`, or its number as text if it has no name; otherwise null.',
    }),
    signal_number: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Number of that signal, as Linux counts them; otherwise null.' }),
    tty: z.boolean().meta({ description: 'Whether it has a terminal.' }),
    next_offset: z.number().int().meta({ description: 'Number of bytes of output so far.' }),
    truncated: z.boolean().meta({ description: 'Whether output was dropped before its reader had it.' }),
    missing_from: z.number().int().nullable().meta({
      description: 'Offset of the first byte that was dropped before its reader had it; null if there is none.',
    }),
    stdin_offset: z.number().int().meta({ description: 'Number of bytes of input accepted so far.' }),
    started_at: Instant.meta({ description: 'When it started.' }),
    ended_at: NullableInstant.meta({ description: 'When it ended; null while it runs.' }),
  })
  .meta({ id: 'Exec' });

export const AttachQuery = z.object({
  from: queryNumber(z.number().int().min(0))
    .optional()
    .meta({ description: 'Offset in bytes to read from; by default the oldest byte that is kept.' }),
  hold: ExecId.optional().meta({
    description:
      'A name that this reader has chosen. A command that was started with `when_full: hold` waits for the first reader that gives a name and reads from byte 0. After a cut, a reader with the same name can continue within 60 seconds.',
    example: 'reader-1',
  }),
});

export const OutputQuery = AttachQuery.extend({
  since: z.iso.datetime({ offset: true }).optional().meta({
    description:
      'Leave out output that was read from the command before this instant. With `from` too, reading begins at the later of the two. A `gap` is sent only if the dropped bytes may be of this instant or later. Not together with `hold`.',
    example: '2026-11-22T18:00:00Z',
  }),
});

/** The data of the events of an output stream: `chunk`, `gap`, and `exit`, which carries an Exec. */
export const OutputChunk = z
  .object({
    seq: z.number().int().meta({ description: 'Offset of the first byte in the log of both streams.' }),
    stream: z.enum(['stdout', 'stderr']).meta({ description: '`stdout` or `stderr`; a terminal has only `stdout`.' }),
    data: z.string().meta({ description: 'The bytes, as `encoding` says.' }),
    encoding: z.enum(['utf8', 'base64']).meta({ description: '`utf8`, or `base64` if the bytes are not UTF-8.' }),
    time: NullableInstant.meta({
      description:
        'When the first byte was read from the command, to 50 milliseconds. It never goes back within a log. Null if the keeper of the session is of an earlier version, which keeps no times.',
    }),
  })
  .meta({ id: 'OutputChunk' });
export const OutputGap = z
  .object({
    from: z.number().int().meta({ description: 'Offset of the first dropped byte.' }),
    to: z.number().int().meta({ description: 'Offset of the first byte after the gap.' }),
  })
  .meta({
    id: 'OutputGap',
    description: 'Bytes that were dropped before they were read: `from` to `to`, the latter kept.',
  });

export const Stdin = z
  .strictObject({
    offset: z.number().int().min(0).meta({
      description: 'Offset of the first byte of `data` in the input. Bytes that were accepted before are skipped.',
    }),
    data: z.string().max(12_582_912).meta({ description: 'The bytes, as `encoding` says.' }),
    encoding: z.enum(['utf8', 'base64']).optional().meta({ description: '`utf8` (default) or `base64`.' }),
    eof: z.boolean().optional().meta({ description: 'Close stdin after these bytes (default: false).' }),
  })
  .meta({ id: 'Stdin' });
export const StdinResult = z
  .object({
    next_offset: z.number().int().meta({ description: 'Offset for the next call.' }),
    eof: z.boolean().meta({ description: 'Whether stdin is closed.' }),
  })
  .meta({ id: 'StdinResult' });

const SIGNALS = ['TERM', 'KILL', 'PIPE', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'STOP', 'CONT', 'WINCH'] as const;
export const Signal = z
  .strictObject({
    signal: z
      .preprocess(
        (value) => (typeof value === 'string' ? value.toUpperCase().replace(/^SIG/, '') : value),
        z.enum(SIGNALS),
      )
      .meta({ description: 'Name of the signal, with or without `SIG`.' }),
  })
  .meta({ id: 'Signal' });
