import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** What sandboxes meet outside: greets on port 80 of every address, and answers questions for names. */
const ADDRESS = Uint8Array.from([198, 51, 100, 7]);

const server = createServer({ pauseOnConnect: false }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.write(`${socket.localAddress?.replace('::ffff:', '')} met ${socket.remotePort}\n`);
  socket.on('data', (said) => socket.write(said));
});
server.listen({ port: 80, host: '::', backlog: 4096 });

const names = createSocket('udp4');
names.on('message', (question, from) => {
  const isV4 = question[question.length - 3] === 1;
  const answer = isV4 ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...ADDRESS]) : Buffer.alloc(0);
  const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isV4 ? 1 : 0, 0, 0, 0, 0]);
  names.send(Buffer.concat([head, question.subarray(12), answer]), from.port, from.address);
});
names.bind(53, '192.0.2.1', () => process.stdout.write('ready\n'));
