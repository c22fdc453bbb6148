import { readFileSync } from 'node:fs';
import { usageError } from './errors.ts';

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([^\s=#'"]+)[ \t]*(?:(=)[ \t]*)?/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };
const QUOTED: Readonly<Record<string, RegExp>> = { "'": /^'([^']*)'/, '"': /^"((?:[^"\\]|\\[\s\S])*)"/ };

interface Value {
  readonly value: string;
  /** What follows on its last line. */
  readonly rest: string;
}

/** A value in quotes, which may have line ends; null if its quote is never closed. */
const quoted = (text: string, quote: string): Value | null => {
  const [all, inside] = QUOTED[quote]?.exec(text) ?? [];
  if (all === undefined || inside === undefined) return null;
  const value = quote === '"' ? inside.replace(/\\([\s\S])/g, (pair, char: string) => ESCAPES[char] ?? pair) : inside;
  return { value, rest: text.slice(all.length) };
};

/** A value without quotes ends at its line, or at a comment behind a blank. */
const unquoted = (text: string): Value => {
  const line = text.split('\n', 1)[0] ?? '';
  return { value: line.replace(/(?:^|[ \t])#.*$/, '').trim(), rest: text.slice(line.length) };
};

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/**
 * The variables of a `.env` file: `KEY=VALUE` lines, `export` before them, comments, values in single quotes as they
 * are, values in double quotes with \n, \t, \" and \\, both over several lines. Nothing is expanded. `KEY` alone copies
 * the variable from `from`.
 * @throws CliError usage, with the name of the file and the number of the line that can't be read
 */
export const parseEnvFile = (content: string, name: string, from: NodeJS.ProcessEnv): Record<string, string> => {
  const text = content.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const found: Record<string, string> = {};
  const refuse = (at: number, why: string): never => {
    throw usageError(
      `${name}, line ${lineOf(text, at)}: ${why}`,
      'Lines look like KEY=VALUE, KEY="VALUE" or # comment.',
    );
  };
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, end).trim();
    if (line === '' || line.startsWith('#')) {
      at = end;
      continue;
    }
    const [lead, key, equals] = ASSIGNMENT.exec(text.slice(at, end)) ?? [];
    if (lead === undefined || key === undefined) return refuse(at, 'this is not KEY=VALUE.');
    // A blank before a line end belongs to the value, which is empty then.
    const begin = at + lead.replace(/\n.*$/s, '').length;
    const quote = text.charAt(begin);
    const value =
      equals !== undefined && quote in QUOTED ? quoted(text.slice(begin), quote) : unquoted(text.slice(begin));
    if (value === null) return refuse(at, `the quote of ${key} is never closed.`);
    const [after = ''] = value.rest.split('\n', 1);
    if (equals === undefined && value.value !== '') return refuse(at, 'this is not KEY=VALUE.');
    if (after.trim() !== '' && !/^\s*#/.test(after)) return refuse(at, `there is more behind the quotes of ${key}.`);
    const copied = equals === undefined ? from[key] : value.value;
    if (copied === undefined) return refuse(at, `${key} has no value, and there is no such variable here.`);
    found[key] = copied;
    at = text.length - value.rest.length + after.length + 1;
  }
  return found;
};

const WHY_UNREAD: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file.',
  EISDIR: 'it is a folder.',
  EACCES: 'you may not read it.',
};

/** The variables of several files; a later one replaces what an earlier one sets. @throws CliError usage */
export const readEnvFiles = (paths: readonly string[] = []): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const path of paths) {
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      throw usageError(`--env-file ${path} can’t be read: ${WHY_UNREAD[code] ?? message}`);
    }
    Object.assign(found, parseEnvFile(content, path, process.env));
  }
  return found;
};
