import type { Command } from 'commander';
import type { TargetOptions } from './target/resolve.ts';
import { FORMAT_HELP } from './ui/format.ts';
import { type AnswerOptions, parseForm } from './ui/output.ts';
import { ALIASES } from './verbs.ts';

export type CommonOptions = TargetOptions & AnswerOptions;

/** What names a session on a command line. */
export const SESSION_HELP = 'its id, the beginning of its id, or its name';

/** Which server. */
export const withTarget = (command: Command): Command =>
  command
    .optionsGroup('Server:')
    .option('--url <address>', 'the server to use, such as https://onmemos.example.com')
    .option('--profile <name>', 'the profile to use (`onmemos config ls`)')
    .optionsGroup('Options:');

/** Which server, and how to answer. */
export const withCommon = (command: Command): Command =>
  withTarget(command)
    .optionsGroup('Answer:')
    .option('-o, --output <form>', 'table, json, or wide: all columns and whole ids', parseForm)
    .option('--json', 'the server’s own answer, for scripts')
    .option('--format <format>', FORMAT_HELP)
    .option('-q, --quiet', 'print ids only')
    .optionsGroup('Options:');

/** A command below another one, such as `ls` of `sessions`; a usual one is meant where none is named. */
export const leaf = (parent: Command, usage: string, summary: string, usual = false): Command =>
  withCommon(
    parent
      .command(usage, { isDefault: usual })
      .aliases(ALIASES[usage] ?? [])
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
  );

/** For commands that destroy something. */
export const withYes = (command: Command): Command => command.option('-y, --yes', 'do not ask');

/** `KEY=VALUE`, any number of times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
