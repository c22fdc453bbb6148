/**
 * A refusal with a code that is not part of the exec contract. The protocol's codes are `version` (no version in
 * common), `no_such_op`, `cancelled` and `internal`. A keeper has further codes for control.
 */
export class CallError extends Error {
  override readonly name: string = 'CallError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
