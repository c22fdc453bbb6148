import { type Answered, answered } from './call.ts';
import type { Random } from './random.ts';
import { inSession, nextName } from './sessions.ts';
import type { TrackedSession } from './tracked-session.ts';
import { count, pause, violation, type World } from './world.ts';

const POLL_MS = 100;

const isLost = (answer: Answered): boolean => answer.status === 409;

/** Runs commands that each append a line, under idempotency keys: the file must have each line once, in order. */
export const appendLines = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  const lines = random.whole(1, 4);
  let expected = '';
  for (let i = 1; i <= lines; i++) {
    const line = nextName('line');
    const ask = {
      method: 'POST',
      path: '/execute',
      body: { command: `echo ${line} >> lines; echo done ${line}` },
      idempotencyKey: line,
    } as const;
    const twice = random.chance(0.3);
    const answers = await Promise.all(
      twice ? [inSession(world, session, ask), inSession(world, session, ask)] : [inSession(world, session, ask)],
    );
    if (answers.some((answer) => answer === null)) return;
    expected += `${line}\n`;
    const ids = new Set(answers.map((answer) => answer?.body['exec_id']));
    if (ids.size > 1) violation(world, `one idempotency key ran ${[...ids].join(' and ')}`);
    for (const answer of answers) {
      if (answer?.body['stdout'] === `done ${line}\n` && answer.body['returncode'] === 0) continue;
      violation(world, `a command of ${session.id} answered ${JSON.stringify(answer?.body)}`);
    }
    count(world, 'commands executed');
  }
  const read = {
    method: 'POST',
    path: '/execute',
    body: { command: 'cat lines' },
    idempotencyKey: nextName('read'),
  } as const;
  const answer = await inSession(world, session, read);
  if (answer && !String(answer.body['stdout']).endsWith(expected)) {
    violation(
      world,
      `acknowledged lines ${JSON.stringify(expected)} are ${JSON.stringify(answer.body['stdout'])} in ${session.id}`,
    );
  }
};

/** Commands that begin while their session is ended: each is answered by its output or by the session's end. */
export const startInto = async (
  world: World,
  random: Random,
  session: TrackedSession,
  ending: () => Promise<void>,
): Promise<void> => {
  const begin = async (): Promise<void> => {
    await pause(random.whole(0, 40));
    const path = `/v1/sessions/${session.id}/execute`;
    const body = { command: 'echo here' };
    const answer = await answered(world, { method: 'POST', path, body, idempotencyKey: nextName('late') });
    if (answer.status !== 200 && answer.status !== 409) {
      violation(world, `a command into an ending session answered ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    count(world, 'commands begun while a session ended');
  };
  session.endAsked = true;
  await Promise.all([ending(), begin(), begin(), begin()]);
};

/** A job, asked after until it is completed. */
export const runJob = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  const started = await inSession(world, session, {
    method: 'POST',
    path: '/execute',
    body: { command: `sleep 0.${random.whole(1, 9)}; echo the job is done`, async_execution: true },
    idempotencyKey: nextName('job'),
  });
  if (!started) return;
  for (let left = 300; left > 0; left--) {
    const path = `/v1/sessions/${session.id}/jobs/${started.body['job_id']}/status`;
    const answer = await answered(world, { method: 'GET', path });
    if (isLost(answer) && session.keeperMayHaveDied) return;
    if (answer.status !== 200) {
      violation(world, `an acknowledged job answers ${answer.status} ${JSON.stringify(answer.body)}`);
      return;
    }
    if (answer.body['status'] === 'completed') {
      // Its output goes with its session.
      const gone = session.keeperMayHaveDied && answer.body['truncated'] === true;
      if (!gone && answer.body['stdout'] !== 'the job is done\n') {
        violation(world, `a completed job has ${JSON.stringify(answer.body)}`);
      }
      count(world, 'jobs completed');
      return;
    }
    if (answer.body['status'] === 'failed') {
      if (!session.keeperMayHaveDied)
        violation(world, `a job failed though no keeper was killed: ${JSON.stringify(answer.body)}`);
      return;
    }
    await pause(POLL_MS);
  }
  violation(world, `job ${started.body['job_id']} of ${session.id} did not end`);
};

/** Feeds a command's stdin in pieces by offset: it must get each byte once. */
export const feedStdin = async (world: World, random: Random, session: TrackedSession): Promise<void> => {
  const started = await inSession(world, session, {
    method: 'POST',
    path: '/execs',
    body: { command: 'cat', stdin: true },
    idempotencyKey: nextName('cat'),
  });
  if (!started) return;
  const at = `/execs/${started.body['exec_id']}`;
  let sent = '';
  const pieces = random.whole(2, 6);
  for (let i = 1; i <= pieces; i++) {
    const data = `${nextName('piece')}\n`.repeat(random.whole(1, 50));
    const body = { offset: sent.length, data, eof: i === pieces };
    const answer = await inSession(world, session, { method: 'POST', path: `${at}/stdin`, body });
    // What was asked again after its answer was lost may find the command at its end.
    if (!answer) return;
    sent += data;
    if (answer.body['next_offset'] !== sent.length) {
      violation(world, `stdin of ${session.id} stands at ${answer.body['next_offset']} instead of ${sent.length}`);
    }
    await pause(random.whole(0, 60));
  }
  for (let left = 300; left > 0; left--) {
    const answer = await inSession(world, session, { method: 'GET', path: at });
    if (!answer || answer.body['status'] === 'lost') return;
    if (answer.body['status'] === 'exited') {
      if (answer.body['next_offset'] !== sent.length) {
        violation(world, `cat got ${sent.length} bytes and wrote ${answer.body['next_offset']} in ${session.id}`);
      }
      count(world, 'bytes of stdin accepted', sent.length);
      return;
    }
    await pause(POLL_MS);
  }
  violation(world, `a command whose stdin is closed did not end in ${session.id}`);
};
