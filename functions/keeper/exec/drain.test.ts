import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { Drain } from './drain.ts';
import { ExecLog } from './exec-log.ts';

it('keeps what a filter wrote just before it ended, which waits in the pipe when the filter is gone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'onmemos-drain-'));
  const log = new ExecLog({
    clock: systemClock,
    path: join(dir, 'log'),
    limit_bytes: 1 << 20,
    failed: () => undefined,
  });
  const stdout = new PassThrough();
  const drain = new Drain(log, systemClock, stdout, null);
  let looks = 0;
  await drain.settle(() => {
    // The next turn of the loop reads it.
    if (looks++ === 0) setImmediate(() => stdout.write('filtered\n'));
    return false;
  });
  expect(log.next).toBe('filtered\n'.length);
  await log.remove();
  await rm(dir, { recursive: true, force: true });
});
