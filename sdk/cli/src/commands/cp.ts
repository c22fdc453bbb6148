import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { OnMemOSClient, Session } from 'onmemos';
import { sayGone } from '../bridge/gone.ts';
import { Interrupts } from '../bridge/interrupts.ts';
import { connect } from '../connect.ts';
import { localKind, packed } from '../copy/pack.ts';
import { type Copy, copyOf, lastName, landing, meansContents, partName, STREAM } from '../copy/place.ts';
import { type Found, look, notFound, packCommand, unpackCommand, unpackFileCommand } from '../copy/session-side.ts';
import { download, type Transfer, upload } from '../copy/transfer.ts';
import { newTally, type Tally, unpacking } from '../copy/unpack.ts';
import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findLiveSession, refuseEnded } from '../find.ts';
import { withTarget } from '../options.ts';
import type { TargetOptions } from '../target/resolve.ts';
import { note, printJson } from '../ui/output.ts';
import { type Progress, progress } from '../ui/progress.ts';
import { formatSize } from '../ui/size.ts';
import { plain } from '../ui/table.ts';
import { wrap } from '../ui/wrap.ts';

interface Options extends TargetOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const DETAILS = `
One side is SESSION:PATH; PATH is relative to the folder in which commands start. A folder that is there takes the source under its own
name, as with cp -r; else the copy gets the name of the target. SOURCE/. copies the contents of a folder. A link that is named is
followed; links below it stay links. Modes and times are kept, owners are not.
- instead of a path is a tar stream: from stdin into a folder of the session, or to stdout.
A file gets its name when it is whole: until then, and where the copy is cut short, there is none or the one before. Of a folder, the
files that were copied until then are left, and the last one may be a part; the next copy replaces them.
A file or folder below the source that can’t be read is left out, with a message and code 1.
Out of a session nothing is written outside the target: links that lead out of it and device files are left out, with a message and
code 1.

  onmemos cp src ses-01:/workspace
  onmemos cp ses-01:results/. ./results
  onmemos cp ses-01:data - | tar t`;

export const define = (command: Command): void => {
  withTarget(
    command
      .argument('<source>', 'a path of this machine, SESSION:PATH, or - for a tar stream from stdin')
      .argument('<target>', 'the same; - writes a tar stream to stdout'),
  )
    .option('--json', 'print what was copied as JSON; not with a stream to stdout')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', wrap(DETAILS))
    .action(cp);
};

const MOST_TOLD = 10;
const PROGRESS_MS = 250;

/** The folder, file or stream on this machine, and what the other side is to be told. */
const cp = async (source: string, target: string, options: Options): Promise<void> => {
  const copy = copyOf(source, target);
  const stream = (copy.up ? copy.from : copy.to) === STREAM;
  if (stream && !copy.up && options.json) throw usageError('With - the copy itself is on stdout, and --json is, too.');
  if (stream && !copy.up && process.stdout.isTTY) {
    throw usageError(
      'A tar stream is not for a terminal.',
      'Write it to a file or a pipe: `onmemos cp … - > copy.tar`',
    );
  }
  const { client } = await connect(options, true);
  const session = await client.sessions.get(await findLiveSession(client, copy.session));
  refuseEnded(session);
  using interrupts = new Interrupts();
  const tally = newTally();
  const begun = performance.now();
  let bytes = 0;
  await shown(options.quiet === true, (moved) =>
    endedWithUs(client, session, interrupts, async (started) => {
      const transfer: Transfer = {
        session,
        signal: interrupts.signal,
        started,
        moved: (count) => {
          bytes += count;
          moved(count);
        },
      };
      await (copy.up ? send(transfer, copy, tally) : fetchTo(transfer, copy, tally));
    }),
  );
  const seconds = Math.round(performance.now() - begun) / 1000;
  tell(options, stream, { source, target, session_id: session.id, transferred_bytes: bytes, seconds, ...tally });
};

/** Shows bytes and rate while something is copied. */
const shown = async (quiet: boolean, work: (moved: (bytes: number) => void) => Promise<void>): Promise<void> => {
  const line: Progress = quiet ? { say: () => {}, stop: () => {} } : progress('Copying');
  const begun = performance.now();
  let [bytes, said] = [0, begun];
  try {
    await work((count) => {
      bytes += count;
      const now = performance.now();
      if (now - said < PROGRESS_MS) return;
      said = now;
      line.say(`Copying: ${formatSize(bytes)}, ${formatSize(bytes / ((now - begun) / 1000))}/s`);
    });
  } finally {
    line.stop();
  }
};

/** Does work with commands in a session; they end where this program is told to. */
const endedWithUs = async (
  client: OnMemOSClient,
  session: Session,
  { signal }: Interrupts,
  work: (started: (exec_id: string) => void) => Promise<void>,
): Promise<void> => {
  let current: string | null = null;
  try {
    await work((exec_id) => {
      current = exec_id;
    });
  } catch (error) {
    // What has failed here has no reader any more.
    if (current !== null) await sayGone(client, session.id, current);
    throw signal.aborted ? signal.reason : error;
  }
};

const send = async (transfer: Transfer, { from, to }: Copy, tally: Tally): Promise<void> => {
  const { session, signal } = transfer;
  const target = await look(session, to, signal);
  if (from === STREAM) {
    if (target.kind !== 'folder') throw notAFolder(to, target);
    return upload(transfer, unpackCommand(to, false), process.stdin as AsyncIterable<Uint8Array>);
  }
  const kind = await localKind(from);
  if (kind === 'none') throw notFound(from, 'on this machine');
  if (kind === 'other') throw usageError(`${from} is neither a file nor a folder.`);
  const name = lastName(from) === '' || /^\.{1,2}$/.test(lastName(from)) ? basename(resolve(from)) : lastName(from);
  const { folder, name: as } = landing({ kind, name, contents: meansContents(from) }, { path: to, kind: target.kind });
  if (as !== null && target.kind === 'none') {
    const parent = await look(session, folder, signal);
    if (parent.kind !== 'folder') throw notAFolder(folder, parent);
  }
  if (as === null) return upload(transfer, unpackCommand(folder, true), await packed(from, null, tally));
  const part = partName();
  await upload(transfer, unpackFileCommand(folder, part, as), await packed(from, part, tally));
};

const notAFolder = (path: string, { kind }: Found): CliError =>
  kind === 'none'
    ? new CliError(`There is no folder ${path} in the session.`, {
        exit: EXIT.notFound,
        hint: `Make it first: \`onmemos exec SESSION -- mkdir -p ${path}\``,
      })
    : usageError(`${path} of the session is not a folder.`);

const fetchTo = async (transfer: Transfer, { from, to }: Copy, tally: Tally): Promise<void> => {
  const found = await look(transfer.session, from, transfer.signal);
  if (found.kind === 'none') throw notFound(from, 'in the session');
  if (found.kind === 'other') throw usageError(`${from} of the session is neither a file nor a folder.`);
  if (to === STREAM) {
    return download(
      transfer,
      packCommand(found),
      (data) => new Promise((done) => process.stdout.write(data, () => done())),
    );
  }
  const name = /^\.{0,2}$/.test(lastName(from)) ? lastName(found.real) : lastName(from);
  const kind = await localKind(to);
  const { folder, name: as } = landing({ kind: found.kind, name, contents: meansContents(from) }, { path: to, kind });
  if (as !== null && (await localKind(folder)) !== 'folder') {
    throw new CliError(`There is no folder ${folder} on this machine.`, {
      exit: EXIT.notFound,
      hint: 'Make it first.',
    });
  }
  const root = await realpath(folder).catch(() => resolve(folder));
  const archive = await unpacking(root, as, tally);
  try {
    await download(transfer, packCommand(found), archive.write);
    await archive.end();
  } catch (error) {
    await archive.leave();
    throw error;
  }
};

interface Summary extends Tally {
  readonly source: string;
  readonly target: string;
  readonly session_id: string;
  /** Of the tar stream. */
  readonly transferred_bytes: number;
  readonly seconds: number;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

const tell = (options: Options, stream: boolean, summary: Summary): void => {
  const { left_out, target, files, folders, links, bytes, seconds } = summary;
  for (const { path, why } of left_out.slice(0, MOST_TOLD)) note(`onmemos: left out ${plain(path)}: ${plain(why)}`);
  if (left_out.length > MOST_TOLD) note(`onmemos: left out ${left_out.length - MOST_TOLD} more.`);
  if (left_out.length > 0) process.exitCode = EXIT.failed;
  if (options.json) {
    printJson(summary);
    return;
  }
  if (options.quiet || stream) return;
  const rate = formatSize(summary.transferred_bytes / Math.max(seconds, 0.001));
  const what = [
    count(files, 'file'),
    ...(folders > 0 ? [count(folders, 'folder')] : []),
    ...(links > 0 ? [count(links, 'link')] : []),
  ];
  note(`Copied ${what.join(', ')} (${formatSize(bytes)}) to ${plain(target)}, ${rate}/s.`);
};
