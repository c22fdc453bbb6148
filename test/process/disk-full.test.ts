import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ok } from '../acceptance/support/api.ts';
import { stopServer } from '../acceptance/support/server.ts';
import type { Session } from '../acceptance/support/shapes.ts';
import { until } from '../acceptance/support/until.ts';
import { running, sandbox, shell } from '../acceptance/support/world.ts';
import { ground } from './support/launched.ts';

const { folder, start } = ground();
/** Sessions may use all but 1,024 MiB of it. */
const DISK_MIB = 1_400;
const root = process.getuid?.() === 0;

describe.skipIf(!root)('a disk that fills (a disk of its own is mounted, which needs root)', () => {
  it('ends the biggest writer, keeps the server and its neighbours, and takes sessions again', async () => {
    const disk = join(await folder(), 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'onmemos-test', disk]);
    try {
      const server = await start({ dataDir: join(disk, 'data'), env: { ONMEMOS_POOL_SIZE: '0' } });
      const writer = await sandbox(server.api);
      const neighbour = await sandbox(server.api);
      await shell(neighbour.api, neighbour.session, 'head -c 10M /dev/zero > small');
      ok(await writer.api.post(`${writer.at}/execs`, { command: 'head -c 600M /dev/zero > large; sleep 600' }));

      const ended = await until('the writer has ended', async () => {
        const session = ok(await writer.api.get<Session>(writer.at));
        return session.status === 'failed' && session;
      });
      expect(ended.status_reason).toBe('host_disk_full');
      expect(ended.status_message).toContain('The disk of this machine was nearly full');
      expect(await shell(neighbour.api, neighbour.session, 'wc -c < small')).toBe('10485760\n');

      execFileSync('fallocate', ['-l', '500M', join(disk, 'of-another')]);
      const refused = ok(
        await neighbour.api.post<Session>('/v1/sessions?wait=60', {
          namespace: 'tests',
          resource_package: 'dev_micro',
        }),
      );
      expect(refused).toMatchObject({ status: 'failed', status_reason: 'provider_refused' });
      expect(refused.status_message).toMatch(/Only \d+ MiB of disk are free/);
      execFileSync('rm', [join(disk, 'of-another')]);
      await running(neighbour.api);
      await stopServer(server);
    } finally {
      execFileSync('umount', ['--lazy', disk]);
      await rm(disk, { recursive: true, force: true });
    }
  });
});
