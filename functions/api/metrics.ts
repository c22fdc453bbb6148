import { Gauge, Histogram, type Registry } from 'prom-client';
import type { OperationName } from '#contract/operations.ts';
import { DURATION_BUCKETS_SECONDS } from '#platform/durations.ts';

export type StreamKind = 'sse' | 'text' | 'shell' | 'attach';

/** What the API measures of itself. */
export interface Metrics {
  request(operation: OperationName | 'unknown', status: number, seconds: number): void;
  /** @returns what is to be called once when the stream is over. */
  stream(kind: StreamKind): () => void;
  /** Everything in the registry, as Prometheus reads it. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Adds the API's own figures to a registry. One call per registry. */
export const createMetrics = (registry: Registry): Metrics => {
  const requests = new Histogram({
    name: 'onmemos_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['operation', 'status'],
    buckets: [...DURATION_BUCKETS_SECONDS],
    registers: [registry],
  });
  const streams = new Gauge({
    name: 'onmemos_open_streams',
    help: 'Streams and WebSockets that are open now.',
    labelNames: ['kind'],
    registers: [registry],
  });
  return {
    request: (operation, status, seconds) => requests.observe({ operation, status: String(status) }, seconds),
    stream: (kind) => {
      streams.inc({ kind });
      let open = true;
      return () => {
        if (open) streams.dec({ kind });
        open = false;
      };
    },
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
};
