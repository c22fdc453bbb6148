import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudTasksClient } from '@google-cloud/tasks';
import { OAuth2Client } from 'google-auth-library';
import { grpc } from 'google-gax';
import type { CloudTasksServer } from '../../support/cloud-tasks/server.ts';

// The clients ask a link-local address otherwise.
process.env['METADATA_SERVER_DETECTION'] = 'none';

export const PROJECT = 'test-project';
export const PLACE = 'europe-west1';
export const LOCATION = `projects/${PROJECT}/locations/${PLACE}`;
export const ACCOUNT = `tasks@${PROJECT}.iam.gserviceaccount.com`;

/** The client of the service, as infrastructure uses it. */
export const adminOf = ({ host, port }: CloudTasksServer): CloudTasksClient =>
  new CloudTasksClient({
    ...{ servicePath: host, port, projectId: PROJECT, fallback: false },
    sslCreds: grpc.credentials.createInsecure(),
  });

export interface Delivered {
  readonly task: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a worker answers: a status, with headers perhaps; null stands for no answer at all. */
export type Respond = (
  delivered: Delivered,
) => Promise<number | null | { readonly status: number; readonly headers: Readonly<Record<string, string>> }>;

export interface TestWorker {
  readonly url: string;
  close(): Promise<void>;
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

/** An HTTP server at `/tasks/{task}`. */
export const openWorker = async (respond: Respond): Promise<TestWorker> => {
  const server: Server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const task = request.url?.replace(/^\/tasks\//, '') ?? '';
      const answer = await respond({ task, headers: request.headers, body: await textOf(request) });
      if (answer === null) return;
      const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
      response.writeHead(status, headers).end();
    };
    // A delivery that was given up takes no answer.
    serve().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Whether a delivery carries a token of the account for the audience, asked of Google’s own library. */
export const verifierOf = ({ certs_url, issuer }: CloudTasksServer, audience: string) => {
  const client = new OAuth2Client({ endpoints: { oauth2FederatedSignonPemCertsUrl: certs_url }, issuers: [issuer] });
  return async ({ headers }: Delivered): Promise<boolean> => {
    const idToken = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    try {
      const payload = (await client.verifyIdToken({ idToken, audience })).getPayload();
      return payload?.email === ACCOUNT && payload.email_verified === true;
    } catch {
      return false;
    }
  };
};
