import { join } from 'node:path';
import { interpreter, PYTHON_SDK } from '../../sdk/faults/python.ts';
import { runPython } from '../../sdk/support/python.ts';
import type { Figure } from '../support/figure.ts';
import { createRunning } from '../support/sessions.ts';
import { withServer } from '../support/server.ts';
import { overheadFigures, type WaySamples } from '../support/turns.ts';

const PROGRAM = join(import.meta.dirname, 'sdk_python.py');

/** What the Python SDK adds to a command, over httpx and over the standard library's HTTP client, all in one process. */
export const sdkPython = (quick: boolean): Promise<Figure[]> =>
  withServer({}, async ({ url, client }) => {
    const id = await createRunning(client);
    const args = [PROGRAM, '--url', url, '--session', id, '--count', String(quick ? 100 : 500)];
    const env = { PYTHONPATH: PYTHON_SDK, ONMEMOS_API_KEY: client.key };
    const samples = JSON.parse(await runPython(await interpreter(), args, env)) as WaySamples;
    return overheadFigures('sdk-python', samples, { plain: 'httpx', raw: 'http.client' });
  });
