import { usageError } from '../errors.ts';

/** A tar stream instead of a file or folder. */
export const STREAM = '-';

/** A side of a copy: a path of this machine, or of a session. */
export interface Place {
  /** What names the session; null on this machine. */
  readonly session: string | null;
  readonly path: string;
}

const REMOTE = /^(?<session>[^:/]+):(?<path>.*)$/s;

/** `SESSION:PATH`, else a path of this machine. A name with a colon is written as `./a:b`. */
export const placeOf = (typed: string): Place => {
  const { session, path } = REMOTE.exec(typed)?.groups ?? {};
  if (session === undefined || path === undefined || /^\.{1,2}$/.test(session)) return { session: null, path: typed };
  return { session, path: path === '' ? '.' : path };
};

export interface Copy {
  readonly session: string;
  /** Into the session. */
  readonly up: boolean;
  readonly from: string;
  readonly to: string;
}

/** @throws CliError usage if not exactly one side is in a session */
export const copyOf = (source: string, target: string): Copy => {
  const [from, to] = [placeOf(source), placeOf(target)];
  if (from.session !== null && to.session !== null) {
    throw usageError(
      'Both sides are in a session.',
      'Copy through this machine: onmemos cp SESSION:PATH - | onmemos cp - SESSION:FOLDER',
    );
  }
  const session = from.session ?? to.session;
  if (session === null) {
    throw usageError('No side is in a session.', 'Name one as SESSION:PATH, such as `onmemos cp notes.txt ses-01:.`');
  }
  if (from.path === '' || to.path === '') throw usageError('An empty path names no file.');
  return { session, up: to.session !== null, from: from.path, to: to.path };
};

/** Whether a path asks for the contents of a folder and not for the folder itself. */
export const meansContents = (path: string): boolean => /(?:^|\/)\.\/*$/.test(path);

/** The last name of a path; empty for `/`. */
export const lastName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? '';

/** What is at a path. */
export type Kind = 'file' | 'folder' | 'other' | 'none';

/** Where a copy ends up: the folder that the archive is unpacked in, and the name there; null for the folder itself. */
export interface Landing {
  readonly folder: string;
  readonly name: string | null;
}

const join = (folder: string, name: string): string =>
  `${folder.replace(/(?<=.)\/+$/, '')}${folder === '/' ? '' : '/'}${name}`;

const parentOf = (path: string): string => {
  const bare = path.replace(/(?<=.)\/+$/, '');
  const at = bare.lastIndexOf('/');
  return at === -1 ? '.' : at === 0 ? '/' : bare.slice(0, at);
};

/**
 * Where a source lands, as with `cp -r`: in a folder that is there, else under the target's own name.
 * @param name the last name of the source
 * @throws CliError if the target is of the wrong kind
 */
export const landing = (
  source: { readonly kind: 'file' | 'folder'; readonly name: string; readonly contents: boolean },
  target: { readonly path: string; readonly kind: Kind },
): Landing => {
  const { path, kind } = target;
  if (source.kind === 'folder') {
    if (kind === 'file' || kind === 'other')
      throw usageError(`${path} is not a folder, so no folder can be copied to it.`);
    return { folder: kind === 'folder' && !source.contents ? join(path, source.name) : path, name: null };
  }
  if (kind === 'folder') return { folder: path, name: source.name };
  if (path.endsWith('/'))
    throw usageError(`There is no folder ${path}`, 'Make it first, or leave out the slash at the end.');
  return { folder: parentOf(path), name: lastName(path) };
};

/** The name of a file until it is whole. No other file has it. */
export const partName = (): string => `.onmemos-${crypto.randomUUID()}.part`;
