import { expect } from 'vitest';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answered } from './sessions.ts';
import { COMMON, type Line, type Noun, prints, sends, type World } from './walk.ts';

const newUser: Line['line'] = async (flags, { fresh, quiet }) => {
  const user = fresh();
  await quiet('users', 'set', user);
  return ['users', 'rm', user, ...flags];
};

export const users: Noun = {
  walk: {
    'users ls': { line: (flags) => ['users', 'ls', ...flags], flags: COMMON },
    'users get': { line: (flags) => ['users', 'get', 'ada', ...flags], flags: COMMON },
    'users limits': { line: (flags) => ['users', 'limits', 'ada', ...flags], flags: COMMON },
    'users set': {
      line: (flags, { fresh }) => ['users', 'set', fresh(), ...flags],
      flags: {
        ...COMMON,
        '--type': sends(['pro'], 'user_type', 'pro'),
        '--sessions': sends(['3'], 'max_concurrent_sessions', 3),
        '--budget': sends(['5'], 'monthly_budget_usd', 5),
        '--over-budget': sends(['terminate'], 'budget_action', 'terminate'),
      },
    },
    'users rm': { line: newUser, flags: { ...COMMON, '--yes': answered(newUser, /is deleted/) } },
  },
};

const newKey: Line['line'] = async (flags, { fresh, quiet }) => [
  'keys',
  'rm',
  await quiet('keys', 'create', fresh(), '--user', 'bob', '-q'),
  ...flags,
];

export const keys: Noun = {
  walk: {
    'keys ls': {
      line: async (flags, { quiet }) => {
        await quiet('keys', 'rm', await quiet('keys', 'create', 'old', '--user', 'bob', '-q'));
        return ['keys', 'ls', ...flags];
      },
      flags: { ...COMMON, '--all': prints([], /revoked/) },
    },
    'keys create': {
      line: (flags, { fresh }) => ['keys', 'create', fresh(), ...flags],
      flags: {
        ...COMMON,
        '--user': sends(['bob'], 'user_id', 'bob'),
        '--scope': sends(['sessions:read'], 'scopes', ['sessions:read']),
        '--workspace': sends(['ada/lab'], 'workspace_id', 'lab'),
        '--session': sends(({ box }: World) => [box], 'session_id', expect.stringMatching(/^ses-/)),
        '--expires': prints(['30d'], /is valid until \d/),
      },
    },
    'keys rm': { line: newKey, flags: { ...COMMON, '--yes': answered(newKey, /is revoked/) } },
  },
};

/** Takes every message. */
const receiver = createServer((_request, answer) => answer.end());
let address: Promise<string> | null = null;
const receiving = (): Promise<string> => {
  address ??= new Promise((done) =>
    receiver.listen(0, '127.0.0.1', () => {
      receiver.unref();
      done(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
    }),
  );
  return address;
};

const onHook =
  (verb: string): Line['line'] =>
  async (flags, { fresh, quiet }) => [
    'webhooks',
    verb,
    await quiet('webhooks', 'create', await receiving(), '-q', '--user', fresh()),
    ...flags,
  ];

export const webhooks: Noun = {
  walk: {
    'webhooks ls': {
      line: async (flags, { fresh, quiet }) => {
        await quiet('webhooks', 'create', await receiving(), '-q', '--user', fresh());
        return ['webhooks', 'ls', ...flags];
      },
      flags: { ...COMMON, '--user': sends(['bob'], 'user', 'bob') },
    },
    'webhooks create': {
      line: async (flags, { fresh }) => ['webhooks', 'create', await receiving(), '--user', fresh(), ...flags],
      flags: {
        ...COMMON,
        '--user': sends(['bob'], 'user_id', 'bob'),
        '--event': sends(['session.ending'], 'events', ['session.ending']),
        '--description': sends(['for work'], 'description', 'for work'),
      },
    },
    'webhooks get': { line: onHook('get'), flags: COMMON },
    'webhooks test': { line: onHook('test'), flags: COMMON },
    'webhooks rotate': { line: onHook('rotate'), flags: COMMON },
    'webhooks rm': { line: onHook('rm'), flags: { ...COMMON, '--yes': answered(onHook('rm'), /is deleted/) } },
  },
};
