import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

/** Runs the test command with another test runner's marks taken off, and signals it when it has begun. */
const interrupt = async (args: readonly string[], signal: NodeJS.Signals) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV)/.test(name)));
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let sent = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (sent || !printed.includes('RUN')) return;
      sent = true;
      child.kill(signal);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed };
};

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a run that %s ends says so, and counts no test as failed', { timeout: 120_000 }, async (signal, code) => {
  const run = await interrupt(['shared', 'functions'], signal);
  expect(run.printed).toContain(`Interrupted by ${signal}: not all tests have run.`);
  expect(run.printed).not.toMatch(/[1-9]\d* failed/);
  expect(run.code).toBe(code);
});

it('the default suite too, with its counts', { timeout: 120_000 }, async () => {
  const run = await interrupt([], 'SIGINT');
  expect(run.printed).toMatch(/\n\d+ passed, 0 failed\b.*\nInterrupted by SIGINT/s);
  expect(run.code).toBe(130);
});
