import { localTarget } from '../exec/local-target.ts';
import { computeConformance } from './suite.ts';

computeConformance('local', async () => {
  const target = await localTarget();
  return {
    compute: target.compute,
    spec: (sessionId, given) => target.spec(sessionId, given),
    tooLarge: null,
    another: target.another,
    close: target.close,
  };
});
