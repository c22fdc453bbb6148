import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectExec } from '#platform/protocol/exec-channel.ts';
import { agentMissing, agentProgram, startAgent } from '../../support/agent.ts';
import { residentBytes } from './local-target.ts';
import { execConformance } from './suite.ts';
import { commandPeer } from './transcripts/command-peer.ts';
import { play } from './transcripts/player.ts';
import { readTranscripts } from './transcripts/transcript.ts';

const all = [...(await readTranscripts())].flatMap(([file, transcripts]) =>
  transcripts.map((transcript) => ({ name: `${file}: ${transcript.name}`, transcript })),
);

describe.skipIf(agentMissing !== null)('the agent', () => {
  let program: string;
  beforeAll(async () => {
    program = await agentProgram();
  });
  afterAll(() => rm(program, { force: true }));

  // Each has an agent of its own, and most of the time it waits.
  describe('transcripts: on its standard streams', () => {
    it.concurrent.each(all)('$name', async ({ transcript }) => {
      const peer = commandPeer([program, 'serve', '--stdio']);
      try {
        await play(transcript, peer);
      } finally {
        await peer.close();
      }
    });
  });

  execConformance('the agent', async () => {
    const agent = await startAgent(program);
    return {
      tty: true,
      open: async () => connectExec(await agent.connect()),
      keeperMemory: () => residentBytes(agent.pid),
      close: () => agent.close(),
    };
  });
});
