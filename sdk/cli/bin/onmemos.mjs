#!/usr/bin/env node
// Parsed by any Node from 18 on. Asked for nothing but the version, it loads nothing else: scripts ask often.
import { existsSync, mkdirSync } from 'node:fs';
import { isAbsolute } from 'node:path';

const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === '--version' || first === '-V')) {
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
} else {
  await onSuitableNode();
  await keepCompiled();
  const { main } = await import('../src/main.ts');
  await main(process.argv.slice(2));
}

/** Keeps compiled code between calls, where nobody else can put theirs. Without such a folder calls take longer. */
async function keepCompiled() {
  const { HOME = '', XDG_CACHE_HOME = '' } = process.env;
  const base = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : isAbsolute(HOME) && `${HOME}/.cache`;
  if (!base) return;
  const folder = `${base}/onmemos/compiled`;
  // Each by itself: below /proc, Node's own way to make several never returns.
  for (const path of [base, `${base}/onmemos`, folder]) {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (error.code !== 'EEXIST') return;
    }
  }
  const { enableCompileCache } = await import('node:module');
  enableCompileCache?.(folder);
}

/** Goes on where this Node is too old and the service of this machine brings one; without one, says so and exits with 1. */
async function onSuitableNode() {
  const major = Number(process.versions.node.split('.')[0]);
  // In the repository it runs from its TypeScript, which needs a newer Node than its bundle.
  const source = existsSync(new URL('../src/main.ts', import.meta.url));
  const needs = source ? { wanted: 26, oldest: 24 } : { wanted: 22, oldest: 22 };
  if (major >= needs.wanted && !process.env.NODE_USE_ENV_PROXY) return;
  const service = await import('@onmemos/standalone/own-node').catch(() => null);
  if (service === null && major >= needs.oldest) return;
  if (service === null) {
    process.stderr.write(
      `onmemos needs Node ${needs.oldest} or later, and this is Node ${process.versions.node}: https://nodejs.org\n`,
    );
    process.exit(1);
  }
  const node = service.suitableNode({ ...needs, program: 'onmemos' });
  if (service.directLoopback() || node !== process.execPath)
    await service.become(node, [...process.execArgv, ...process.argv.slice(1)]);
}
