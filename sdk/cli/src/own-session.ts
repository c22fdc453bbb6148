import { setTimeout as pause } from 'node:timers/promises';
import type { SessionCreate, SessionRecord } from 'onmemos';
import { type Interrupts, orAborted, type Stage } from './bridge/interrupts.ts';
import type { Connection } from './connect.ts';
import { CliError } from './errors.ts';
import { warnOfName } from './names.ts';
import { NAME_LABEL } from './session-options.ts';
import { serverWords } from './server-words.ts';
import { formatDuration } from './ui/duration.ts';
import { figureOf, formatFigure } from './ui/money.ts';
import { note } from './ui/output.ts';
import { during, progress } from './ui/progress.ts';
import { local } from './ui/time.ts';

/** So short that its id is known before anybody loses patience: a session that has no id yet can't be ended. */
const FIRST_WAIT_S = 2;
const POLL_MS = 500;

/** A session that is created for one call and ended with it. */
export interface OwnSession {
  readonly id: string;
  /** Ends it, and says how long it lasted and what it cost. */
  end(): Promise<void>;
}

export interface OwnOptions {
  readonly keep: boolean;
  readonly quiet: boolean;
  readonly interrupts: Interrupts;
}

const leftBehind = ({ id, expires_at }: SessionRecord): string =>
  `onmemos: session ${id} is left; it ends by itself at ${local(expires_at)}. \`onmemos sessions rm ${id}\` ends it now.`;

/** What is said to a person who presses Ctrl-C while the session ends. */
export const sayStage = (stage: Stage): void =>
  note(
    stage === 'ending'
      ? 'onmemos: the session is ending. Ctrl-C again exits now; then the session ends at its time to live at the latest.'
      : 'onmemos: the session may run until its time to live is over; `onmemos sessions ls` shows it.',
  );

/** Creates a session and waits until it runs. If it can't be used or is no longer wanted, it is ended. */
export const ownSession = async (
  { client }: Connection,
  body: SessionCreate,
  { keep, quiet, interrupts }: OwnOptions,
): Promise<OwnSession> => {
  const { signal } = interrupts;
  const shown = progress('Creating a session');
  let last: SessionRecord | null = null;

  const end = async (): Promise<void> => {
    if (last === null) return;
    try {
      const ending = interrupts.hurried ? client.sessions.forceDelete(last.id) : client.sessions.delete(last.id);
      last = await during('Ending the session', ending);
    } catch (error) {
      note(leftBehind(last));
      if (!quiet) note(`onmemos: ${serverWords((error as Error).message)}`);
    }
  };
  try {
    signal.throwIfAborted();
    await orAborted(warnOfName(client, body.labels?.[NAME_LABEL]), signal);
    last = await client.sessions.create(body, { wait: FIRST_WAIT_S });
    while (last.status === 'creating') {
      shown.say(`Creating a session${last.status_message ? `: ${last.status_message}` : ''}`);
      await orAborted(pause(POLL_MS), signal);
      last = await orAborted(client.sessions.get(last.id), signal);
    }
    if (last.status !== 'running') {
      throw new CliError(`Session ${last.id} did not start: ${serverWords(last.status_message ?? last.status)}`, {
        hint: `\`onmemos events ${last.id}\` says what happened.`,
      });
    }
    signal.throwIfAborted();
  } catch (error) {
    shown.stop();
    await end();
    throw error;
  } finally {
    shown.stop();
  }

  const summary = async (record: SessionRecord): Promise<void> => {
    const seconds = (Date.parse(record.ended_at ?? new Date().toISOString()) - Date.parse(record.created_at)) / 1000;
    const cost = await client.sessions.cost(record.id);
    const spent = formatFigure({ ...figureOf(cost, 'cost_so_far'), at_most: null }, cost.currency);
    note(`onmemos: session ${record.id}, ${formatDuration(seconds)}, ${spent}`);
  };
  return {
    id: last.id,
    end: async () => {
      const record = last as SessionRecord;
      if (keep) {
        note(
          `onmemos: session ${record.id} is kept until ${local(record.expires_at)}; \`onmemos sessions rm ${record.id}\` ends it.`,
        );
        return;
      }
      await end();
      if (!quiet) await summary(last as SessionRecord).catch(() => {});
    },
  };
};
