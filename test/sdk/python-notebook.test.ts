import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personEnv, type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { installedPython, type Python, pythonLack, runPython } from './support/python.ts';

const KERNEL = ['ipykernel==6.31.0', 'jupyter_client==8.6.3'];
const lack = await pythonLack();

let python: Python;
let server: RunningServer;

describe.skipIf(lack !== null)(`the Python SDK in a notebook${lack === null ? '' : ` (${lack})`}`, () => {
  beforeAll(async () => {
    [python, server] = await Promise.all([installedPython(), startServer()]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...KERNEL];
    await promisify(execFile)(python.program, install, { env: personEnv() });
  });
  afterAll(async () => {
    await stopServer(server);
    await python?.remove();
  });

  it('works beside the event loop of the kernel, and its stop button ends what a cell waits for', async () => {
    const env = { ONMEMOS_BASE_URL: server.url, ONMEMOS_API_KEY: server.key };
    const printed = await runPython(python.program, [join(import.meta.dirname, 'notebook', 'cells.py')], env);
    expect(JSON.parse(printed)).toEqual({
      synchronous: ['hello'],
      'a record': ['html'],
      'a list': ['html'],
      awaited: ['awaited', 'terminated'],
      'awaited in another cell': ['running'],
      stopped: ['up', 'KeyboardInterrupt'],
      // The kernel cancels a cell that awaits.
      'stopped while awaited': ['up', 'CancelledError'],
      'stopped in a block': ['up', 'KeyboardInterrupt'],
      'the block’s session': ['terminated'],
      commands: ['0'],
      'the session of no block': ['running', 'on'],
    });
  });
});
