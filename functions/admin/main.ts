import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { type AdminPlace, adminPlace, openAdmin } from '#wiring/admin.ts';
import { newKeyring, rotatedKeyring } from '#wiring/keyring.ts';
import { type Command, HELP, readCommand } from './args.ts';
import { runCommand, type Said } from './commands.ts';
import { explainAdmin } from './explain.ts';

const screen = {
  columns: process.stdout.isTTY ? process.stdout.columns : null,
  colour: process.stdout.isTTY === true && !process.env['NO_COLOR'],
};

const run = async (command: Command, place: () => AdminPlace): Promise<Said> => {
  if (command.name === 'help') return { out: HELP, note: '', code: 0 };
  if (command.name === 'keyring new') return { out: newKeyring(systemIds), note: '', code: 0 };
  if (command.name === 'keyring rotate')
    return { out: await rotatedKeyring(command.file, systemIds), note: '', code: 0 };
  const at = place();
  const log = createLogger({ level: 'silent' });
  const opened = await openAdmin(at, command.name === 'bootstrap', { clock: systemClock, ids: systemIds, log });
  try {
    return await runCommand(opened.deps, at, command, screen);
  } finally {
    await opened.close();
  }
};

let at: AdminPlace | null = null;
process.umask(0o077);
try {
  const said = await run(readCommand(process.argv.slice(2)), () => {
    at = adminPlace(process.env);
    return at;
  });
  if (said.out !== '') console.log(said.out);
  if (said.note !== '') console.error(said.note);
  process.exitCode = said.code;
} catch (error) {
  const { sentence, code } = explainAdmin(error, at);
  console.error(sentence);
  process.exitCode = code;
}
