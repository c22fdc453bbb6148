import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OnMemOSClient, SessionFailed } from '../index.ts';

let server: Server | null = null;
let calls: string[] = [];
let bodies: string[] = [];

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A client of a server that answers with one record after the other, the last one for ever. */
const serving = async (...records: readonly object[]): Promise<OnMemOSClient> => {
  calls = [];
  bodies = [];
  server = createServer(async (request, response) => {
    calls.push(`${request.method} ${request.url}`);
    bodies.push((await request.toArray()).join(''));
    const record = { id: 'ses-1', expires_at: '2026-01-01T00:00:00.000Z', status_message: null, status_reason: null };
    const answer = records[Math.min(calls.length, records.length) - 1];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...record, ...answer }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new OnMemOSClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: 'omk_a_b',
  });
};

describe('sessions.create', () => {
  it('throws what became of a session that failed, with what to do', async () => {
    const client = await serving({ status: 'failed', status_message: 'Choose another image.' });
    const failed = await client.sessions.create({}).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SessionFailed);
    expect(String(failed)).toBe('SessionFailed: Session ses-1 has failed: Choose another image.');
    expect((failed as SessionFailed).session.id).toBe('ses-1');
  });

  it('asks for 60 seconds at once, or for as many as the call or the client says', async () => {
    const client = await serving({ status: 'running' });
    await client.sessions.create({});
    await client.sessions.create({}, { wait: 5 });
    await new OnMemOSClient({ baseUrl: client.baseUrl, wait: 0 }).sessions.create({});
    expect(calls).toEqual([60, 5, 0].map((wait) => `POST /v1/sessions?wait=${wait}`));
  });

  it('names the client’s user where the call names none, and leaves the rest to the server', async () => {
    const { baseUrl } = await serving({ status: 'running' });
    const client = new OnMemOSClient({ baseUrl, user: 'ada' });
    const spec = { persistent_storage_size_gb: 5, bucket_size_gb: 2 };
    await client.session(spec);
    await client.session({ ...spec, user: 'bob', request_bucket: false });
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { ...spec, user: 'ada' },
      { ...spec, user: 'bob', request_bucket: false },
    ]);
    expect(spec).toEqual({ persistent_storage_size_gb: 5, bucket_size_gb: 2 });
  });

  it('answers the session as it is when the waiting is over', async () => {
    const client = await serving({ status: 'creating' });
    expect((await client.sessions.create({}, { wait: 1 })).status).toBe('creating');
  });

  it('waits on where one answer can’t be held as long', async () => {
    const client = await serving({ status: 'creating' }, { status: 'creating' }, { status: 'running' });
    expect((await client.sessions.create({}, { wait: 900 })).status).toBe('running');
    expect(calls).toEqual(calls.map(() => 'POST /v1/sessions?wait=300'));
    expect(calls.length).toBe(3);
  });
});

describe('a session', () => {
  it('keeps its methods, whatever fields a later server gives it', async () => {
    const session = await (await serving({ status: 'running', run: 'fields', later: 1 })).sessions.get('ses-1');
    expect(session).toMatchObject({ id: 'ses-1', later: 1 });
    expect(typeof session.run).toBe('function');
  });

  it('is not ended twice: what has ended needs no end of its block', async () => {
    const client = await serving({ status: 'terminated' });
    {
      await using session = await client.sessions.get('ses-1');
      expect(session.status).toBe('terminated');
    }
    expect(calls).toEqual(['GET /v1/sessions/ses-1']);
  });
});
