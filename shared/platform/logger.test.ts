import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { withinTrace } from './trace.ts';

const capture = (level: 'debug' | 'info' = 'info', pretty = false) => {
  const lines: string[] = [];
  const log = createLogger({ level, pretty, destination: { write: (line) => void lines.push(line) } });
  return { log, lines };
};

describe('logger', () => {
  it('writes one JSON record with the severity that Google Cloud reads', () => {
    const { log, lines } = capture();
    log.warn({ session_id: 's-1' }, 'slow');
    const record = JSON.parse(lines[0] ?? '');
    expect(record).toMatchObject({ severity: 'WARNING', message: 'slow', session_id: 's-1' });
    expect(Date.parse(record.time)).toBeGreaterThan(0);
  });

  it('redacts what is named like a secret, at any depth and in a child', () => {
    const { log, lines } = capture();
    log.child({ api_key: 'leak-1' }).info(
      {
        request: { headers: { Authorization: 'leak-2' }, env: { A: 'leak-3' } },
        list: [{ refresh_token: 'leak-4' }],
      },
      'm',
    );
    expect(lines.join()).not.toContain('leak');
    expect(lines.join().match(/\[redacted\]/g)).toHaveLength(4);
  });

  it.each(['error', 'err'])('describes errors with their cause, as %s', (name) => {
    const { log, lines } = capture();
    log.error({ [name]: new Error('outer', { cause: new TypeError('inner') }) }, 'failed');
    expect(JSON.parse(lines[0] ?? '')[name]).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { type: 'TypeError', message: 'inner' },
    });
  });

  it('keeps silent below its level', () => {
    const { log, lines } = capture('info');
    log.debug({}, 'hidden');
    expect(lines).toEqual([]);
  });

  it('writes a readable line', () => {
    const { log, lines } = capture('info', true);
    log.info({ port: 8080 }, 'listening');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d INFO {4}listening port=8080\n$/);
  });

  it('writes requests and traces as Cloud Logging reads them', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ level: 'info', cloud: { project: 'acme' }, destination });
    const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736';
    withinTrace({ trace_id, span_id: '00f067aa0ba902b7', sampled: true }, () => {
      log
        .child({ part: 'api' })
        .info({ method: 'GET', path: '/v1/x', status: 200, ms: 12.3, outcome: 'ok' }, 'request');
    });
    log.info({ path: '/v1/x' }, 'no request');
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toEqual({
      severity: 'INFO',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      part: 'api',
      'logging.googleapis.com/trace': `projects/acme/traces/${trace_id}`,
      'logging.googleapis.com/spanId': '00f067aa0ba902b7',
      'logging.googleapis.com/trace_sampled': true,
      outcome: 'ok',
      httpRequest: { requestMethod: 'GET', requestUrl: '/v1/x', status: 200, latency: '0.0123s' },
      message: 'request',
    });
    expect(Object.keys(second ?? {}).toSorted()).toEqual(['message', 'path', 'severity', 'time']);
  });
});
