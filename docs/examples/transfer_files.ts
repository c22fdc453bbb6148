// Move files and folders into a session and out of it, byte by byte, as a tar stream between the two machines' `tar`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { OnMemOSClient, type Session } from 'onmemos';

/** Copies a file or folder of this machine into a folder of the session. */
const send = async (session: Session, local: string, folder = '/workspace'): Promise<void> => {
  const unpack = await session.start(['tar', '-x', '-f', '-', '-C', folder], { stdin: true });
  const pack = spawn('tar', ['-c', '-f', '-', '-C', dirname(local), basename(local)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(pack, 'close');
  for await (const piece of pack.stdout) await unpack.write(piece as Uint8Array);
  const [code] = (await ended) as [number | null];
  if (code !== 0) {
    await unpack.kill();
    throw new Error(`tar ended with ${code}`);
  }
  await unpack.closeStdin();
  if ((await unpack.wait()) !== 0) throw new Error(`tar in the session ended with ${unpack.returncode}`);
};

/** Copies a file or folder of the session into a folder of this machine. */
const fetchFiles = async (session: Session, name: string, local: string, folder = '/workspace'): Promise<void> => {
  const unpack = spawn('tar', ['-x', '-f', '-', '-C', local], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = once(unpack, 'close');
  // `hold`: the command waits for this reader, so that no byte is dropped.
  const pack = await session.start(['tar', '-c', '-f', '-', '-C', folder, name], { hold: true });
  for await (const { stream, data } of pack) {
    if (stream === 'stderr') process.stderr.write(data);
    else if (!unpack.stdin.write(data)) await once(unpack.stdin, 'drain');
  }
  unpack.stdin.end();
  const [code] = (await ended) as [number | null];
  if (pack.returncode !== 0 || code !== 0) throw new Error(`tar ended with ${pack.returncode} there and ${code} here`);
};

const here = await mkdtemp(join(tmpdir(), 'transfer-'));
await using session = await new OnMemOSClient().session({ ttl_minutes: 10 });
await mkdir(join(here, 'data'));
const bytes = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, i) => i % 256));
await writeFile(join(here, 'data', 'all-bytes.bin'), bytes);
await send(session, join(here, 'data'));
console.log((await session.run('wc -c < data/all-bytes.bin', { check: true })).stdout.trim()); // -> 1048576

await session.run('cp data/all-bytes.bin data/copy.bin && mv data result', { check: true });
await fetchFiles(session, 'result', here);
const copy = await readFile(join(here, 'result', 'copy.bin'));
console.log((await readdir(join(here, 'result'))).sort().join(' '), copy.equals(bytes)); // -> all-bytes.bin copy.bin true
await rm(here, { recursive: true });
