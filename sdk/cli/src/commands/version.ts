import type { Command } from 'commander';
import { type CommonOptions, withCommon } from '../options.ts';
import { configuredTarget } from '../target/resolve.ts';
import { dataDirOf, healthOf, liveServer } from '../target/local.ts';
import { details } from '../ui/table.ts';
import { print, printRaw } from '../ui/output.ts';
import { cliVersion } from '../version.ts';

const HEALTH_LIMIT_MS = 3_000;

export const define = (command: Command): void => {
  withCommon(command).action(version);
};

/** Starts no server, because a person who asks for versions may be looking for an error. */
const version = async (options: CommonOptions): Promise<void> => {
  const own = cliVersion();
  if (options.quiet) return print(own);
  const target = (await configuredTarget(options)) ?? (await liveServer(dataDirOf()));
  const health = target ? await healthOf(target.url, HEALTH_LIMIT_MS) : null;
  const server = target ? { url: target.url, version: health?.version ?? null } : null;
  if (printRaw(options, { onmemos: own, node: process.versions.node, server })) return;
  const said =
    server === null ? 'none runs on this machine' : `${server.version ?? 'does not answer'} at ${server.url}`;
  print(
    details([
      ['onmemos', own],
      ['Node', process.versions.node],
      ['Server', said],
    ]),
  );
};
