import { OnMemOSClient } from 'onmemos';
import { exercise } from './sample.ts';

/** The page's own program: it does what the sample does and tells the server of the page what came of it. */
const { baseUrl, apiKey } = (await (await fetch('/settings.json')).json()) as { baseUrl: string; apiKey: string };
const body = await exercise(new OnMemOSClient({ baseUrl, apiKey }), 'browser').then(
  (report) => JSON.stringify(report),
  (error: unknown) => JSON.stringify({ error: String(error), cause: String((error as Error).cause) }),
);
await fetch('/report', { method: 'POST', body });
