import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AuditEvent } from 'onmemos';
import { colours } from '../answers.ts';
import { Interrupts, orAborted } from '../bridge/interrupts.ts';
import { connect } from '../connect.ts';
import { actedByKey, eventLine, type KeyNames, keyNames } from '../event-lines.ts';
import { findSession } from '../find.ts';
import { type CommonOptions, SESSION_HELP, withCommon } from '../options.ts';
import { isRaw, note, print, printRaw, widthLimit } from '../ui/output.ts';
import { prepareWidths } from '../ui/text-width.ts';

interface Options extends CommonOptions {
  readonly follow?: boolean;
}

const POLL_MS = 1000;

export const define = (command: Command): void => {
  withCommon(command.argument('<session>', SESSION_HELP))
    .option('-f, --follow', 'continue until the session has ended')
    .action(events);
};

const events = async (typed: string, options: Options): Promise<void> => {
  const { client } = await connect(options);
  const id = await findSession(client, typed);
  const seen = new Set<string>();
  const { dim } = colours();
  const raw = isRaw(options);
  let keys: KeyNames | null = null;
  const show = async (event: AuditEvent): Promise<void> => {
    if (options.format !== undefined) printRaw(options, event);
    else if (raw) print(JSON.stringify(event));
    else if (options.quiet) print(event.id);
    else {
      if (keys === null && actedByKey(event)) keys = await keyNames(client);
      const names = keys ?? new Map();
      const limit = widthLimit(options);
      if (limit !== undefined) await prepareWidths([eventLine(event, names, dim)]);
      print(eventLine(event, names, dim, limit));
    }
  };
  const showNew = async (): Promise<void> => {
    for await (const event of client.sessions.events(id)) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      await show(event);
    }
  };
  if (raw && !options.follow) {
    const all = await client.sessions.events(id).all();
    printRaw(options, all, all);
    return;
  }
  await showNew();
  if (!options.follow) return;
  using interrupts = new Interrupts();
  // Asks whether the session has ended before it reads the events, so that the last event is not missed.
  for (let ended = false; !ended; ) {
    await orAborted(pause(POLL_MS), interrupts.signal);
    ended = (await client.sessions.get(id)).ended_at !== null;
    await showNew();
  }
  if (!raw && !options.quiet) note(`Session ${id} has ended.`);
};
