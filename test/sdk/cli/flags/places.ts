import { answered } from './sessions.ts';
import { asks, COMMON, exclude, type Line, type Noun, sends, type World } from './walk.ts';

export const workspaces: Noun = {
  walk: {
    'workspaces ls': {
      line: (flags) => ['workspaces', 'ls', ...flags],
      flags: { ...COMMON, '--user': asks(['bob'], 'GET', /\bbob\b/) },
    },
    'workspaces get': { line: (flags) => ['workspaces', 'get', 'lab', ...flags], flags: COMMON },
    'workspaces create': {
      line: (flags, { fresh }) => ['workspaces', 'create', fresh(), '--user', fresh(), ...flags],
      flags: {
        ...COMMON,
        '--name': sends(['The lab'], 'name', 'The lab'),
        '--package': sends(['dev_micro'], 'resource_package', 'dev_micro'),
        '--description': sends(['for work'], 'description', 'for work'),
        '--user': sends(['bob'], 'user_id', 'bob'),
      },
    },
    'workspaces rm': {
      line: async (flags, { fresh, quiet }) => {
        const [user, id] = [fresh(), fresh()];
        await quiet('workspaces', 'create', id, '--user', user);
        return ['workspaces', 'rm', '-y', `${user}/${id}`, ...flags];
      },
      flags: {
        ...COMMON,
        '--force': sends([], 'force', 'true'),
        '--yes': answered(async (flags, { fresh, quiet }) => {
          const [user, id] = [fresh(), fresh()];
          await quiet('workspaces', 'create', id, '--user', user);
          return ['workspaces', 'rm', '--force', `${user}/${id}`, ...flags];
        }, /is deleted/),
      },
    },
    'workspaces members ls': { line: (flags) => ['workspaces', 'members', 'ls', 'lab', ...flags], flags: COMMON },
    'workspaces members add': {
      line: (flags, { fresh }) => ['workspaces', 'members', 'add', 'lab', fresh(), ...flags],
      flags: { ...COMMON, '--role': sends(['viewer'], 'role', 'viewer') },
    },
    'workspaces members rm': {
      line: async (flags, { fresh, quiet }) => {
        const user = fresh();
        await quiet('workspaces', 'members', 'add', 'lab', user);
        return ['workspaces', 'members', 'rm', 'lab', user, ...flags];
      },
      flags: COMMON,
    },
  },
  pairs: {
    'workspaces create --name with an empty value': exclude(
      ['workspaces', 'create', 'x', '--name', ''],
      /--name is empty/,
    ),
  },
};

/** A workspace with a volume or bucket, of a user of its own: each has few. @returns OWNER/ID */
const withStorage = async (kind: string, { fresh, quiet }: World): Promise<string> => {
  const [user, id] = [fresh(), fresh()];
  await quiet('workspaces', 'create', id, '--user', user);
  await quiet('run', '--user', user, '-w', `${user}/${id}`, `--${kind}`, '1Gi', '--', 'true');
  return `${user}/${id}`;
};

const storage = (kind: 'volume' | 'bucket'): Noun => {
  const noun = `${kind}s`;
  let made: Promise<string> | null = null;
  const shared = (world: World): Promise<string> => {
    made ??= withStorage(kind, world);
    return made;
  };
  const named = (verb: string, args: readonly string[]): Line => ({
    line: async (flags, world) => [noun, verb, ...args, '-w', await shared(world), ...flags],
    flags: {
      ...COMMON,
      '--workspace': { ...asks(['lab'], 'GET', /\/lab\//), line: (flags) => [noun, verb, ...args, ...flags] },
    },
  });
  return {
    walk: {
      [`${noun} ls`]: named('ls', []),
      [`${noun} get`]: named('get', ['default']),
      [`${noun} rm`]: {
        line: async (flags, world) => [noun, 'rm', '-y', 'default', '-w', await withStorage(kind, world), ...flags],
        flags: {
          ...COMMON,
          '--workspace': {
            ...asks(['lab'], 'DELETE', /\/lab\//),
            line: (flags) => [noun, 'rm', '-y', 'default', ...flags],
          },
          '--yes': answered(
            async (flags, world) => [noun, 'rm', 'default', '-w', await withStorage(kind, world), ...flags],
            /is removed/,
          ),
        },
      },
    },
  };
};

export const volumes = storage('volume');
export const buckets = storage('bucket');
