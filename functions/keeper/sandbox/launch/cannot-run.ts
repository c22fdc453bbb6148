import { constants } from 'node:os';

const { errno } = constants;

/** What a command could not be started for: its program, or the folder that it was to start in. */
export type Part = 'program' | 'folder';

/** What the system says where something ran out, which is not the caller's to change. */
const RAN_OUT: ReadonlySet<number> = new Set([
  errno.EAGAIN,
  errno.ENOMEM,
  errno.EMFILE,
  errno.ENFILE,
  errno.ENOSPC,
  errno.EDQUOT,
]);

/** What the system says where there is no such program. */
const NOT_FOUND: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG]);

/** The program or its folder can't be used: the caller's to change. Any other error is a shortage of this machine. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly part: Part;
  /** As a shell exits: 127 where there is no such program, 126 where it can't be run or its folder can't be entered. */
  readonly exit_code: 126 | 127;
  constructor(part: Part, why: number, sentence: string) {
    super(sentence);
    this.part = part;
    this.exit_code = part === 'program' && NOT_FOUND.has(why) ? 127 : 126;
  }
}

/** The launcher's complaint, `<part> <errno> <sentence>`, as an error. */
export const complaintOf = (text: string): Error => {
  const [, part, why, sentence = text] = /^(\w+) (\d+) (.*)$/s.exec(text) ?? [];
  const ownFault = (part === 'program' || part === 'folder') && !RAN_OUT.has(Number(why));
  return ownFault ? new CannotRun(part, Number(why), sentence) : new Error(sentence);
};
