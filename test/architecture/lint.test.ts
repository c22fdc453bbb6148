import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './source.ts';

const RULES = ['biome.json', 'test/architecture/lint'];
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

/** Lints files that are written beside a copy of our rules. @returns each finding as `file:line message` */
const findings = async (samples: Readonly<Record<string, readonly string[]>>): Promise<readonly string[]> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'onmemos-lint-')));
  try {
    for (const rule of RULES) await cp(join(ROOT, rule), join(folder, rule), { recursive: true });
    for (const [file, lines] of Object.entries(samples)) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), `${lines.join('\n')}\n`);
    }
    const args = [BIOME, 'lint', '--vcs-enabled=false', '--reporter=github', ...Object.keys(samples)];
    const printed = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { cwd: folder }, (_, stdout) => resolve(stdout));
    });
    const found = printed.matchAll(/^::error .*?file=([^,]+),line=(\d+),[^:]*::(.*)$/gm);
    return [...found].map(([, file, line, message]) => `${file?.replace(`${folder}/`, '')}:${line} ${message}`).sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const TIME_AND_CHANCE = [
  'export const a = () => Date.now();',
  'export const b = new Date();',
  "import { setTimeout as wait } from 'node:timers/promises';",
  'export const d = [1].map(Math.random);',
  "import nodeCrypto, { randomBytes, randomUUID as id } from 'node:crypto';",
  'setTimeout(() => void wait(a(), id(randomBytes, nodeCrypto.randomUUID())), 5);',
  'export const e = performance.now();',
  '// From here on all is allowed: Date.now()',
  'export const f = (ms: number) => new Date(ms).toISOString();',
  "export const g = Date.parse('2026-01-01') + Math.max(1, 2);",
];

describe('the linter', () => {
  it('says of time and randomness what to use instead, except in platform, drivers and tests', async () => {
    const found = await findings({
      'shared/services/users/a.ts': TIME_AND_CHANCE,
      'functions/keeper/a.ts': TIME_AND_CHANCE.slice(0, 2),
      'shared/platform/a.ts': TIME_AND_CHANCE,
      'shared/drivers/store/a.ts': TIME_AND_CHANCE,
      'shared/domain/a.test.ts': TIME_AND_CHANCE,
    });
    const clock = 'Time comes through the Clock port';
    expect(found).toEqual([
      `functions/keeper/a.ts:1 ${clock}: take the time from \`clock\`, or be handed the instant.`,
      `functions/keeper/a.ts:2 ${clock}: take the time from \`clock\`, or be handed the instant.`,
      `shared/services/users/a.ts:1 ${clock}: take the time from \`clock\`, or be handed the instant.`,
      `shared/services/users/a.ts:2 ${clock}: take the time from \`clock\`, or be handed the instant.`,
      `shared/services/users/a.ts:3 ${clock}: wait with \`clock.sleep\` or \`clock.timer\`.`,
      'shared/services/users/a.ts:4 Randomness comes through the Ids port: take it from `ids`, or be handed it.',
      'shared/services/users/a.ts:5 Randomness comes through the Ids port: take it from `ids`, or be handed it.',
      'shared/services/users/a.ts:5 Randomness comes through the Ids port: take it from `ids`, or be handed it.',
      'shared/services/users/a.ts:6 Do not use the global variable setTimeout.',
      'shared/services/users/a.ts:6 Randomness comes through the Ids port: take it from `ids`, or be handed it.',
      'shared/services/users/a.ts:7 Do not use the global variable performance.',
    ]);
  });

  it('says of a wrong import which are right', async () => {
    const found = await findings({
      'shared/services/users/a.ts': ["import '#drivers/store/rules.ts';"],
      'shared/contract/a.ts': ["import '#domain/quota.ts';"],
    });
    expect(found).toEqual([
      expect.stringContaining('shared/contract/a.ts:1 shared/contract imports no other layer: move'),
      expect.stringContaining('shared/services/users/a.ts:1 shared/services may import ports, domain, contract'),
    ]);
  });
});
