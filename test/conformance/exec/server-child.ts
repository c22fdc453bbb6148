import { join } from 'node:path';
import { IMAGES } from '#domain/images.ts';
import { planLocal } from '#domain/plan-local.ts';
import { localCompute } from '#drivers/compute/local/local-compute.ts';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import { at, foldersIn } from './local-target.ts';

/** A server that is about to be killed: reads the output of an exec, says `reading`, and never ends by itself. */
const [dataDir, key, exec_id] = process.argv.slice(2);
if (!dataDir || !key || !exec_id) throw new Error('usage: server-child.ts <data folder> <session> <exec>');
const compute = await localCompute({
  dataDir,
  clock: systemClock,
  log: createLogger({ level: 'silent' }),
  keeperCommand: [process.execPath, join(import.meta.dirname, '../../../functions/keeper/main.ts')],
  folders: foldersIn(dataDir),
  planner: planLocal,
  images: IMAGES,
});
const channel = await compute.exec(at(key));
await channel.start({
  exec_id,
  command: 'i=0; while [ $i -lt 40 ]; do echo line-$i; i=$((i+1)); sleep 0.05; done',
  timeout_ms: null,
  log_limit_mb: 1,
});
for await (const event of channel.read(exec_id, 0)) if (event.type === 'chunk') process.stdout.write('reading\n');
