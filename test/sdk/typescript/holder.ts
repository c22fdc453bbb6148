import { OnMemOSClient } from 'onmemos';

/**
 * A program that is told to end. It says what it has come to, a line each; `mode` says what it holds then.
 */
const [mode = '', baseUrl = '', apiKey = '', mark = ''] = process.argv.slice(2);
const client = new OnMemOSClient({ baseUrl, apiKey, reconnectSeconds: 5 });
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const spec = { user: 'signalled', ttl_minutes: 5, labels: { mark } };
const forever = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 600_000));

const MODES: Readonly<Record<string, () => Promise<void>>> = {
  /** The signal comes while the session is created. */
  creating: async () => {
    say('creating');
    await using session = await client.sessions.create(spec);
    say(`created ${session.id}`);
  },
  /** In a command of a block in a block. */
  running: async () => {
    await using outer = await client.sessions.create(spec);
    await using inner = await client.sessions.create(spec);
    say(`holds ${outer.id} ${inner.id}`);
    const result = await inner.run('sleep 600');
    say(`went on with ${result.returncode}`);
  },
  /** Of one of two blocks at a time. */
  several: async () => {
    const block = async (): Promise<void> => {
      await using session = await client.sessions.create(spec);
      say(`holds ${session.id}`);
      await forever();
    };
    await Promise.all([block(), block(), block()]);
  },
  /** While the session is being ended. */
  leaving: async () => {
    {
      await using session = await client.sessions.create(spec);
      setTimeout(() => say(`leaves ${session.id}`), 0);
    }
    await forever();
  },
  /** A command in a session that no block holds. */
  command: async () => {
    const session = await client.sessions.create(spec);
    say(`made ${session.id}`);
    await session.run(`echo ${mark} > started; sleep 600`, { onStdout: () => undefined });
  },
  /** The session is not held, and the program runs nothing. */
  unheld: async () => {
    const session = await client.sessions.create(spec);
    say(`made ${session.id}`);
    await forever();
  },
  /** The program ends its session itself, and then by itself. */
  own: async () => {
    let told = (): void => undefined;
    const signalled = new Promise<void>((resolve) => {
      told = resolve;
    });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, told);
    {
      await using session = await client.sessions.create(spec);
      say(`holds ${session.id}`);
      const awake = setInterval(() => undefined, 1000);
      await signalled;
      clearInterval(awake);
      say(`still ${(await session.refresh()).status}`);
    }
    say('left');
    process.exit(7);
  },
  /** The same by `endHeld`, from a block that is not left. */
  asked: async () => {
    const { endHeld } = await import('onmemos');
    process.on('SIGTERM', () => void endHeld().then(() => process.exit(9)));
    await using session = await client.sessions.create(spec);
    say(`holds ${session.id}`);
    await forever();
  },
  /** All is over: no listener is left, and nothing keeps the program. */
  over: async () => {
    const before = process.listenerCount('SIGTERM');
    {
      await using session = await client.sessions.create(spec);
      say(`while ${process.listenerCount('SIGTERM') - before}`);
      await session.run('true');
    }
    // They go after a quiet second.
    for (let looks = 0; looks < 500 && process.listenerCount('SIGTERM') > before; looks++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    say(`after ${process.listenerCount('SIGTERM') - before}`);
  },
  /** The listeners outlive what is held for a while, and do not keep the program. */
  last: async () => {
    const before = process.listenerCount('SIGTERM');
    {
      await using session = await client.sessions.create(spec);
      await session.run('true');
    }
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    say(`left ${process.listenerCount('SIGTERM') - before}`);
    process.on('exit', () => say(`exit ${process.listenerCount('SIGTERM') - before}`));
  },
  /** Nothing is held any more, and the program goes on with something else. */
  idle: async () => {
    {
      await using session = await client.sessions.create(spec);
      await session.run('true');
    }
    say('idle');
    await forever();
  },
};

await MODES[mode]?.();
