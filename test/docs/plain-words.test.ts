import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files } from '../architecture/source.ts';
import { ROOT } from './snippets.ts';

/** Words that had to be read twice, each with what to write in their place. */
const REFUSED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(nobody|somebody)\b/i, 'name who acts, or say what does not happen'],
  [/\b(whoever|whomever|whom)\b/i, 'name the person or program'],
  [/\bone['’]s own\b|\boneself\b/i, '"your own", or the name of the owner'],
  [/\b(a|is|not) one that\b/i, 'repeat the noun: "a key that …"'],
  [/\bany more\b/i, '"no longer"'],
  [/\b(goes?|went|gone) on\b/i, '"continues" or "keeps running"'],
  [/\b(stands?|lies) (in|on|at|there|beside|behind|below|above)\b/i, '"is"'],
  [/\blives (in|at|under|beside)\b/i, '"is"'],
  [/\b(comes?|came) (by itself|anew|to hand)\b/i, 'name the sender'],
  [/\bwhen left out\b/i, '"default: …"'],
  [/\bmade again\b/i, '"repeated" or "created again"'],
  [/\b(wins?|won) over\b/i, '"overrides"'],
  [/\btaken for (a|an|none|broken|gone)\b/i, '"treated as"'],
  [/\bthe very\b/i, '"the same"'],
  [/\bis no (file|key|text|error|address|number|list|JSON|duration|size|time)\b/i, '"is not a …"'],
  [/\bto its end\b/i, '"until it ends"'],
];

interface Text {
  readonly place: string;
  readonly text: string;
}

const IS_PAGE = (file: string): boolean =>
  !file.includes('/') || file.startsWith('docs/') || /^sdk\/[^/]+\/README\.md$/.test(file);

/** A page without what is run or printed, paragraph by paragraph: a sentence may be broken over lines. */
const paragraphs = (file: string): readonly Text[] => {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^```[\s\S]*?^```$/gm, (block) =>
    block.replace(/[^\n]/g, ''),
  );
  return [...text.matchAll(/(?:^.*\S.*$\n?)+/gm)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split('\n').length}`,
    text: match[0].replace(/`[^`]*`/g, '`…`').replace(/\s+/g, ' '),
  }));
};

interface Described {
  readonly description?: unknown;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
  readonly $ref?: string;
}

const openapi = JSON.parse(readFileSync(join(ROOT, 'sdk/openapi.json'), 'utf8')) as {
  readonly components: { readonly schemas: Readonly<Record<string, Described>> };
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly parameters?: readonly (Described & { readonly name: string; readonly schema?: Described })[];
          }
        >
      >
    >
  >;
};

/** Every summary and description of the API, with the path to it. */
const described = (value: unknown, place: string): readonly Text[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' && (name === 'description' || name === 'summary')
      ? [{ place: `${place}.${name}`, text: inner.replace(/\s+/g, ' ') }]
      : described(inner, `${place}.${name}`),
  );
};

const refusedIn = (texts: readonly Text[]): readonly string[] =>
  texts.flatMap(({ place, text }) =>
    REFUSED.flatMap(([pattern, instead]) => {
      const found = pattern.exec(text);
      return found === null
        ? []
        : [`${place}: "${text.slice(Math.max(0, found.index - 30), found.index + 40)}": write ${instead}`];
    }),
  );

describe('plain words', () => {
  it('are what pages and the reference are written in', () => {
    const pages = files('.md').filter(IS_PAGE);
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'docs/guides/cost.md', 'docs/adr/0005-intents.md', 'docs/reference/cli.md']),
    );
    expect(refusedIn(pages.flatMap(paragraphs))).toEqual([]);
  });

  it('are what the API is described in', () => {
    const texts = described(openapi, 'openapi');
    expect(texts.length).toBeGreaterThan(300);
    expect(refusedIn(texts)).toEqual([]);
  });

  it('are found missing: each pattern has a sentence that it refuses', () => {
    const sentences = [
      'A ledger that nobody can sum.',
      'For whoever runs it.',
      'It is on one’s own machine.',
      'It is not one that opens.',
      'It is not needed any more.',
      'The command goes on.',
      'The amount stands on the session.',
      'State lives beside the command.',
      'It comes by itself.',
      'Seconds; 60 when left out.',
      'The call is made again.',
      'A size wins over a package.',
      'It is taken for broken.',
      'The very next request.',
      'It is no file.',
      'It runs to its end.',
    ];
    const missed = REFUSED.filter(([pattern], i) => !pattern.test(sentences[i] ?? '')).map(
      ([pattern]) => pattern.source,
    );
    expect(missed).toEqual([]);
  });
});

describe('every field and parameter of the API', () => {
  const undescribed = (schema: Described, place: string): readonly string[] => {
    const inner = [schema, schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
    return inner.flatMap((each) =>
      Object.entries(each?.properties ?? {}).flatMap(([name, field]) => [
        ...(field.description === undefined && field.$ref === undefined ? [`${place}.${name}`] : []),
        ...undescribed(field, `${place}.${name}`),
      ]),
    );
  };

  it('says what it means', () => {
    const fields = Object.entries(openapi.components.schemas).flatMap(([name, schema]) => undescribed(schema, name));
    expect(fields).toEqual([]);
    const parameters = Object.values(openapi.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ operationId, parameters: all = [] }) =>
        all
          .filter(({ description, schema }) => description === undefined && schema?.description === undefined)
          .map(({ name }) => `${operationId} ${name}`),
      ),
    );
    expect(parameters).toEqual([]);
  });
});
