import type { Duplex } from 'node:stream';
import { FrameDecoder } from './decode.ts';
import { encodeHead } from './encode.ts';
import { type Frame, type FrameType, type Header, ProtocolError } from './frames.ts';

export interface FrameSocket {
  /** False if the peer does not keep up. Then wait for `drained` before you send more output. */
  send(type: FrameType, header: Header, data?: Uint8Array): boolean;
  drained(): Promise<void>;
  readonly closed: boolean;
  /** Closes the connection after all sent frames have left. */
  end(): void;
  destroy(error?: Error): void;
  pause(): void;
  resume(): void;
}

export interface FrameEvents {
  /** Is called for each frame, in order. If it throws, the connection closes. */
  frame(frame: Frame): void;
  /** Is called once when the connection has closed, also after an error. */
  closed(error: Error): void;
}

/** Frames over any byte stream: a Unix socket, the streams of a provider's exec, or a WebSocket as a stream. */
export const frameSocket = (stream: Duplex, events: FrameEvents): FrameSocket => {
  const decoder = new FrameDecoder();
  let failure: Error | null = null;
  let over = false;
  let corked = false;
  let drained: PromiseWithResolvers<void> | null = null;

  const finish = (): void => {
    if (over) return;
    over = true;
    drained?.resolve();
    drained = null;
    events.closed(failure ?? new Error('the connection was closed'));
  };
  const destroy = (error?: Error): void => {
    failure ??= error ?? null;
    stream.destroy();
    finish();
  };

  stream.on('data', (bytes: Buffer) => {
    try {
      for (const frame of decoder.push(bytes)) {
        if (over) return;
        events.frame(frame);
      }
    } catch (error) {
      destroy(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  });
  stream.on('drain', () => {
    drained?.resolve();
    drained = null;
  });
  stream.on('error', (error: Error) => {
    failure ??= error;
    finish();
  });
  stream.on('end', () => destroy());
  stream.on('close', finish);
  // A stream that ended before these listeners were added emits no event.
  if (stream.destroyed) {
    failure = stream.errored;
    process.nextTick(finish);
  }

  return {
    send: (type, header, data) => {
      if (over || stream.destroyed || stream.writableEnded) return true;
      // All frames sent in one turn of the event loop go out in one writev.
      if (!corked) {
        corked = true;
        stream.cork();
        process.nextTick(() => {
          corked = false;
          stream.uncork();
        });
      }
      let room = stream.write(encodeHead(type, header, data?.byteLength ?? 0));
      if (data && data.byteLength > 0) room = stream.write(data);
      return room;
    },
    drained: () => {
      if (over || !stream.writableNeedDrain) return Promise.resolve();
      drained ??= Promise.withResolvers<void>();
      return drained.promise;
    },
    get closed() {
      return over;
    },
    end: () => void stream.end(),
    destroy,
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  };
};
