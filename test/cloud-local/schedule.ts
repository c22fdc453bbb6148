/** Takes the place of Cloud Scheduler: calls the scheduler once in a period, and waits for no answer before the next. */
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { tokenOf } from './tokens.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { scheduler: text, audience: text, account: text, pages: text, 'every-ms': text },
});
const { scheduler, audience, account, pages } = values;
if (!scheduler || !audience || !account || !pages) {
  console.error('usage: schedule.ts --scheduler URL --audience URL --account EMAIL --pages URL [--every-ms N]');
  process.exit(2);
}
const everyMs = Number(values['every-ms'] ?? 60_000);

const tick = async (): Promise<void> => {
  try {
    const authorization = `Bearer ${await tokenOf(pages, account, audience)}`;
    const answer = await fetch(`${scheduler}/tick`, { method: 'POST', headers: { authorization } });
    console.log(`${new Date().toISOString()} ${answer.status} ${await answer.text()}`);
  } catch (error) {
    console.log(
      `${new Date().toISOString()} the scheduler was not called: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
console.log('serving');
for (;;) {
  void tick();
  await pause(everyMs);
}
