import { localCallers } from '#drivers/callers/local.ts';
import { systemIds } from '#platform/ids.ts';
import { callersConformance } from './suite.ts';

callersConformance('local', async () => {
  const callers = localCallers(systemIds);
  return { callers, authorization: async (role) => callers.authorization(role) };
});
