import { describe, expect, it } from 'vitest';
import { expectNone, files, isTest, read } from './source.ts';

const sources = files('.ts').filter((file) => /^(shared|functions)\//.test(file) && !isTest(file));

/** Sentences that need no advice of their own. */
const ENOUGH: readonly RegExp[] = [
  // The hint of `not_found` is the same for all.
  /does not exist, or you can’t see it\.$/,
  /^The \$\{at\.kind\} \$\{at\.name\} does not exist in workspace/,
  /^The page at \/docs has no such file\.$/,
  // They name the condition that is missing, or the permission that nobody can give.
  /^An agent may only use the channel/,
  // It shows what to send.
  /^A message is one JSON object, such as/,
  // The advice is made within the sentence.
  /^\$\{provider\} can’t mount/,
  /^\$\{extended\.message\}/,
  /^User \$\{user_id\} has \$\{live_sessions/,
  /exists already\$\{before\.status/,
];

/** The literal sentences that errors for callers are made with. */
const sentencesIn = (text: string): readonly string[] =>
  [...text.matchAll(/new Problem\(\s*'[a-z_]+',\s*(?:'((?:[^'\\]|\\.)+)'|`((?:[^`\\]|\\.)+)`)/g)].map(
    ([, plain, template]) => plain ?? template ?? '',
  );

/** One clause says what is wrong; what follows it says what to do. */
const saysWhatNext = (sentence: string): boolean =>
  /[.;:] \S/.test(sentence.replaceAll(/\$\{[^}]*\}/g, 'x')) || ENOUGH.some((pattern) => pattern.test(sentence));

/** Texts in quotes, of lines that are no comments. */
const textsIn = (source: string): readonly string[] =>
  source
    .split('\n')
    .filter((line) => !/^\s*(?:\*|\/\*|\/\/)/.test(line))
    .flatMap((line) => line.match(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? []);

it('a sentence has the apostrophe of all others', () => {
  const written = files('.ts').filter((file) => /^(shared|functions|sdk\/cli\/src)\//.test(file) && !isTest(file));
  // Messages of the protocol are plain ASCII: its vectors fix them for programs in other languages.
  const asked = written.filter((file) => !file.startsWith('shared/platform/protocol/'));
  const wrong = asked.flatMap((file) =>
    textsIn(read(file))
      .filter((text) => /[a-z]'(?:s|t|re|ve|ll|d)\b/.test(text))
      .map((text) => `${file}: ${text}`),
  );
  expectNone(wrong, 'Write ’ in texts for people.');
  expect(textsIn("throw new Error(`it can't`);")).toEqual(["`it can't`"]);
});

describe('an error for a caller', () => {
  it('says what to do next, besides what is wrong', () => {
    const all = sources.flatMap((file) => sentencesIn(read(file)).map((sentence) => ({ file, sentence })));
    expect(all.length).toBeGreaterThan(50);
    const short = all.filter(({ sentence }) => !saysWhatNext(sentence));
    expectNone(
      short.map(({ file, sentence }) => `${file}: ${sentence}`),
      'Add a sentence that says what the caller can do, or why none is needed to ENOUGH of this file.',
    );
  });

  it('is seen where it does not', () => {
    const [sentence = ''] = sentencesIn(`throw new Problem('conflict', 'This key was revoked.');`);
    expect([sentence, saysWhatNext(sentence)]).toEqual(['This key was revoked.', false]);
    expect(saysWhatNext(`${sentence} Use another.`)).toBe(true);
  });
});
