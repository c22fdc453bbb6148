import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fullPlans, type LevelPlans } from './full-plan.ts';
import { copyEtc, userPlans } from './user-plan.ts';
import { type HostView, mountsBelowShown, readHostView, viewStamp } from './view.ts';

const ETC_COPY = '.etc-';

/** A level's plans for this host; `dir` is where copies that all sandboxes share may lie. */
export function plansFor(level: 'full' | 'user', dir: string): LevelPlans {
  let view = readHostView();
  const current = (): HostView => {
    if (view.stamp !== viewStamp()) view = readHostView();
    return view;
  };
  if (level === 'full') {
    return fullPlans({ view: current, mountsBelow: mountsBelowShown() });
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
  return userPlans(process.getuid?.() ?? 0, process.getgid?.() ?? 0, etc);
}
