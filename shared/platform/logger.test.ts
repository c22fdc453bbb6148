import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

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

  it('describes errors with their cause', () => {
    const { log, lines } = capture();
    log.error({ error: new Error('outer', { cause: new TypeError('inner') }) }, 'failed');
    expect(JSON.parse(lines[0] ?? '').error).toMatchObject({
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
});
