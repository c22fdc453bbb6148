import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Api, apiOf } from '../../acceptance/support/api.ts';
import { cleanEnv, NODE, START } from '../../acceptance/support/server.ts';
import { until } from '../../acceptance/support/until.ts';

export interface Note {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  readonly embedded: boolean;
}

export interface Embedded {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** What `server.json` says; null where it is not there. */
export const noteOf = async (dataDir: string): Promise<Note | null> => {
  const text = await readFile(join(dataDir, 'server.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Note);
};

/** Embedded servers of one test, started as the command line does and gone after it. Their folders are `ground`'s, made first. */
export const embeddedGround = () => {
  const started: { readonly dataDir: string; readonly server: Embedded }[] = [];

  const start = (dataDir: string, env: Readonly<Record<string, string>> = {}): Embedded => {
    const log = openSync(join(dataDir, 'embedded.log'), 'a', 0o600);
    const child = spawn(NODE, [START, '--embedded'], {
      cwd: dataDir,
      detached: true,
      env: { ...cleanEnv(), ONMEMOS_DATA_DIR: dataDir, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const ended = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }));
    const server = { child, ended };
    started.push({ dataDir, server });
    return server;
  };

  /** What the server of a folder serves, once it does. */
  const serving = async (dataDir: string): Promise<{ readonly api: Api; readonly note: Note }> => {
    const note = await until('it serves', () => noteOf(dataDir));
    const key = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
    return { api: apiOf(note.url, key), note };
  };

  afterEach(async ({ task }) => {
    for (const { dataDir, server } of started.splice(0)) {
      if (task.result?.state === 'fail') {
        console.error(`${dataDir} has this log:\n${await readFile(join(dataDir, 'embedded.log'), 'utf8')}`);
      }
      if (server.child.exitCode === null && server.child.signalCode === null) server.child.kill('SIGTERM');
      await server.ended;
    }
  });
  return { start, serving };
};
