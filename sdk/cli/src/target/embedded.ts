import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { progress } from '../ui/progress.ts';
import { makeFolder } from './folder.ts';
import { liveServer } from './local.ts';

/** The server's exit code if another server has the data folder. */
const LOST_RACE_EXIT = 75;
const POLL_MS = 25;
const START_LIMIT_MS = 60_000;
/** The other server may exit before we connect; then we start again. */
const MOST_STARTS = 5;
const TOLD_LINES = 10;

const logPath = (dataDir: string): string => join(dataDir, 'embedded.log');

interface Begun {
  /** Null while it runs. */
  ended(): number | null;
}

/** The server's program, which finds a suitable Node itself. @throws CliError if it is not installed */
const program = (): string => {
  try {
    return fileURLToPath(import.meta.resolve('@onmemos/standalone'));
  } catch (error) {
    throw new CliError('The local server is not installed.', {
      exit: EXIT.unavailable,
      hint: 'Install it with `npm install @onmemos/standalone`, or name another server with `onmemos login`.',
      cause: error,
    });
  }
};

/** @throws CliError if the data folder can't be created or written */
const openLog = (dataDir: string): number => {
  try {
    makeFolder(dataDir, 0o700);
    return openSync(logPath(dataDir), 'a', 0o600);
  } catch (error) {
    throw new CliError(`The data folder can’t be written: ${(error as Error).message}`, {
      hint: 'Set ONMEMOS_DATA_DIR to a folder that you may write; `onmemos doctor` finds out what is wrong.',
      cause: error,
    });
  }
};

/** Starts a separate process that outlives this one, because it serves all calls on this machine. */
const begin = (dataDir: string): Begun => {
  const start = program();
  const log = openLog(dataDir);
  const child = spawn(process.execPath, [start, '--embedded'], {
    cwd: dataDir,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ONMEMOS_DATA_DIR: dataDir },
  });
  closeSync(log);
  child.unref();
  let code: number | null = null;
  child.once('exit', (exit) => {
    code = exit ?? EXIT.failed;
  });
  child.once('error', () => {
    code = EXIT.failed;
  });
  return { ended: () => code };
};

/** Starts the server of a data folder, or finds one that another call has started. @throws CliError unavailable */
export const startEmbedded = async (dataDir: string): Promise<{ readonly url: string; readonly apiKey: string }> => {
  const shown = progress('Starting the local server');
  try {
    const deadline = performance.now() + START_LIMIT_MS;
    let begun = begin(dataDir);
    let starts = 1;
    while (performance.now() < deadline) {
      // Read before `server.json`: a process that ended because another server has the folder saw that server's file.
      const code = begun.ended();
      const server = await liveServer(dataDir);
      if (server) return server;
      if (code !== null && (code !== LOST_RACE_EXIT || starts === MOST_STARTS)) break;
      if (code !== null) {
        starts += 1;
        begun = begin(dataDir);
      }
      await pause(POLL_MS);
    }
    throw notStarted(dataDir);
  } finally {
    shown.stop();
  }
};

const notStarted = (dataDir: string): CliError => {
  const said = readFileSync(logPath(dataDir), 'utf8').trim().split('\n').slice(-TOLD_LINES).join('\n');
  return new CliError(`The local server did not start.${said === '' ? '' : `\n${said}`}`, {
    exit: EXIT.unavailable,
    hint: 'Run `onmemos doctor` to find out why.',
  });
};
