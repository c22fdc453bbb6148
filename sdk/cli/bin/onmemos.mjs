#!/usr/bin/env node
// Asked for nothing but the version, it loads nothing else: scripts ask often.
const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === '--version' || first === '-V')) {
  const { readFileSync } = await import('node:fs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
} else if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write(
    `onmemos: this is Node ${process.versions.node}, and 22 or later is needed: https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else {
  const { enableCompileCache } = await import('node:module');
  const { HOME, XDG_CACHE_HOME = HOME && `${HOME}/.cache` } = process.env;
  // Compiled code is kept between calls, where nobody else can put theirs. A folder that can't be written costs time only.
  if (XDG_CACHE_HOME) enableCompileCache?.(`${XDG_CACHE_HOME}/onmemos/compiled`);
  const { main } = await import('../src/main.ts');
  await main(process.argv.slice(2));
}
