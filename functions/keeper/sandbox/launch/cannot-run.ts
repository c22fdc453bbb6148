/** The program or its folder can't be used: the caller's to change. Any other error is a shortage of this machine. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** What the system says where something ran out. */
const RAN_OUT =
  /: (Resource temporarily unavailable|Cannot allocate memory|Too many open files( in system)?|No space left on device|Disk quota exceeded)$/;

/** The launcher's complaint about a command as an error. */
export const complaintOf = (sentence: string): Error =>
  RAN_OUT.test(sentence) ? new Error(sentence) : new CannotRun(sentence);
