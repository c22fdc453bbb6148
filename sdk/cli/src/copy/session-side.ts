import type { Session } from 'onmemos';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { helperCommand } from '../helper-commands.ts';
import type { Kind } from './place.ts';

/** What is at a path of a session. */
export interface Found {
  readonly kind: Kind;
  /** The path with all links followed; the path itself where it can't be told. */
  readonly real: string;
}

const PROBE = `
command -v tar >/dev/null 2>&1 || { echo notar; exit; }
if [ -d "$1" ]; then echo folder; elif [ -f "$1" ]; then echo file; elif [ -e "$1" ] || [ -L "$1" ]; then echo other; else echo none; fi
cd -P -- "$1" 2>/dev/null && pwd -P && exit
readlink -f -- "$1" 2>/dev/null || printf '%s\\n' "$1"`;

const KINDS: ReadonlySet<string> = new Set(['file', 'folder', 'other', 'none']);

/** Looks at a path of a session. @throws CliError if the session has no tar, or can't be asked */
export const look = async (session: Session, path: string, signal: AbortSignal): Promise<Found> => {
  const { stdout, stderr } = await session.run(helperCommand(PROBE, path), { signal });
  const [kind = '', ...real] = stdout.replace(/\n$/, '').split('\n');
  if (kind === 'notar') {
    throw new CliError('There is no `tar` in the session, and `onmemos cp` needs it there.', {
      hint: 'Install it in the session, or use `onmemos exec` with cat.',
    });
  }
  if (!KINDS.has(kind)) throw new CliError(`The path ${path} of the session can’t be looked at: ${stderr.trim()}`);
  return { kind: kind as Kind, real: real.join('\n') };
};

/** @throws CliError not found */
export const notFound = (path: string, where: string): CliError =>
  new CliError(`There is no file or folder ${path} ${where}.`, { exit: EXIT.notFound });

/** The program that packs what is at a path: a file under its own name, or the contents of a folder. */
export const packCommand = ({ kind, real }: Found): string[] => {
  if (kind === 'folder') return packIn(real, '.');
  const at = real.lastIndexOf('/');
  return packIn(at === -1 ? '.' : real.slice(0, at) || '/', `./${real.slice(at + 1)}`);
};

const packIn = (folder: string, name: string): string[] => helperCommand('exec tar -cf - -C "$1" "$2"', folder, name);

/** The program that unpacks an archive in a folder, which is made where it is not there. Owners are those of the session. */
export const unpackCommand = (folder: string, make: boolean): string[] =>
  helperCommand(`${make ? 'mkdir -p -- "$1" && ' : ''}cd -- "$1" && exec tar -xpof -`, folder);

/** Takes the one file of the archive under another name until it is whole, and removes what is left of it. */
const UNPACK_FILE = `
cd -- "$1" || exit 1
if [ -d "$3" ] && [ ! -L "$3" ]; then printf '%s is a folder\\n' "$3" >&2; exit 1; fi
trap 'rm -f -- "$2"' EXIT
trap 'exit 1' PIPE TERM INT HUP
tar -xpof - || exit
if [ -L "$3" ]; then rm -f -- "$3" || exit; fi
mv -f -- "$2" "$3"`;

/** The program that unpacks an archive with one file in a folder. @param part its name in the archive */
export const unpackFileCommand = (folder: string, part: string, name: string): string[] =>
  helperCommand(UNPACK_FILE, folder, `./${part}`, `./${name}`);

/** Why tar failed in the session, as it says it there. @throws CliError */
export const refuseFailure = (code: number | null, stderr: string): void => {
  if (code === 0) return;
  const said = stderr.trim().split('\n').slice(-3).join('\n');
  if (/no space left|disk quota exceeded/i.test(said)) {
    throw new CliError(`There is no space left in the session.\n${said}`, {
      hint: 'Remove something there, or create the session with a larger package or volume.',
    });
  }
  throw new CliError(`The copy failed in the session${said === '' ? `: tar ended with ${code}.` : `:\n${said}`}`);
};
