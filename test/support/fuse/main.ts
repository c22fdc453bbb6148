import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, read, writeSync } from 'node:fs';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { ForgetfulDisk } from './forgetful-disk.ts';
import { MOST_REQUEST, requestOf } from './wire.ts';

/**
 * Runs in a separate process, because a process that serves its own file access waits for itself for ever. `disk.ts`
 * starts it.
 */
const DEVICE = '/dev/fuse';
const TYPE = 'fuse.onmemos-test';

const run = promisify(execFile);
const receive = promisify(read);
const [folder = ''] = process.argv.slice(2);
const disk = new ForgetfulDisk(process.getuid?.() ?? 0, process.getgid?.() ?? 0);

/** Answers the kernel's requests until the file system is unmounted. */
const serve = async (device: number): Promise<void> => {
  const buffer = Buffer.alloc(MOST_REQUEST);
  for (;;) {
    let length: number;
    try {
      length = (await receive(device, buffer, 0, buffer.length, null)).bytesRead;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENODEV') return;
      // The kernel withdrew the request before it was read.
      if (code === 'ENOENT' || code === 'EINTR' || code === 'EAGAIN') continue;
      throw error;
    }
    const answer = disk.answer(requestOf(buffer.subarray(0, length)));
    try {
      if (answer) writeSync(device, answer);
    } catch (error) {
      // The kernel no longer waits for this answer.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
};

interface Mounted {
  /** Unmounts the disk although programs have files open; they get errors from then on. */
  unmount(): Promise<void>;
}

const mount = async (): Promise<Mounted> => {
  const device = openSync(DEVICE, 'r+');
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other';
  const mounting = spawn('mount', ['-i', '-t', TYPE, '-o', options, 'forgetful', folder], {
    stdio: ['ignore', 'ignore', 'pipe', device],
  });
  let said = '';
  mounting.stderr?.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code] = await once(mounting, 'close');
  if (code !== 0) {
    closeSync(device);
    throw new Error(said.trim() || `mount ended with ${code}`);
  }
  const served = serve(device).finally(() => closeSync(device));
  return {
    unmount: async () => {
      await run('umount', ['-i', '-f', '-l', folder]);
      await served;
    },
  };
};

const start = async (): Promise<void> => {
  let mounted = await mount();
  const orders: Readonly<Record<string, () => Promise<void>>> = {
    restart: async () => {
      await mounted.unmount();
      disk.restart();
      mounted = await mount();
    },
    'fail syncs': async () => {
      disk.failsSyncs = true;
    },
    'sync again': async () => {
      disk.failsSyncs = false;
    },
    count: async () => {},
    end: () => mounted.unmount(),
  };
  const carryOut = async (order: string): Promise<void> => {
    const carried = orders[order];
    if (!carried) throw new Error(`there is no order "${order}"`);
    await carried();
    process.send?.({ done: order, syncs: disk.syncs });
    if (order === 'end') process.disconnect?.();
  };
  process.on('message', (order: string) => {
    carryOut(order).catch((error: unknown) => process.send?.({ failed: String(error) }));
  });
  // The process that started this one has ended, so unmount the disk.
  process.on('disconnect', () => void mounted.unmount().catch(() => {}));
  process.send?.({ done: 'start', syncs: 0 });
};

await start().catch((error: unknown) => {
  process.send?.({ failed: error instanceof Error ? error.message : String(error) });
  process.disconnect?.();
});
