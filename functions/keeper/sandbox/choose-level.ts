import type { Ids } from '#ports/ids.ts';
import { type Level, type LevelContext, namespacedLevel } from './level.ts';
import { recipeFor } from './recipes.ts';
import type { HostCapabilities, IsolationLevel } from './types.ts';

export interface Choice {
  readonly level: IsolationLevel;
  /** null at `none`. */
  readonly maker: Level | null;
  readonly refused: HostCapabilities['refused'];
}

/**
 * The strongest level that works here, found out by making a sandbox and ending it.
 * @throws Error with the reasons when none of those allowed works.
 */
export async function chooseLevel(
  wanted: 'auto' | 'required' | IsolationLevel,
  context: LevelContext,
  ids: Ids,
): Promise<Choice> {
  const refused: { level: IsolationLevel; why: string }[] = [];
  for (const level of candidates(wanted)) {
    if (level === 'none') return { level, maker: null, refused };
    const result = await tryLevel(level, context, ids);
    if (typeof result !== 'string') return { level, maker: result, refused };
    refused.push({ level, why: result });
  }
  const reasons = refused.map(({ level, why }) => `${level}: ${why}`).join('; ');
  throw new Error(
    `This machine can't isolate sessions as asked for (${reasons}). ` +
      'Run the server as root, allow user namespaces, or set ONMEMOS_ISOLATION=auto to go on without.',
  );
}

function candidates(wanted: 'auto' | 'required' | IsolationLevel): readonly IsolationLevel[] {
  if (wanted === 'auto') return ['full', 'user', 'none'];
  return wanted === 'required' ? ['full', 'user'] : [wanted];
}

async function tryLevel(level: 'full' | 'user', context: LevelContext, ids: Ids): Promise<Level | string> {
  if (!context.perl) return 'perl is not installed, which leads into the sandboxes';
  if (level === 'full' && process.getuid?.() !== 0) return 'it needs root';
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `the processor ${process.arch} is not supported`;
  try {
    const maker = namespacedLevel(context, context.perl, level, recipeFor(level, context.dir));
    const ready = await maker.prepare(ids.next('probe'), null, null);
    await ready.discard();
    return maker;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
