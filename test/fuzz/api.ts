import { setTimeout as pause } from 'node:timers/promises';

export type Json = Readonly<Record<string, unknown>>;

/** Calls the server directly, past every fault, and waits for one that is just being started. */
export class Api {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async call(method: string, path: string, body?: Json): Promise<Json> {
    const headers = { 'X-API-Key': this.#key, ...(body ? { 'Content-Type': 'application/json' } : {}) };
    for (let left = 40; ; left--) {
      try {
        const answer = await fetch(`${this.#url}${path}`, {
          method,
          headers,
          body: body ? JSON.stringify(body) : null,
        });
        const json = (await answer.json()) as Json;
        if (answer.status === 503 && left > 0) throw new Error(String(json['detail']));
        return { ...json, http: answer.status };
      } catch (error) {
        if (left <= 0) throw error;
        await pause(250);
      }
    }
  }

  async items(path: string): Promise<readonly Json[]> {
    const found: Json[] = [];
    let cursor = '';
    do {
      const more = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { items, next_cursor } = await this.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=200${more}`);
      found.push(...((items ?? []) as Json[]));
      cursor = String(next_cursor ?? '');
    } while (cursor !== '');
    return found;
  }

  async createSession(mark: string, ttl: number): Promise<string> {
    const body = { user: 'fuzz', ttl_minutes: ttl, labels: { mark }, resource_package: 'dev_micro', template: 'plain' };
    const made = await this.call('POST', '/v1/sessions?wait=60', body);
    if (made['status'] !== 'running') throw new Error(`no session was made: ${JSON.stringify(made)}`);
    return String(made['id']);
  }

  async execute(session: string, command: string): Promise<string> {
    const { stdout, detail } = await this.call('POST', `/v1/sessions/${session}/execute`, { command, timeout: 60 });
    if (stdout === undefined) throw new Error(`${command}: ${String(detail)}`);
    return String(stdout);
  }

  async start(session: string, command: string): Promise<string> {
    const made = await this.call('POST', `/v1/sessions/${session}/execs`, { command });
    if (made['exec_id'] === undefined) throw new Error(`${command}: ${JSON.stringify(made)}`);
    return String(made['exec_id']);
  }
}
