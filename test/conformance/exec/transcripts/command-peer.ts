import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { joined } from './joined.ts';
import type { Peer } from './player.ts';

/** A peer that is a program: started anew for each transcript, it serves one session on its standard streams. */
export const commandPeer = (command: readonly string[]): Peer & { close(): Promise<void> } => {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  // A program that has ended reads no more; the transcript sees the end of its output.
  child.stdin.on('error', () => {});
  return {
    session: null,
    connect: async () => {
      await once(child, 'spawn');
      return joined(child.stdout, child.stdin);
    },
    close: async () => {
      child.stdin.destroy();
      await ended;
    },
  };
};
