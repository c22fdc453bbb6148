import { execFile } from 'node:child_process';
import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE, type RunningServer, startServer, stopServer } from '../../acceptance/support/server.ts';
import { hasShell } from '../../support/backends.ts';
import { CLI, call, type Home, makeHome } from './support/cli.ts';
import { openTerminal } from './support/terminal.ts';

const run = promisify(execFile);
const [zsh, fish] = await Promise.all([hasShell('zsh'), hasShell('fish')]);

let server: RunningServer;
let home: Home;
let session: string;

beforeAll(async () => {
  server = await startServer();
  // What is offered must not depend on how busy this machine is.
  const plain = await makeHome({
    ONMEMOS_COMPLETION_MS: '60000',
    ONMEMOS_BASE_URL: server.url,
    ONMEMOS_API_KEY: server.key,
    ONMEMOS_USER: 'ada',
  });
  const bin = join(plain.dir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'onmemos'), `#!/bin/sh\nexec '${NODE}' '${CLI}' "$@"\n`);
  await chmod(join(bin, 'onmemos'), 0o755);
  home = { ...plain, env: { ...plain.env, PATH: `${bin}${delimiter}${plain.env['PATH'] ?? ''}` } };
  session = (await call(['sessions', 'create', '--quiet', '--ttl', '10m', '--label', 'team=one'], home)).stdout.trim();
  await call(['workspaces', 'create', 'lab'], home);
  await call(['config', 'set', 'user', 'ada', '--profile', 'staging'], home);
});
afterAll(async () => {
  await stopServer(server);
  await home.remove();
});

/** Each line as typed up to Tab, and words that are to be offered, all and only where `all` is true. */
const WANTED: readonly { typed: readonly string[]; some: readonly string[]; never?: readonly string[] }[] = [
  { typed: ['sess'], some: ['sessions'], never: ['shell', 'run'] },
  { typed: ['c'], some: ['cleanup', 'completion', 'config', 'cost'], never: ['run'] },
  { typed: ['sessions', ''], some: ['ls', 'get', 'create', 'set', 'rm'], never: ['run', 'help'] },
  { typed: ['sessions', 'list', '--na'], some: ['--namespace'] },
  { typed: ['stop', ''], some: ['SESSION'] },
  { typed: ['workspaces', 'members', 'a'], some: ['add'], never: ['ls', 'attach'] },
  { typed: ['run', '--pack'], some: ['--package'], never: ['--provider'] },
  { typed: ['cost', 'report', '--f'], some: ['--from'] },
  { typed: ['exec', 'ses-'], some: ['SESSION'] },
  { typed: ['sessions', 'rm', ''], some: ['SESSION'] },
  { typed: ['sessions', 'ls', '--profile', 's'], some: ['staging'] },
  { typed: ['run', '-w', 'l'], some: ['lab'], never: ['default'] },
  { typed: ['run', '--package', 'dev_s'], some: ['dev_small'], never: ['dev_large'] },
  { typed: ['users', '--json', 'get', 'a'], some: ['ada'] },
];

const check = async (complete: (words: readonly string[]) => Promise<readonly string[]>): Promise<void> => {
  for (const { typed, some, never = [] } of WANTED) {
    const offered = await complete(typed);
    const wanted = some.map((word) => (word === 'SESSION' ? session : word));
    expect(offered, typed.join(' ')).toEqual(expect.arrayContaining(wanted));
    expect(
      offered.filter((word) => never.includes(word)),
      typed.join(' '),
    ).toEqual([]);
  }
};

describe('completion', () => {
  it('is offered by bash', async () => {
    await check(async (words) => {
      const script = `source <(onmemos completion bash)
        COMP_WORDS=(onmemos "$@"); COMP_CWORD=$#
        \${_loaded:-$(complete -p onmemos | sed 's/.*-F \\([^ ]*\\).*/\\1/')}
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await run('bash', ['-euc', script, 'bash', ...words], { env: home.env });
      return stdout.split('\n').filter((word) => word !== '');
    });
  });

  it('evaluates nothing that was typed, and is silent where the server is away', async () => {
    const made = join(home.dir, 'made');
    const script = `source <(onmemos completion bash)
      COMP_WORDS=(onmemos exec "$@"); COMP_CWORD=$(($# + 1)); _onmemos; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const away = { ...home.env, ONMEMOS_BASE_URL: 'http://127.0.0.1:9' };
    const { stdout, stderr } = await run('bash', ['-euc', script, 'bash', `$(touch ${made})`, ''], { env: away });
    expect(stdout.trim()).toBe('');
    expect(stderr).not.toContain('onmemos');
    await expect(access(made)).rejects.toThrow('ENOENT');
  });

  it.runIf(fish)('is offered by fish', async () => {
    await check(async (words) => {
      const script = 'onmemos completion fish | source; complete -C "onmemos $argv"';
      const { stdout } = await run('fish', ['--no-config', '-c', script, ...words], { env: home.env });
      return stdout.split('\n').map((line) => line.split('\t')[0] ?? '');
    });
  });

  it.runIf(zsh)('is offered by zsh, to a person who presses Tab', async () => {
    const screen = openTerminal('zsh', ['-f'], { ...home, cols: 100, rows: 40 });
    screen.type('PS1="at-"prompt"> "; unsetopt beep; bindkey -e; source <(onmemos completion zsh); echo loaded-"$?"\r');
    await screen.see('loaded-0');
    await screen.see('at-prompt>');
    // What stands in the line then is printed instead of run.
    const typed = async (keys: string, line: string): Promise<void> => {
      screen.type(`${keys}\u0001print -r "got: \u0005"\r`);
      await screen.see(new RegExp(`got: ${line} ?\\n`));
      await screen.see('at-prompt>');
    };
    screen.type('onmemos sessions \t');
    await screen.see('list live sessions');
    screen.type('\u0015');
    await typed('onmemos sessi\tr\t', 'onmemos sessions rm');
    await typed('onmemos exec ses\t', `onmemos exec ${session}`);
    await typed('onmemos run --pack\t', 'onmemos run --package');
    await typed('onmemos sessions ls --profile s\t', 'onmemos sessions ls --profile staging');
    screen.type('exit\r');
    expect((await screen.ended).signal).toBe(0);
    expect(screen.text()).not.toMatch(/command not found|bad substitution|parse error/);
  });
});
