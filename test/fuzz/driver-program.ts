import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NODE } from '../acceptance/support/server.ts';
import { interpreter, PYTHON_SDK } from '../sdk/faults/python.ts';
import type { Client } from './plan.ts';

export interface DriverEvent {
  readonly event: 'held' | 'done' | 'failed' | 'cancelled';
  readonly id: number | string;
  readonly kind?: string;
  readonly output?: string;
  readonly error?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A program that uses an SDK and does one verb after another. */
export interface Driver {
  readonly child: ChildProcess;
  readonly hasEnded: boolean;
  readonly ended: Promise<Exit>;
  readonly errors: () => string;
  /** Gives it a line. */
  tell(line: string): void;
  /** Every event is given to this from now on. */
  listen(told: (event: DriverEvent) => void): void;
  end(): void;
}

const DRIVERS = join(import.meta.dirname, 'drivers');

export const startDriver = async (
  client: Exclude<Client, 'cli'>,
  env: Readonly<Record<string, string>>,
): Promise<Driver> => {
  const python = client.startsWith('python');
  const program = python ? await interpreter() : NODE;
  const file = { typescript: 'driver.ts', python: 'driver.py', 'python-async': 'driver_async.py' }[client];
  const child = spawn(program, [join(DRIVERS, file)], {
    env: { ...env, PYTHONPATH: PYTHON_SDK, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [rest, errors] = ['', ''];
  let told: (event: DriverEvent) => void = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) told(JSON.parse(line) as DriverEvent);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-3000);
  });
  child.stdin.on('error', () => {});
  let hasEnded = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    hasEnded = true;
    return { code, signal } as Exit;
  });
  return {
    child,
    get hasEnded() {
      return hasEnded || child.exitCode !== null || child.signalCode !== null;
    },
    ended,
    errors: () => errors,
    tell: (line) => child.stdin.write(`${line}\n`),
    listen: (listener) => {
      told = listener;
    },
    end: () => {
      child.stdin.end();
      setTimeout(() => child.kill('SIGKILL'), 2000).unref();
    },
  };
};
