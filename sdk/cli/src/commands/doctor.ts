import type { Command } from 'commander';
import { fileFindings } from '../doctor/configuration.ts';
import { type Finding, ok, problem } from '../doctor/check.ts';
import { diskFindings, nodeFinding, programFindings } from '../doctor/machine.ts';
import { serverFindings } from '../doctor/server.ts';
import { EXIT } from '../exit-codes.ts';
import { withTarget } from '../options.ts';
import { dataDirOf, KEYLESS_HINT, keylessServer, liveServer } from '../target/local.ts';
import { configuredTarget, type Target, type TargetOptions } from '../target/resolve.ts';
import { coloursOf } from '../ui/colour.ts';
import { print, printJson } from '../ui/output.ts';
import { during } from '../ui/progress.ts';

interface Options extends TargetOptions {
  readonly json?: boolean;
}

const LABEL_WIDTH = 14;

export const define = (command: Command): void => {
  withTarget(command).option('--json', 'for scripts').action(doctor);
};

/** A server on another machine needs no folder here, so a missing home is a problem only for the local server. */
const folderFindings = async (dataDir: string | null): Promise<readonly Finding[]> =>
  dataDir === null
    ? [
        problem(
          'Data folder',
          'there is no home folder',
          'Set HOME, or ONMEMOS_DATA_DIR to a folder that you may write.',
        ),
      ]
    : diskFindings(dataDir);

const withoutKey = async (dataDir: string | null): Promise<Finding> => {
  const url = await keylessServer(dataDir);
  if (url === null) return ok('Server', 'none runs on this machine; `onmemos run` starts one');
  return problem('Key', `that of the server at ${url} can’t be read`, KEYLESS_HINT);
};

/** Checks only what the server in use needs: a server on another machine needs no pasta here. */
const look = async (target: Target | null, dataDir: string | null): Promise<readonly Finding[]> => {
  const here =
    target === null || target.local ? [...(await programFindings()), ...(await folderFindings(dataDir))] : [];
  const server = target ? await serverFindings(target) : [await withoutKey(dataDir)];
  return [nodeFinding(), ...here, ...(await fileFindings(dataDir)), ...server];
};

const doctor = async (options: Options): Promise<void> => {
  const dataDir = dataDirOf();
  const envKey = process.env['ONMEMOS_API_KEY'] || undefined;
  const live = await liveServer(dataDir, envKey);
  const own: Target | null = live && {
    url: live.url,
    // As every other command does. It is still this machine, so its programs matter.
    apiKey: envKey ?? live.apiKey,
    from: 'this machine',
    local: true,
    user: undefined,
    workspace: undefined,
  };
  const findings = await during('Looking', look((await configuredTarget(options)) ?? own, dataDir));
  if (findings.some(({ state }) => state === 'problem')) process.exitCode = EXIT.failed;
  if (options.json) return printJson(findings);
  const { green, yellow, red, dim } = coloursOf(process.stdout);
  const marks = { ok: green('ok     '), warning: yellow('warning'), problem: red('problem') } as const;
  for (const { check, state, message, fix } of findings) {
    print(`${marks[state]}  ${check.padEnd(LABEL_WIDTH)}${message}`);
    if (fix) print(`${' '.repeat(9 + LABEL_WIDTH)}${dim('->')} ${fix}`);
  }
};
