import { CHECK, connectionWords, FOREIGN_ANSWER } from './connection-words.ts';
import { EXIT } from './exit-codes.ts';
import { serverWords } from './server-words.ts';

/** An error that a person reads: what is wrong, and what to do next. */
export class CliError extends Error {
  readonly exit: number;
  readonly hint: string | undefined;

  constructor(
    message: string,
    options: { readonly exit?: number; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.exit = options.exit ?? EXIT.failed;
    this.hint = options.hint;
  }
}

/** The command line is not right. */
export const usageError = (message: string, hint?: string): CliError =>
  new CliError(message, { exit: EXIT.usage, ...(hint === undefined ? {} : { hint }) });

const EXIT_OF_CODE: Readonly<Record<string, number>> = {
  malformed: EXIT.usage,
  invalid: EXIT.usage,
  not_found: EXIT.notFound,
  unauthenticated: EXIT.denied,
  forbidden: EXIT.denied,
  entitlement_denied: EXIT.denied,
  quota_exceeded: EXIT.denied,
  storage_exceeded: EXIT.denied,
  budget_exceeded: EXIT.denied,
  rate_limited: EXIT.unavailable,
  unavailable: EXIT.unavailable,
  timeout: EXIT.unavailable,
  connection_failed: EXIT.unavailable,
};

/** What to do next, in this program's terms. The server's sentence says what is wrong, and of `forbidden` also what to do. */
const HINT_OF_CODE: Readonly<Record<string, string>> = {
  unauthenticated:
    'Keep a key with `onmemos login`, or set ONMEMOS_API_KEY; `onmemos doctor` says which server is used.',
  not_found: 'Check the spelling; what a key may not see is not found.',
  session_not_running: '`onmemos sessions ls` shows what runs; `onmemos events SESSION` says why it ended.',
  entitlement_denied: '`onmemos users limits` shows what is allowed, `onmemos packages` what there is.',
  quota_exceeded: 'End something first: `onmemos sessions ls`, then `onmemos sessions rm`.',
  storage_exceeded: 'Ask for less, or remove a volume or bucket: `onmemos volumes ls`.',
  budget_exceeded:
    'A smaller package, less storage or a shorter --ttl costs less; `onmemos cost report` shows what was spent.',
  connection_failed: '`onmemos doctor` looks for what is wrong.',
  rate_limited: 'Try again in a moment.',
  unavailable: 'Try again in a moment; `onmemos doctor` looks for what is wrong.',
  timeout: 'Try again in a moment.',
};

/** The same for fields that a person chooses from a list. */
const HINT_OF_FIELD: Readonly<Record<string, string>> = {
  user: 'Give --user, set ONMEMOS_USER, or `onmemos config set user NAME`.',
  resource_package: '`onmemos packages` lists them.',
  provider: '`onmemos providers` lists them.',
  workspace_owner: 'Write the workspace as OWNER/ID.',
};

/** Commands that list the things of which one is not found. */
const LIST_OF: Readonly<Record<string, string>> = {
  session: 'sessions ls --all',
  workspace: 'workspaces ls',
  volume: 'volumes ls',
  bucket: 'buckets ls',
  key: 'keys ls',
  webhook: 'webhooks ls',
};

const hintOfCode = (code: string, extra: unknown): string | undefined => {
  const { resource } = (extra ?? {}) as { readonly resource?: unknown };
  const list = code === 'not_found' ? LIST_OF[String(resource)] : undefined;
  if (list !== undefined) return `\`onmemos ${list}\` lists those that this key may see.`;
  return HINT_OF_CODE[code];
};

/** Hints of a code that are of another kind for this field. */
const HINT_OF_BOTH: Readonly<Record<string, string>> = {
  'quota_exceeded workspace_id':
    'Delete a workspace first: `onmemos workspaces ls`, then `onmemos workspaces rm`; `onmemos users limits` shows the limit.',
};

/** The lines that an error prints, and the exit code. */
export interface Told {
  readonly lines: readonly string[];
  readonly exit: number;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Invalid fields that the sentence does not mention. */
const fieldLines = (errors: unknown, said: string): string[] =>
  Array.isArray(errors)
    ? errors.flatMap((entry: unknown) => {
        const { field, message } = (entry ?? {}) as { field?: unknown; message?: unknown };
        return text(field) && text(message) && !said.includes(String(message))
          ? [serverWords(`  ${field}: ${message}`)]
          : [];
      })
    : [];

/** Checks the shape and not the class, so that an error can be reported without loading the SDK. */
export const tell = (error: unknown): Told => {
  if (!(error instanceof Error)) return { lines: [String(error)], exit: EXIT.failed };
  const { code, hint, next, errors, extra, request_id, requestId, exit, exit_code, url } = error as Error &
    Readonly<Record<string, unknown>>;
  const id = text(request_id) ?? text(requestId);
  if (error instanceof CliError && error.message === '') return { lines: [], exit: error.exit };
  const unreached = code === 'connection_failed' && typeof url === 'string' ? connectionWords(url, error.cause) : null;
  if (unreached) {
    const also = text(next);
    return { lines: [unreached.message, ...(also ? [also] : []), unreached.hint], exit: EXIT.unavailable };
  }
  // OnMemOS says in each answer what is wrong.
  if (FOREIGN_ANSWER.test(error.message))
    return { lines: [`${error.message}, and not as an OnMemOS server does.`, CHECK], exit: EXIT.unavailable };
  // Only errors of the server and the SDK have a code.
  const sentence = typeof code === 'string' ? serverWords(error.message) : error.message;
  const lines = [sentence || error.name, ...fieldLines(errors, error.message)];
  const field = Array.isArray(errors) ? String((errors[0] as { field?: unknown } | undefined)?.field) : '';
  const own =
    HINT_OF_BOTH[`${String(code)} ${field}`] ??
    HINT_OF_FIELD[field] ??
    (typeof code === 'string' ? hintOfCode(code, extra) : undefined);
  const advice = own ?? (error instanceof CliError ? text(hint) : null);
  if (advice !== null) lines.push(advice);
  if (id !== null && code === 'internal') lines.push(`The server’s log has more under request ${id}.`);
  const byCode = typeof code === 'string' ? EXIT_OF_CODE[code] : undefined;
  if (typeof exit === 'number') return { lines, exit };
  // A command that could not be started ends as it does under a shell.
  return { lines, exit: typeof exit_code === 'number' ? exit_code : (byCode ?? EXIT.failed) };
};
