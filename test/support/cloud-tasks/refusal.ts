import { status } from '@grpc/grpc-js';

/** An answer with an error, as the service gives it. Each text of Google’s that was seen is quoted in the README. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
  }
}

export const invalid = (details: string): Refusal => new Refusal(status.INVALID_ARGUMENT, details);
export const notFound = (details = 'Requested entity was not found.'): Refusal =>
  new Refusal(status.NOT_FOUND, details);
