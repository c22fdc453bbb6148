/**
 * Cloud Storage on this machine, as a process of its own: `node test/support/fake-gcs/main.ts PORT`. It prints its
 * address when it serves, and ends with SIGTERM or SIGINT.
 */
import { once } from 'node:events';
import { startFakeGcs } from '../fake-gcs.ts';
import { fakeGcsProgram } from './program.ts';

const port = Number(process.argv[2] ?? 0);
const found = await fakeGcsProgram();
if (!('program' in found)) {
  console.error(found.missing);
  process.exit(1);
}
const server = await startFakeGcs(found.program, { port });
console.log(server.relay.url);
await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
await server.stop();
