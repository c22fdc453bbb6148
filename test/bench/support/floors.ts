import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Runs a program and holds until it has printed and ended. @throws Error where it fails */
export const bareSpawn = (program: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = 0;
    child.stdout.on('data', (data: Buffer) => {
      printed += data.byteLength;
    });
    child.stderr.resume();
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && printed > 0) resolve();
      else reject(new Error(`${program} ended with ${code}`));
    });
  });

/** What a command costs without us. */
export const bareShell = (): Promise<void> => bareSpawn('/bin/sh', ['-c', 'echo first output']);

/** The least that a sandbox could be: fresh namespaces and a command in them, nothing mounted, limited or recorded. */
export const bareNamespaces = (): Promise<void> =>
  bareSpawn('unshare', ['--mount', '--pid', '--uts', '--ipc', '--fork', '/bin/sh', '-c', 'echo first output']);

/** Bytes that Node reads from a command's pipe in a second, in MB. */
export const barePipe = async (command: string): Promise<number> => {
  const started = performance.now();
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  child.stdout.on('data', (data: Buffer) => {
    bytes += data.byteLength;
  });
  await once(child, 'close');
  return bytes / 1e6 / ((performance.now() - started) / 1000);
};

/** A Hono route that answers this JSON and does nothing else, in a process of its own. */
export const bareHono = async (json: unknown): Promise<{ readonly url: string; stop(): Promise<void> }> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hono-server.ts'), JSON.stringify(json)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return {
    url: line.trim(),
    stop: async () => {
      child.kill();
      await once(child, 'close');
    },
  };
};
