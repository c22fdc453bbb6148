import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

interface Plan {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What it prints once it serves. */
  readonly serves: string;
}

/** For one that hangs: on a busy machine a start takes many times what it takes on a quiet one. */
const STARTS_WITHIN_MS = 300_000;
const STOPS_WITHIN_MS = 12_000;
const LOOK_MS = 25;

/** A program of the topology, which writes what it prints to a file. */
export class Program {
  readonly name: string;
  readonly log: string;
  readonly #plan: Plan;
  #child: ChildProcess | null = null;
  #printedBefore = 0;

  constructor(plan: Plan, folder: string) {
    this.name = plan.name;
    this.#plan = plan;
    this.log = join(folder, `${plan.name}.log`);
  }

  get pid(): number | null {
    return this.runs() ? (this.#child?.pid ?? null) : null;
  }

  runs(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** What it has printed since it was started last. */
  printed(): string {
    return readFileSync(this.log, 'utf8').slice(this.#printedBefore);
  }

  /** Resolves once it serves. @throws Error with what it printed, where it ends instead */
  async start(): Promise<void> {
    const { command, env, serves } = this.#plan;
    const [program = '', ...args] = command;
    const output = openSync(this.log, 'a');
    this.#printedBefore = readFileSync(this.log, 'utf8').length;
    this.#child = spawn(program, args, { env: { ...env }, stdio: ['ignore', output, output] });
    closeSync(output);
    const began = performance.now();
    while (!this.printed().includes(serves)) {
      if (!this.runs() || performance.now() - began > STARTS_WITHIN_MS)
        throw new Error(`${this.name} did not start:\n${this.printed().slice(-4_000)}`);
      await pause(LOOK_MS);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** @returns its exit code; null where a signal ended it */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === null || !this.runs()) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
    await ended;
    clearTimeout(late);
    return child.exitCode;
  }
}
