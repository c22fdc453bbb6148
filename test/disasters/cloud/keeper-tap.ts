import { connect, createServer, type Socket } from 'node:net';
import { mkdir, symlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keeperFolder } from '#platform/keeper-folders.ts';
import { FrameDecoder } from '#platform/protocol/decode.ts';
import { FRAME, type Header } from '#platform/protocol/frames.ts';
import { findSocketPath, prepareSocketPath } from '#platform/socket-path.ts';
import { keeperCall } from './calls.ts';

/** Is asked at both moments of a call, by its name. False: the call ends there. */
type Ask = (call: string, moment: 'asked' | 'done') => boolean | Promise<boolean>;

interface KeeperTapOptions {
  /** Of the keeper. */
  readonly dataDir: string;
  /** Of the function, which takes it for that of the keeper. */
  readonly ownDir: string;
  readonly ask: Ask;
  /** Is told of each answer to a call about a sandbox. */
  readonly answered: (params: Header, result: unknown) => void;
}

interface Open {
  readonly name: string;
  readonly params: Header;
}

/** Passes bytes on in order, each piece once `pass` has let it. A piece that it refuses is the last one. */
const passOn = (from: Socket, to: Socket, pass: (bytes: Buffer) => Promise<boolean>): void => {
  let before = Promise.resolve(true);
  const next = (bytes: Buffer): void => {
    before = before.then(async (goes) => {
      if (!goes || !(await pass(bytes))) return false;
      if (!to.destroyed) to.write(bytes);
      return true;
    });
  };
  from.on('data', next);
  from.on('end', () => void before.then((goes) => (goes ? to.end() : to.destroy())));
  from.on('error', () => to.destroy());
  from.on('close', () => void before.then(() => to.destroy()));
};

const joined = (client: Socket, keeper: Socket, { ask, answered }: KeeperTapOptions): void => {
  const [asked, told] = [new FrameDecoder(), new FrameDecoder()];
  const open = new Map<unknown, Open>();
  let ofSession = false;
  passOn(client, keeper, async (bytes) => {
    for (const { type, header } of asked.push(bytes)) {
      if (type === FRAME.hello) ofSession = header['session'] !== undefined;
      const name = type === FRAME.call ? keeperCall(header, ofSession) : null;
      if (name === null) continue;
      open.set(header['ch'], { name, params: header });
      if (!(await ask(name, 'asked'))) return false;
    }
    return true;
  });
  passOn(keeper, client, async (bytes) => {
    for (const { type, header } of told.push(bytes)) {
      const call = type === FRAME.ok || type === FRAME.error ? open.get(header['ch']) : undefined;
      if (!call) continue;
      open.delete(header['ch']);
      if (type === FRAME.ok && !ofSession) answered(call.params, header['result']);
      if (!(await ask(call.name, 'done'))) return false;
    }
    return true;
  });
};

/** Stands between a function and the keeper: the function is given a data folder whose socket is this tap's. */
export const startKeeperTap = async (options: KeeperTapOptions): Promise<{ stop(): Promise<void> }> => {
  const { dataDir, ownDir } = options;
  const own = keeperFolder(ownDir, 1);
  await mkdir(own, { recursive: true, mode: 0o700 });
  await symlink(join(keeperFolder(dataDir, 1), 'keeper.json'), join(own, 'keeper.json'));
  for (const name of ['volumes', 'buckets']) {
    await mkdir(join(dataDir, name), { recursive: true, mode: 0o700 });
    await symlink(join(dataDir, name), join(ownDir, name));
  }
  const sockets = new Set<Socket>();
  const target = await findSocketPath(keeperFolder(dataDir, 1));
  const server = createServer((client) => {
    const keeper = connect(target);
    for (const socket of [client, keeper]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    joined(client, keeper, options);
  });
  const path = await prepareSocketPath(own);
  await rm(path, { force: true });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
