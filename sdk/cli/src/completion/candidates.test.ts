import type { Command } from 'commander';
import type { OnMemOSClient } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { REGISTRY } from '../registry.ts';
import { candidates, FILES } from './candidates.ts';
import { argumentValues } from './values.ts';

const program = await createProgram('all');

const listing = (items: readonly unknown[]) => ({
  list: (...asked: unknown[]) => ({
    all: async () => {
      calls.push(asked);
      return items;
    },
  }),
});
const calls: unknown[][] = [];
const client = {
  sessions: listing([
    { id: 'ses-1', labels: { name: 'box' }, status: 'running', user: 'ann', ended_at: null, namespace: 'default' },
    { id: 'ses-2', labels: {}, status: 'failed', user: 'ann', ended_at: 'x', namespace: 'old' },
  ]),
  execs: listing([{ exec_id: 'exe-1', status: 'running', command: 'make', argv: null }]),
  volumes: listing([{ name: 'data', size_gb: 10 }]),
  workspaces: listing([{ user_id: 'bob', workspace_id: 'lab', name: 'The lab' }]),
  webhooks: listing([{ webhook_id: 'wbh-1', url: 'https://a.example' }]),
  packages: listing([{ name: 'dev_small', cpu_millis: 500, memory_mb: 1024, gpu: null }]),
} as unknown as OnMemOSClient;

const offered = async (line: string, reach: OnMemOSClient | null = client): Promise<readonly string[]> => {
  const lookUp = { client: async () => reach, user: async () => 'ann' };
  const found = await candidates(program, line.split(' '), lookUp);
  return found === FILES ? ['FILES'] : found.map(({ value }) => value);
};

describe('what can follow', () => {
  it('is every command that there is, and under each of its names what follows it', async () => {
    expect(await offered('')).toEqual(REGISTRY.map(({ name }) => name));
    expect(await offered('sessions list --na')).toEqual(['--namespace']);
    expect(await offered('workspaces members a')).toEqual(['add']);
    expect(await offered('--js')).toEqual(['--json']);
    expect(await offered('--profile x sessions r')).toEqual(['rm']);
  });

  it('is a value of the server: live sessions by id and name, and what belongs to what was typed', async () => {
    expect(await offered('exec ')).toEqual(['ses-1', 'box']);
    expect(await offered('stop ses-1 ')).toEqual(['box']);
    expect(await offered('logs box ')).toEqual(['exe-1']);
    expect(calls.at(-1)?.[0]).toBe('ses-1');
    expect(await offered('run -w ')).toEqual(['bob/lab']);
    expect(await offered('run --package dev')).toEqual(['dev_small']);
    expect(await offered('volumes rm -w bob/lab ')).toEqual(['data']);
    expect(calls.at(-1)?.slice(0, 2)).toEqual(['bob', 'lab']);
    expect(await offered('packages get ')).toEqual(['dev_small']);
    expect(await offered('webhooks rm ')).toEqual(['wbh-1']);
    expect(await offered('cost report --by d')).toEqual(['day']);
  });

  it('is a file behind two dashes and for a file, and nothing of a server that is away', async () => {
    expect(await offered('exec box -- l')).toEqual(['FILES']);
    expect(await offered('run --env-file ')).toEqual(['FILES']);
    expect(await offered('exec box l')).toEqual([]);
    expect(await offered('exec ', null)).toEqual([]);
    expect(await offered('run --ttl ')).toEqual([]);
  });
});

it('every argument that names something of the server has values', async () => {
  const named = (command: Command): readonly (readonly [string, string])[] => [
    ...command.registeredArguments.map((one) => [command.parent?.name() ?? '', one.name()] as const),
    ...command.commands.flatMap(named),
  ];
  // What a person makes up, and words of the command line itself.
  const without = ['id', 'name', 'value', 'url', 'source', 'target', 'words'];
  const silent = named(program).filter(([group, name]) => argumentValues(group, name) === undefined);
  expect(silent.map(([, name]) => name).filter((name) => !without.includes(name))).toEqual([]);
});

it('describes every command in words', () => {
  const silent = (command: Command): readonly string[] => [
    ...(command.summary() || command.parent === null ? [] : [command.name()]),
    ...command
      .createHelp()
      .visibleOptions(command)
      .filter(({ description }) => description === '')
      .map(({ flags }) => `${command.name()} ${flags}`),
    ...command.commands.flatMap(silent),
  ];
  expect(silent(program)).toEqual([]);
});
