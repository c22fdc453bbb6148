import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEVELS } from './levels.ts';
import { at, type LocalTarget, localTarget } from './local-target.ts';
import { commandPeer } from './transcripts/command-peer.ts';
import { play } from './transcripts/player.ts';
import { readTranscripts } from './transcripts/transcript.ts';

const files = await readTranscripts();
const all = [...files].flatMap(([file, transcripts]) =>
  transcripts.map((transcript) => ({ name: `${file}: ${transcript.name}`, transcript })),
);

it('there are some of every kind', () => {
  expect([...files.keys()]).toEqual('ends frames hello hold list read session start stdin streams'.split(' '));
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe.each(LEVELS)('transcripts: the keeper, isolation %s', (level) => {
  let target: LocalTarget;
  let made = 0;
  beforeAll(async () => {
    target = await localTarget(level);
    expect(target.compute.keeper.capabilities.level).toBe(level);
  });
  afterAll(() => target?.close());

  it.each(all)('$name', async ({ transcript }) => {
    made++;
    const session = `transcript-${made}`;
    await target.ensure(session);
    try {
      await play(transcript, { session, connect: () => target.socket() });
    } finally {
      await target.compute.remove(at(session), { grace_ms: 0 });
    }
  });
});

/** A server without isolation. */
describe('transcripts: a program on its standard streams', () => {
  const program = [process.execPath, join(import.meta.dirname, 'transcripts', 'stdio-peer.ts')];

  it.each(all)('$name', async ({ transcript }) => {
    const peer = commandPeer(program);
    try {
      await play(transcript, peer);
    } finally {
      await peer.close();
    }
  });
});
