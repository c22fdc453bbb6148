import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Languages whose blocks are run; the others are there to be read. */
export const LANGUAGES = ['sh', 'python', 'ts'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Snippet {
  readonly page: string;
  /** The line of its first line of text, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What the `text` block right behind it says that it prints; null where there is none. */
  readonly said: string | null;
}

/** Two fences are one behind the other where nothing but blank lines is between them. */
const FENCE = /^```(\w*)\n([\s\S]*?)^```$(?:\s*^```text\n([\s\S]*?)^```$)?/gm;

/** The fenced blocks of a page, in order; a `text` block behind another belongs to that. */
export const snippets = (page: string): readonly Snippet[] => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(FENCE)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1] ?? '',
    text: match[2] ?? '',
    said: match[3] ?? null,
  }));
};

const OF_EXTENSION: Readonly<Record<string, Language>> = { '.sh': 'sh', '.py': 'python', '.ts': 'ts' };

/** A whole program as one block. */
export const example = (file: string): Snippet => ({
  page: file,
  line: 1,
  language: OF_EXTENSION[extname(file)] ?? '',
  text: readFileSync(join(ROOT, file), 'utf8'),
  said: null,
});
