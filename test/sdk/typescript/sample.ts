import {
  NotFound,
  type OnMemOSClient,
  type OutputEvent,
  type Process,
  SessionNotFound,
  SessionNotRunning,
} from 'onmemos';

/** What a program sees of one session, from its beginning to its end: the same on every platform. */
export interface Report {
  readonly health: string;
  readonly status: string;
  readonly run: readonly [stdout: string, stderr: string, returncode: number];
  readonly argv: string;
  readonly input: string;
  readonly followed: readonly string[];
  readonly events: readonly string[];
  readonly log: string;
  readonly typed: string;
  readonly terminal: string;
  readonly command: string;
  readonly returncode: number;
  readonly listed: boolean;
  readonly missing: string;
  readonly left: string;
  readonly refused: string;
}

const decoder = new TextDecoder();

const textOf = async (process: Process): Promise<string> => {
  let text = '';
  for await (const { data } of process) text += decoder.decode(data);
  return text;
};

/** Types a line once the command shows that it listens, and ends its input once it was heard. */
const typed = async (process: Process, line: string): Promise<string> => {
  let text = '';
  for await (const { data } of process) {
    if (text === '') await process.write(line);
    text += decoder.decode(data);
    if (text.includes('heard')) await process.closeStdin();
  }
  return text.replaceAll('\r', '');
};

/** Uses one session of a server in all the ways there are. */
export const exercise = async (client: OnMemOSClient, user: string): Promise<Report> => {
  let id = '';
  const report = await inside(client, user, (made) => {
    id = made;
  });
  const missing = await client.sessions.get('ses-01kbp2v4w8k3e5z7c9m1q3s5t7').catch((error: unknown) => error);
  const kind = missing instanceof SessionNotFound && missing instanceof NotFound ? missing.code : String(missing);
  const ended = await client.sessions.get(id);
  const refused = await ended.shell().catch((error: unknown) => error);
  const why = refused instanceof SessionNotRunning ? refused.code : String(refused);
  return { ...report, missing: kind, left: ended.status, refused: why };
};

const inside = async (
  client: OnMemOSClient,
  user: string,
  made: (id: string) => void,
): Promise<Omit<Report, 'missing' | 'left' | 'refused'>> => {
  await using session = await client.sessions.create({ user, namespace: 'sample', ttl_minutes: 10 });
  made(session.id);
  const { stdout, stderr, returncode } = await session.run('echo out; echo err >&2; exit 3', { env: { A: 'b' } });
  const argv = await session.run(['printf', '%s.', 'one', 'two words']);
  const input = await session.run('wc -c', { input: new Uint8Array(300_000) });

  const started = await session.start('for i in 1 2 3; do echo $i; sleep 0.1; done', { merge: true });
  const followed = (await textOf(started)).trim().split('\n');
  const events: OutputEvent['type'][] = [];
  for await (const { type } of client.execs.output(session.id, started.exec_id)) {
    if (events.at(-1) !== type) events.push(type);
  }
  let log = '';
  for await (const bytes of client.execs.log(session.id, started.exec_id)) log += decoder.decode(bytes);

  const open = await session.start('echo ready; while read -r line; do echo "heard $line"; done', { stdin: true });
  const terminal = await session.start('stty -echo; echo ready; read -r line; echo "$line: $(stty size)"', {
    tty: { cols: 40, rows: 10 },
  });
  terminal.resize(100, 30);

  await using shell = await session.shell();
  const { stdout: command } = await shell.command('echo in the shell');
  const waiting = await session.start('exit 7');
  const listed = (await client.sessions.list({ user }).all()).some(({ id }) => id === session.id);
  return {
    health: (await client.health()).status,
    status: session.status,
    run: [stdout, stderr, returncode],
    argv: argv.stdout,
    input: input.stdout.trim(),
    followed,
    events,
    log,
    typed: await typed(open, 'a line\n'),
    terminal: await typed(terminal, 'size\n'),
    command,
    returncode: await waiting.wait(),
    listed,
  };
};
