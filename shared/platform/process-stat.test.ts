import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { withoutDescriptors } from '../../test/support/no-descriptors.ts';
import { hasProcessEnded, processStat, readProcess } from './process-stat.ts';

afterEach(() => void vi.restoreAllMocks());

const gone = async (): Promise<number> => {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
};

it('tells a process that lives from one that has ended, and from a later one of its number', async () => {
  const { start = '' } = processStat(process.pid) ?? {};
  expect(hasProcessEnded(process.pid, start)).toBe(false);
  expect(hasProcessEnded(process.pid, '1')).toBe(true);
  expect(readProcess(process.pid)?.start).toBe(start);
  const ended = await gone();
  expect(hasProcessEnded(ended, '1')).toBe(true);
  expect(readProcess(ended)).toBeNull();
});

it('takes none as ended that it can’t look at', () => {
  const { start = '' } = processStat(process.pid) ?? {};
  expect(withoutDescriptors(() => hasProcessEnded(process.pid, start))).toEqual({ value: false });
  expect(withoutDescriptors(() => readProcess(process.pid)).error).toMatchObject({ code: 'EMFILE' });
  expect(withoutDescriptors(() => processStat(process.pid))).toEqual({ value: null });
});

it('takes none as ended that the system hides, as the kernel still knows its number', async () => {
  const hidden = await gone();
  vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  expect(hasProcessEnded(hidden, '1')).toBe(false);
});
