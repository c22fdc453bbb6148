import { chownSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ATTACKS, type Attack } from './attacks.ts';
import { startProgram } from '../support/program.ts';
import { plantWorld } from './world.ts';

export interface Column {
  readonly name: string;
  readonly isolation: 'full' | 'user' | 'none';
  readonly network: 'host' | 'none';
  readonly cgroups: boolean;
  /** The host process runs as this user. */
  readonly uid: number;
}

const NOBODY = 65_534;

export const COLUMNS: readonly Column[] = [
  { name: 'full', isolation: 'full', network: 'none', cgroups: true, uid: 0 },
  { name: "full, the host's network", isolation: 'full', network: 'host', cgroups: true, uid: 0 },
  { name: 'full, no cgroups', isolation: 'full', network: 'none', cgroups: false, uid: 0 },
  { name: 'user', isolation: 'user', network: 'none', cgroups: false, uid: NOBODY },
  { name: "user, the host's network", isolation: 'user', network: 'host', cgroups: false, uid: NOBODY },
  // The control: only what is harmless is tried.
  { name: 'none', isolation: 'none', network: 'host', cgroups: false, uid: 0 },
];

/** What is tried in a column. */
export const attacksOf = (column: Column): readonly Attack[] =>
  column.isolation === 'none' ? ATTACKS.filter(({ harmless }) => harmless) : ATTACKS;

export interface Cell {
  readonly attack: string;
  readonly held: boolean;
  /** Why not. */
  readonly why: string | null;
}

/** Runs every attack in one column. Needs root, to plant what must not be reached. */
export async function runColumn(column: Column): Promise<readonly Cell[]> {
  await using planted = await plantWorld(column.uid);
  const { world } = planted;
  for (const path of ['.', 'admin.key', 'keeper', 'keeper/keeper.sock']) {
    chownSync(join(world.dataDir, path), column.uid, column.uid);
  }
  const scratch = mkdtempSync(join(tmpdir(), 'onmemos-column-'));
  chmodSync(scratch, 0o755);
  const worldFile = join(scratch, 'world.json');
  writeFileSync(worldFile, JSON.stringify(world), { mode: 0o644 });
  const args = [join(import.meta.dirname, 'column.ts'), JSON.stringify(column), worldFile];
  const { code, stdout, stderr } = await startProgram(process.execPath, args, {
    // The server's own environment is among what must not be seen.
    env: { PATH: '/usr/bin:/bin', HOME: '/', TOKEN: world.token },
    ...(column.uid === 0 ? {} : { uid: column.uid }),
  }).ended;
  rmSync(scratch, { recursive: true, force: true });
  const cells = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Cell);
  if (code !== 0 || cells.length !== attacksOf(column).length) {
    throw new Error(`the column ${column.name} stopped after ${cells.length} attacks: ${stderr.slice(-2000)}`);
  }
  if (!planted.victimLives()) throw new Error(`a host process was ended by an attack in the column ${column.name}`);
  return cells;
}
