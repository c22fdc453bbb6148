import type { OnMemOSClient } from 'onmemos';
import { expect, it } from 'vitest';
import { providerNamed } from './provider.ts';

const client = (list: () => Promise<readonly unknown[]>): OnMemOSClient =>
  ({ providers: { list: () => ({ all: list }) } }) as unknown as OnMemOSClient;
const server = (autoDriver: string): OnMemOSClient =>
  client(async () => [
    { name: 'auto', driver: autoDriver },
    { name: 'gke', driver: 'local' },
    { name: 'cloud_run', driver: 'local' },
  ]);

it('a provider is named as people write it', async () => {
  for (const typed of ['cloud_run', 'cloud-run', 'Cloud Run', 'cloudrun'])
    expect(await providerNamed(server('local'), typed), typed).toBe('cloud_run');
  expect(await providerNamed(server('local'), 'GKE')).toBe('gke');
});

it('local is auto where auto leads to this machine', async () => {
  expect(await providerNamed(server('local'), 'local')).toBe('auto');
  await expect(providerNamed(server('gke'), 'local')).rejects.toThrow('There is no provider local.');
});

it('any other name is refused with those there are', async () => {
  await expect(providerNamed(server('local'), 'aws')).rejects.toMatchObject({
    message: 'There is no provider aws.',
    hint: expect.stringContaining('This server has auto, gke, cloud_run; '),
  });
});

it('the server judges where they can not be listed', async () => {
  const denied = client(() => Promise.reject(new Error('forbidden')));
  expect(await providerNamed(denied, 'aws')).toBe('aws');
});
