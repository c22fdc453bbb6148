import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { personEnv, type RunningServer, startServer, stopServer } from '../acceptance/support/server.ts';
import { until } from '../acceptance/support/until.ts';
import { installedPython, type Python, pythonLack } from './support/python.ts';

const lack = await pythonLack();

let python: Python;
let server: RunningServer;

beforeAll(async () => {
  if (lack === null) python = await installedPython();
});
afterAll(() => python?.remove());
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => stopServer(server));

interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: () => string[];
  readonly errors: () => string;
}

const started = (name: string): Program => {
  const file = join(import.meta.dirname, 'restart', name);
  const child = spawn(python.program, [file, server.url, server.key], { env: personEnv() });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return { child, lines: () => out.split('\n').filter((line) => line !== ''), errors: () => err };
};
const hasLines = ({ lines, errors }: Program, count: number): Promise<unknown> =>
  until(`${count} lines in ${lines()} ${errors()}`, async () => lines().length >= count);
const killed = async (): Promise<void> => {
  server.child.kill('SIGKILL');
  await server.ended;
};
const startedAgain = async (): Promise<void> => {
  server = await startServer({ dataDir: server.dataDir, env: { ONMEMOS_PORT: new URL(server.url).port } });
};

describe.skipIf(lack)(`the Python SDK, if its server is away (${lack ?? 'installed'})`, () => {
  it('waits for it in calls, in output that is read, in input and in an end', async () => {
    const program = started('waits.py');
    await hasLines(program, 1);
    await killed();
    program.child.stdin.write('\n');
    await hasLines(program, 2);
    await pause(6_000);
    await startedAgain();
    await until('it ends', async () => program.child.exitCode !== null);
    expect([program.lines().slice(2), program.errors()]).toEqual([
      ['onmemos running 0 terminated shell', 'typed held last True', '3 True'],
      '',
    ]);
  });

  it('gives up in the end, by an error that says how to go on', async () => {
    const program = started('gives_up.py');
    await hasLines(program, 1);
    await killed();
    program.child.stdin.end('\n');
    await until('it ends', async () => program.child.exitCode !== null);
    const [session = '', ...told] = program.lines();
    expect([told.length, told.filter((line) => line.startsWith('True The server at '))]).toEqual([4, told]);
    expect(told[0]).toContain(
      `The command may go on: see \`onmemos logs -f ${session} followed\`, or client.execs.get(`,
    );
    for (const line of told.slice(1, 3)) expect(line).toMatch(/`onmemos logs -f \S+ exe-\w+`/);
    expect(told[3]).toContain('Make the same call again once it answers.');
    await startedAgain();
  });
});
