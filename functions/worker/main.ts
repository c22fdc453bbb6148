import { runFunction } from '../cloud/run.ts';
import { serveApp } from '../cloud/serve.ts';
import { createWorkerApp } from './app.ts';

await runFunction('worker', async ({ machine, log, ids, ready, listening }) => {
  const callers = await machine.callers(['tasks', 'events']);
  return serveApp(createWorkerApp({ deps: machine.deps, callers, log }), { ...listening, ids, ready });
});
