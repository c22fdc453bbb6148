import { randomInt } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

const pids = async (): Promise<number[]> => (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

/** Processes of this machine whose command line has this text, as the machine sees them from outside. */
export const processesWith = async (text: string): Promise<number[]> => {
  const found: number[] = [];
  for (const pid of await pids()) {
    if (pid === process.pid) continue;
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    if (line.includes(text)) found.push(pid);
  }
  return found;
};

/** The control groups of ours that a process is in: folder names such as `onmemos-…`. */
export const groupsOf = async (pid: number): Promise<string[]> => {
  const text = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  return [...new Set([...text.matchAll(/\/(onmemos-[^/\n]+)/g)].map((match) => match[1] ?? ''))];
};

const foldersNamed = async (root: string, names: ReadonlySet<string>, depth: number): Promise<string[]> => {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(root, entry.name);
    if (names.has(entry.name)) found.push(path);
    else if (depth > 0) found.push(...(await foldersNamed(path, names, depth - 1)));
  }
  return found;
};

/** Folders of control groups of these names, in every hierarchy. */
const groupFolders = (names: readonly string[]): Promise<string[]> => foldersNamed('/sys/fs/cgroup', new Set(names), 6);

/** Everything that a data folder's sessions have on this machine outside their records. */
export const tracesOf = async (dataDir: string, marker: string, groups: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const pid of await processesWith(marker)) found.push(`process ${pid}`);
  for (const pid of await pids()) {
    const cwd = await readlink(`/proc/${pid}/root`).catch(() => '');
    if (cwd.startsWith(dataDir)) found.push(`root of process ${pid}`);
    if ((await groupsOf(pid)).some((name) => groups.includes(name))) found.push(`member ${pid} of a group`);
  }
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  for (const line of mounts.split('\n')) if (line.includes(dataDir)) found.push(`mount ${line}`);
  for (const folder of await groupFolders(groups)) {
    for (const name of await readdir(folder, { withFileTypes: true })) {
      if (name.isDirectory()) found.push(`group ${join(folder, name.name)}`);
    }
  }
  const sandboxes = await readdir(join(dataDir, 'sandboxes')).catch(() => []);
  for (const name of sandboxes) if (name.includes('ses-')) found.push(`folder ${name}`);
  return found;
};

/** Seconds to sleep that no other process of this machine has on its command line. */
export const marker = (): string => `${randomInt(90_000, 2_000_000_000)}.125`;
