import { once } from 'node:events';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import type { FirestoreEmulator } from '../../support/firestore-emulator.ts';
import { startProgram } from '../../support/program.ts';

/** What some writers of one document came to. */
export interface Contended {
  readonly done: number;
  /** Calls of the callback: each that is not of a transaction that was done in the end has met another. */
  readonly tries: number;
  /** Transactions that were given up. */
  readonly failed: number;
  readonly longest_ms: number;
}

export type Loop = 'ours' | 'client';

interface Contention {
  readonly loop: Loop;
  readonly instances: number;
  /** In each instance at once. */
  readonly writers: number;
  /** 0: each writes once. */
  readonly ms: number;
}

const CHILD = join(import.meta.dirname, 'contention-child.ts');

/** @throws Error where an addition was lost or counted twice */
export const contend = async (emulator: FirestoreEmulator, contention: Contention): Promise<Contended> => {
  const { loop, instances, writers, ms } = contention;
  const project = emulator.project();
  const args = [CHILD, loop, emulator.host, project, ...[writers, ms].map(String)];
  const children = Array.from({ length: instances }, () =>
    startProgram(process.execPath, args, {
      env: { PATH: process.env['PATH'], METADATA_SERVER_DETECTION: 'none' },
      input: 'open',
    }),
  );
  for (const { child, stdout, ended } of children)
    while (!stdout().includes('ready')) await Promise.race([once(child.stdout ?? child, 'data'), ended]);
  for (const { child } of children) child.stdin?.write('begin\n');
  const parts: Contended[] = [];
  for (const { ended } of children) {
    const { code, stdout, printed } = await ended;
    if (code !== 0) throw new Error(`a writer ended with ${code}: ${printed}`);
    parts.push(JSON.parse(stdout.slice(stdout.indexOf('{'))) as Contended);
  }
  const sum = (of: (part: Contended) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const done = sum((part) => part.done);
  const counted = await countOf(emulator.host, project);
  // What the client’s loop repeats after a lost answer may count twice, so only ours is held to it.
  if (loop === 'ours' && counted !== done) throw new Error(`${done} additions came to ${counted}`);
  return {
    done,
    tries: sum((part) => part.tries),
    failed: sum((part) => part.failed),
    longest_ms: Math.max(...parts.map((part) => part.longest_ms)),
  };
};

const countOf = async (host: string, projectId: string): Promise<number> => {
  const firestore = new Firestore({ projectId, host, ssl: false });
  try {
    return Number((await firestore.doc('counters/one').get()).get('n') ?? 0);
  } finally {
    await firestore.terminate();
  }
};
