import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { processStat } from '#platform/process-stat.ts';
import { numberedProcesses } from './numbered.ts';
import { identify } from './proc.ts';

afterEach(() => vi.restoreAllMocks());

it('kills a first process that has not left the group of this one yet, and not that group', async () => {
  const child = spawn('sleep', ['1000']);
  const ended = once(child, 'exit');
  const first = identify(child.pid ?? 0);
  expect(processStat(child.pid ?? 0)?.group).toBe(processStat(process.pid)?.group);
  const kill = process.kill.bind(process);
  const groups: number[] = [];
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    if (pid > 0) return kill(pid, signal);
    groups.push(pid);
    return true;
  });
  const its = numberedProcesses(
    () => false,
    () => [child.pid ?? 0],
    systemClock,
    first,
  );
  expect(await its.kill()).toBe(true);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(groups).toEqual([]);
});
