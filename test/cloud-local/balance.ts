/** Passes connections on to several ports of this machine in turn, past those that refuse them: what Cloud Run does. */
import { connect, createServer, type Socket } from 'node:net';

const [port, ...backends] = process.argv.slice(2).map(Number);
if (port === undefined || backends.length === 0 || [port, ...backends].some((each) => !Number.isInteger(each))) {
  console.error('usage: balance.ts PORT BACKEND...');
  process.exit(2);
}

let next = 0;

const join = (client: Socket, tries: number): void => {
  const backend = backends[next++ % backends.length] ?? 0;
  const server = connect({ host: '127.0.0.1', port: backend, allowHalfOpen: true });
  const failed = (): void => {
    if (tries > 1) join(client, tries - 1);
    else client.destroy();
  };
  server.once('error', failed);
  server.once('connect', () => {
    server.off('error', failed);
    server.on('error', () => client.destroy());
    client.on('error', () => server.destroy());
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
    client.pipe(server);
    server.pipe(client);
  });
};

const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
  client.on('error', () => undefined);
  join(client, backends.length);
});
server.listen(port, '127.0.0.1', () => console.log('serving'));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
