/** The method by which Node, Deno and Bun print an object on their consoles. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Makes `secret` readable by its name alone, so that logs, `JSON.stringify` and copies by spreading do not have it. */
export const withHiddenSecret = <T extends { readonly secret?: string | null | undefined }>(answer: T): T => {
  if (typeof answer.secret !== 'string') return answer;
  return Object.defineProperty(answer, 'secret', { enumerable: false });
};
