import { expect, it } from 'vitest';
import type { OutputChunk } from '#ports/exec.ts';
import type { HeldOutputTarget } from './held-output.ts';

/** When output was read, and where the output of a time begins: part of the exec contract. */
export const outputTimes = ({ channel, exec }: Pick<HeldOutputTarget, 'channel' | 'exec'>): void => {
  it('says when output was read, and where the output of a time begins', async () => {
    const { exec_id, started_at } = await channel().start(exec({ command: 'echo one; sleep 0.3; echo two' }));
    const { ended_at } = await channel().wait(exec_id);
    const chunks: OutputChunk[] = [];
    for await (const event of channel().read(exec_id, 0)) if (event.type === 'chunk') chunks.push(event);
    expect(chunks.map(({ seq }) => seq)).toEqual([0, 4]);
    const [one = 0, two = 0] = chunks.map(({ time }) => time ?? 0);
    const times = [started_at, one, two, ended_at ?? 0];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(two).toBeGreaterThan(one);
    expect(await channel().offsetAt(exec_id, 0)).toBe(0);
    expect(await channel().offsetAt(exec_id, two)).toBe(4);
    expect(await channel().offsetAt(exec_id, two + 1)).toBe(8);
  });
};
