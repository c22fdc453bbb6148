import { EXIT } from './exit-codes.ts';
import { type Told, tell } from './errors.ts';

/** What a failure is called where the server has given it no code. */
const KIND_OF_EXIT: Readonly<Record<number, string>> = {
  [EXIT.usage]: 'usage',
  [EXIT.notFound]: 'not_found',
  [EXIT.denied]: 'denied',
  [EXIT.unavailable]: 'unavailable',
  126: 'not_started',
  127: 'not_started',
};

interface ErrorField {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** What to do next. */
    readonly hint: string | null;
    /** The code that this program ends with. */
    readonly exit_code: number;
    readonly request_id?: string;
  };
}

/** What a failure prints on stdout under `--json`, besides its line on stderr. @param exit the code that it ends with */
export const errorField = (error: unknown, told: Told, exit: number): ErrorField => {
  const { code, request_id } = (error ?? {}) as { readonly code?: unknown; readonly request_id?: unknown };
  const [message = 'Interrupted.', ...more] = told.lines;
  const kind = told.lines.length === 0 ? 'interrupted' : (KIND_OF_EXIT[told.exit] ?? 'failed');
  return {
    error: {
      code: typeof code === 'string' ? code : kind,
      message,
      hint: more.length > 0 ? more.join('\n') : null,
      exit_code: exit,
      ...(typeof request_id === 'string' ? { request_id } : {}),
    },
  };
};

/** As {@link errorField}, of a command line that can't be understood. */
export const usageField = (message: string, exit: number): ErrorField =>
  errorField(null, { ...tell(new Error(message)), exit: EXIT.usage }, exit);
