import { localTarget, residentBytes } from './local-target.ts';
import { execConformance } from './suite.ts';

const levels = ['auto', 'none'] as const;

for (const level of levels) {
  execConformance(`local sandboxes, isolation ${level}`, async () => {
    const target = await localTarget(level);
    const observed = await target.ensure('ses-exec');
    if (observed.state !== 'running') throw new Error(`the session is ${observed.state}: ${observed.message}`);
    return {
      tty: true,
      open: () => target.open('ses-exec'),
      keeperMemory: async () => residentBytes(await target.keeperPid()),
      close: () => target.close(),
    };
  });
}
