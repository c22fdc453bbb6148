import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Faults, readFaults } from './faults.ts';
import type { Tokens } from './tokens.ts';
import type { Counts } from './world.ts';

/** As long as Google’s own documents may be kept, in order of magnitude. */
const KEPT_SECONDS = 20_000;

interface PagesOf {
  readonly tokens: Tokens;
  readonly counts: Counts;
  readonly faults: () => Faults;
  setFaults(faults: Partial<Faults>): void;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

/**
 * The keys of the tokens at the paths that Google has them at, in both forms, and for other processes the faults and the
 * counts: `GET /faults`, `PUT /faults` with those to change, `GET /counts`, and `POST /tokens` with `email` and `audience`
 * for programs that take the place of other callers.
 */
export const createPages = ({ tokens, counts, faults, setFaults }: PagesOf): Server => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (code: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(code, { 'Content-Type': 'application/json; charset=UTF-8', ...headers });
      response.end(JSON.stringify(value));
    };
    const kept = { 'Cache-Control': `public, max-age=${KEPT_SECONDS}, must-revalidate` };
    const asked = `${request.method} ${request.url}`;
    if (asked === 'GET /oauth2/v1/certs') return send(200, tokens.certificates(), kept);
    if (asked === 'GET /oauth2/v3/certs') return send(200, tokens.keySet(), kept);
    if (asked === 'GET /counts') return send(200, counts);
    if (asked === 'GET /faults') return send(200, faults());
    if (asked === 'POST /tokens') {
      const { email, audience } = JSON.parse(await bodyOf(request)) as {
        readonly email: string;
        readonly audience: string;
      };
      return void response.end(tokens.of(email, audience));
    }
    if (asked !== 'PUT /faults') return send(404, { error: `${asked} is no page of this server` });
    try {
      setFaults(readFaults(await bodyOf(request)));
      send(200, faults());
    } catch (error) {
      send(400, { error: String(error) });
    }
  };
  return createServer((request, response) => void answer(request, response));
};
