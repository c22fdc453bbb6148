import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AuditEvent } from 'onmemos';
import { colours } from '../answers.ts';
import { Interrupts, orAborted } from '../bridge/interrupts.ts';
import { connect } from '../connect.ts';
import { findSession } from '../find.ts';
import { noticeText } from '../notice-text.ts';
import { type CommonOptions, SESSION_HELP, withCommon } from '../options.ts';
import { note, print, printJson } from '../ui/output.ts';
import { plain } from '../ui/table.ts';
import { local } from '../ui/time.ts';

interface Options extends CommonOptions {
  readonly follow?: boolean;
}

const POLL_MS = 1000;

export const define = (command: Command): void => {
  withCommon(command.argument('<session>', SESSION_HELP))
    .option('-f, --follow', 'continue until the session has ended')
    .action(events);
};

const actorOf = ({ actor }: AuditEvent): string => plain(actor.user_id ?? actor.key_id ?? actor.job ?? actor.kind);

const detailOf = (event: AuditEvent): string => {
  const said = noticeText(event);
  if (said !== null) return plain(said);
  const { detail, target } = event;
  const parts = Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  return plain([target ?? '', ...parts].filter((part) => part !== '').join(' '));
};

const events = async (typed: string, options: Options): Promise<void> => {
  const { client } = await connect(options);
  const id = await findSession(client, typed);
  const seen = new Set<string>();
  const { dim } = colours();
  const show = (event: AuditEvent): void => {
    const line = [dim(local(event.at)), event.action.padEnd(24), actorOf(event).padEnd(16), detailOf(event)]
      .join('  ')
      .trimEnd();
    print(options.json ? JSON.stringify(event) : options.quiet ? event.id : line);
  };
  const showNew = async (): Promise<void> => {
    for await (const event of client.sessions.events(id)) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      show(event);
    }
  };
  if (options.json && !options.follow) return printJson(await client.sessions.events(id).all());
  await showNew();
  if (!options.follow) return;
  using interrupts = new Interrupts();
  // Asks whether the session has ended before it reads the events, so that the last event is not missed.
  for (let ended = false; !ended; ) {
    await orAborted(pause(POLL_MS), interrupts.signal);
    ended = (await client.sessions.get(id)).ended_at !== null;
    await showNew();
  }
  if (!options.json && !options.quiet) note(`Session ${id} has ended.`);
};
