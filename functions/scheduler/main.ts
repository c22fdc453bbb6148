import { runFunction } from '../cloud/run.ts';
import { serveApp } from '../cloud/serve.ts';
import { createSchedulerApp } from './app.ts';

await runFunction('scheduler', async ({ machine, log, ids, ready, listening }) => {
  const callers = await machine.callers(['schedule']);
  return serveApp(createSchedulerApp({ deps: machine.deps, callers, log }), { ...listening, ids, ready });
});
