import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE_BROKEN, CLOSE_NORMAL } from './accept.ts';

/**
 * The messages of a WebSocket as one stream of bytes, both ways. Ending the stream sends all written bytes and then
 * closes the socket normally. Destroying it breaks the connection. A slow reader pauses the peer.
 */
export const socketStream = (socket: WebSocket): Duplex => {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (bytes: Buffer, _encoding, written) => socket.send(bytes, written),
    final: (ended) => {
      socket.close(CLOSE_NORMAL);
      ended();
    },
    destroy: (error, destroyed) => {
      if (socket.readyState === socket.OPEN) socket.close(CLOSE_BROKEN, 'broken off');
      destroyed(error);
    },
  });
  socket.on('message', (data: Buffer) => {
    if (!stream.push(data)) socket.pause();
  });
  socket.on('close', () => stream.push(null));
  return stream;
};
