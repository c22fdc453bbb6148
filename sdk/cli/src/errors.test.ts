import { ConnectionFailed, NotFound, OnMemOSError, returncodeOf, SecretLost } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { CliError, tell, usageError } from './errors.ts';
import { EXIT } from './exit-codes.ts';

describe('errors', () => {
  it('are told with what to do next, and end with the code of their kind', () => {
    const { lines, exit } = tell(
      new NotFound({ code: 'not_found', message: 'Session x does not exist.', extra: { resource: 'session' } }),
    );
    expect(lines[0]).toBe('Session x does not exist.');
    expect(lines[1]).toBe('`onmemos sessions ls --all` lists those that this key may see.');
    expect(exit).toBe(EXIT.notFound);
    expect(tell(usageError('No.', 'Say yes.'))).toEqual({ lines: ['No.', 'Say yes.'], exit: EXIT.usage });
    expect(tell(new Error('boom'))).toEqual({ lines: ['boom'], exit: EXIT.failed });
    expect(tell(new CliError('', { exit: 130 }))).toEqual({ lines: [], exit: 130 });
  });

  it.each([
    ['unauthenticated', EXIT.denied],
    ['budget_exceeded', EXIT.denied],
    ['connection_failed', EXIT.unavailable],
    ['invalid', EXIT.usage],
    ['conflict', EXIT.failed],
  ])('of the server end with their own code: %s', (code, exit) => {
    expect(tell(new OnMemOSError({ code, message: 'x' })).exit).toBe(exit);
  });

  it('name each field that does not hold, once', () => {
    const errors = [
      { field: 'ttl_minutes', message: 'must be at least 1' },
      { field: 'cwd', message: 'is not a folder' },
    ];
    const { lines } = tell(new OnMemOSError({ code: 'invalid', message: 'ttl_minutes must be at least 1', errors }));
    expect(lines).toEqual(['--ttl must be at least 1m', '  --cwd: is not a folder']);
  });

  it.each([
    [{ resource: 'workspace' }, '`onmemos workspaces ls`'],
    [{ resource: 'volume' }, '`onmemos volumes ls`'],
    [{ resource: 'key' }, '`onmemos keys ls`'],
    [{}, 'Check the spelling'],
  ])('of a missing thing say how to list those that are there: %o', (extra, hint) => {
    const error = new OnMemOSError({ code: 'not_found', message: 'It does not exist.', extra });
    expect(tell(error).lines[1]).toContain(hint);
  });

  it('say once whose key is needed, in the words of the server', () => {
    const message = 'Only an admin key may do this. Use one, or ask an administrator.';
    expect(tell(new OnMemOSError({ code: 'forbidden', message })).lines).toEqual([message]);
  });

  it('name what is left, and how to find what may be', () => {
    const message = 'The key could not be revoked: no. `onmemos keys rm key-1` removes it.';
    expect(tell(new SecretLost(message, 'key-1')).lines).toEqual([message]);
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const next = 'If the key was made, `onmemos keys ls` lists it.';
    const { lines, exit } = tell(new ConnectionFailed('http://127.0.0.1:9', refused, 'No.', next));
    expect([lines.length, lines[1], exit]).toEqual([3, next, EXIT.unavailable]);
  });

  it('of the inside name their request', () => {
    const error = new OnMemOSError({ code: 'internal', message: 'Something broke.', request_id: 'req-1' });
    expect(tell(error).lines.join('\n')).toContain('req-1');
  });
});

describe('the end of a command', () => {
  const ended = { status: 'exited', exit_code: null, signal: null } as const;
  it('is one number, as shells give it', () => {
    expect(returncodeOf({ ...ended, exit_code: 3 })).toBe(3);
    expect(returncodeOf({ ...ended, status: 'killed', signal: 'KILL' })).toBe(137);
    expect(returncodeOf({ ...ended, status: 'timed_out', exit_code: 143 })).toBe(124);
    expect(returncodeOf({ ...ended, status: 'lost' })).toBeNull();
  });
});
