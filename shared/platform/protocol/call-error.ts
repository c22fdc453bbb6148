/**
 * A refusal whose code the exec contract does not have. The protocol's own are `version` (no version in common),
 * `no_such_op`, `cancelled` and `internal`; a keeper has some of its own for control.
 */
export class CallError extends Error {
  override readonly name: string = 'CallError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
