import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { describe } from 'vitest';
import { connectExec } from '#platform/protocol/exec-channel.ts';
import { residentBytes } from '../conformance/exec/local-target.ts';
import { execConformance } from '../conformance/exec/suite.ts';
import { joined } from '../conformance/exec/transcripts/joined.ts';
import { agentMissing, agentProgram, startAgent } from '../support/agent.ts';

/** As a provider’s exec reaches the agent: each connection is a process that joins its streams to the agent’s socket. */
describe.skipIf(agentMissing !== null)('attach', () => {
  execConformance('the agent, by attach', async () => {
    const program = await agentProgram();
    const agent = await startAgent(program);
    return {
      tty: true,
      open: async () => {
        const child = spawn(program, ['attach', '--dir', agent.dir], { stdio: ['pipe', 'pipe', 'inherit'] });
        // A connection that the test ends may still have something to say.
        child.stdin.on('error', () => {});
        return connectExec(joined(child.stdout, child.stdin));
      },
      keeperMemory: () => residentBytes(agent.pid),
      close: async () => {
        await agent.close();
        await rm(program, { force: true });
      },
    };
  });
});
