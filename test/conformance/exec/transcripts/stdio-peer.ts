/** An agent in miniature: one session of plain processes, which speaks the protocol on its standard streams. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { systemIds } from '#platform/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { HOLD_WAIT_MS, LAST_WORDS_MS } from '#platform/protocol/bounds.ts';
import { serveExec } from '#platform/protocol/serve.ts';
import { ExecError } from '#ports/exec.ts';
import { OpenFiles } from '../../../../functions/keeper/open-files.ts';
import { openSandboxHost } from '../../../../functions/keeper/sandbox/host.ts';
import { bareSpec } from '../../../../functions/keeper/sandbox/types.ts';
import { Session } from '../../../../functions/keeper/session.ts';
import { joined } from './joined.ts';

// As a server hides its own files; commands do not have it from here.
process.umask(0o077);
const KEY = 'only-session';
const dataDir = mkdtempSync(join(tmpdir(), 'onmemos-stdio-'));
const log = createLogger({ level: 'silent' });
const clock = systemClock;
const host = await openSandboxHost({
  ...{ dataDir, clock, ids: systemIds, log, isolation: 'none', network: 'host', poolSize: 0 },
});
const session = new Session(
  bareSpec(KEY),
  { at: clock.now() + 3_600_000, generation: 1 },
  {
    clock,
    log,
    hold_wait_ms: HOLD_WAIT_MS,
    files: new OpenFiles(),
    host,
    started: async () => {},
    ended: async () => {},
  },
);
await session.started;

const stream = joined(process.stdin, process.stdout);
const connection = serveExec(stream, {
  open: async ({ session: named }) => {
    const channel = session.execs;
    if (!channel || (named ?? KEY) !== KEY) {
      throw new ExecError('no_such_session', 'there is no such session');
    }
    return { channel };
  },
});
void session.ended.then(() => clock.timer(LAST_WORDS_MS, () => stream.end(() => stream.destroy())));
await connection.closed;
await session.end({ reason: null, message: null }, 0);
await host.close();
rmSync(dataDir, { recursive: true, force: true });
process.exit(0);
