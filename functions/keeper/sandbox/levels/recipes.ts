import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fullRecipe, type Recipe } from './full-plan.ts';
import { copyEtc, userRecipe } from './user-plan.ts';
import { type HostView, mountsBelowShown, readHostView, viewStamp } from './view.ts';

const ETC_COPY = '.etc-';

/** A level's recipe for this host; `dir` is where copies that all sandboxes share may lie. */
export function recipeFor(level: 'full' | 'user', dir: string): Recipe {
  let view = readHostView();
  const current = (): HostView => {
    if (view.stamp !== viewStamp()) view = readHostView();
    return view;
  };
  if (level === 'full') {
    return fullRecipe({ view: current, mountsBelow: mountsBelowShown() });
  }
  for (const name of readdirSync(dir)) {
    if (name.startsWith(ETC_COPY)) rmSync(join(dir, name), { recursive: true, force: true });
  }
  let copies = 0;
  let copied: HostView | null = null;
  const etc = (): string => {
    const now = current();
    if (copied !== now) {
      copies += 1;
      copyEtc(join(dir, `${ETC_COPY}${copies}`), now);
      copied = now;
    }
    return join(dir, `${ETC_COPY}${copies}`);
  };
  return userRecipe(process.getuid?.() ?? 0, process.getgid?.() ?? 0, etc);
}
