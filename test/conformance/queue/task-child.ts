import { writeSync } from 'node:fs';
import { openQueueIn } from './embedded-fixture.ts';
import { task } from './suite.ts';

/** Enqueues and runs tasks until it is killed: `enqueued <name>` is said after the answer, `ran <name>` at the end. */
const [folder = ''] = process.argv.slice(2);
/** Written before it returns: what `process.stdout` holds back while its reader is slow would be lost by the kill. */
const say = (line: string): unknown => writeSync(1, `${line}\n`);
const { queue } = await openQueueIn(folder);
await queue.start(async ({ name }) => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  say(`ran ${name}`);
});
const enqueueAll = async (lane: number): Promise<void> => {
  for (let n = 0; ; n++) {
    await queue.enqueue(task(`l${lane}-${n}`, n % 3 === 0 ? { at: Date.now() + 60_000 } : {}));
    say(`enqueued l${lane}-${n}`);
  }
};
await Promise.all(Array.from({ length: 6 }, (_, lane) => enqueueAll(lane)));
