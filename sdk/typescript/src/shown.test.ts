import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Process } from './execs/process.ts';
import type { SessionKit } from './kit.ts';
import { Session } from './session.ts';
import { withHiddenSecret } from './shown.ts';
import type { Exec, Key, SessionRecord } from './types.ts';

const kit = { execs: {} } as unknown as SessionKit;

describe('the secret of a key', () => {
  const key = withHiddenSecret({ key_id: 'key-1', name: 'nightly', secret: 'omk_secret' } as Key);

  it('is read by its name, and is in no text of the key', () => {
    expect(key.secret).toBe('omk_secret');
    for (const text of [
      inspect(key),
      inspect(key, { depth: 9 }),
      JSON.stringify({ key }),
      JSON.stringify({ ...key }),
    ]) {
      expect(text).toContain('nightly');
      expect(text).not.toContain('omk_secret');
    }
  });

  it('that is not there is told as it is', () => {
    expect(JSON.stringify(withHiddenSecret({ key_id: 'key-1', secret: null }))).toBe(
      '{"key_id":"key-1","secret":null}',
    );
  });
});

describe('on the console', () => {
  it('a session is one line', () => {
    const record = { id: 'ses-1', status: 'running', resource_package: 'dev_small', user: 'ada', env_names: ['A'] };
    const session = new Session(kit, record as unknown as SessionRecord);
    expect(inspect([session])).toBe('[ <Session ses-1 running, dev_small of ada> ]');
    expect(Object.keys(session)).toEqual(Object.keys(record));
  });

  it('a command is one line', () => {
    const exec = {
      exec_id: 'exe-1',
      session_id: 'ses-1',
      status: 'exited',
      exit_code: 3,
      signal: null,
      tty: false,
    } as Exec;
    expect(inspect(new Process(kit, exec))).toBe('<Process exe-1 exited, 3>');
    expect(inspect(new Process(kit, { ...exec, status: 'running', exit_code: null }))).toBe('<Process exe-1 running>');
  });
});
