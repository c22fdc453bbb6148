import { z } from 'zod';
import { addressOf, originOf } from '#platform/values.ts';

export const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 0 or 1')
  .transform((value) => value === '1' || value === 'true');
/**
 * A decimal number. Refuses blanks, which JavaScript reads as 0, and forms such as 0x10 or 1e3.
 * @param sentence says which numbers are right
 */
export const numeral = (sentence: string) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, sentence)
    .transform(Number);
export const count = (least: number, most: number) => {
  const sentence = `must be a whole number from ${least} to ${most}`;
  return numeral(sentence).pipe(z.number().int(sentence).min(least, sentence).max(most, sentence));
};

export const address = z.string().transform((text, context) => {
  const found = addressOf(text);
  if (found === null) context.addIssue('must be an address such as https://onmemos.example');
  return found ?? z.NEVER;
});
/** Origins, separated by commas. */
export const origins = z.string().transform((text, context) => {
  const given = text.split(',').filter((each) => each.trim() !== '');
  const wrong = given.find((each) => originOf(each) === null);
  if (wrong !== undefined)
    context.addIssue(`must be origins such as https://console.example, without a path; ${wrong.trim()} is none`);
  return given.map(originOf).join(',');
});
/** One of a few words, in any case. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.preprocess(
    (text) => (typeof text === 'string' ? text.toLowerCase() : text),
    z.enum(words, `must be one of ${words.join(', ')}`),
  );

/** Adds what is wrong with a list, if its reader throws. */
export const readable =
  <T>(read: (list: T) => unknown) =>
  (list: T, context: z.core.$RefinementCtx<T>) => {
    try {
      read(list);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.addIssue(`must be addresses or ranges, separated by commas: ${why}`);
    }
  };

/** The given settings of an environment: those with our prefix and a value. */
export const givenIn = (env: NodeJS.ProcessEnv, others: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => name.startsWith('ONMEMOS_') || others.includes(name))
      .map(([name, value = '']) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ''),
  );

export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}
