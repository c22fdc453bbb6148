import { localTarget, residentBytes } from './local-target.ts';
import { LEVELS } from './levels.ts';
import { execConformance } from './suite.ts';

for (const level of LEVELS) {
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
