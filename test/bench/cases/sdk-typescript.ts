import { OnMemOSClient } from '../../../sdk/typescript/src/index.ts';
import type { Figure } from '../support/figure.ts';
import { createRunning } from '../support/sessions.ts';
import { type Server, withServer } from '../support/server.ts';
import { overheadFigures, sampleByTurns } from '../support/turns.ts';

const COMMAND = 'echo first output';

/** The same call by the platform's own `fetch`, with nothing around it. */
const byFetch = async ({ url, client: { key } }: Server, id: string): Promise<unknown> => {
  const response = await fetch(`${url}/v1/sessions/${id}/execute`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ command: COMMAND }),
  });
  return ((await response.json()) as { stdout: string }).stdout;
};

/** What the TypeScript SDK adds to a command, over `fetch` and over an HTTP client that does as little as one can. */
export const sdkTypescript = (quick: boolean): Promise<Figure[]> =>
  withServer({}, async (server) => {
    const { url, client: raw } = server;
    const id = await createRunning(raw);
    const sdk = new OnMemOSClient({ baseUrl: url, apiKey: raw.key });
    const samples = await sampleByTurns(quick ? 100 : 500, {
      sdk: async () => (await sdk.execs.execute(id, { command: COMMAND })).stdout,
      plain: () => byFetch(server, id),
      raw: async () => (await raw.call('POST', `/v1/sessions/${id}/execute`, { command: COMMAND }))['stdout'],
    });
    return overheadFigures('sdk-typescript', samples, { plain: 'fetch', raw: 'node:http' });
  });
