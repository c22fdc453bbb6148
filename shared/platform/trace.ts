import { AsyncLocalStorage } from 'node:async_hooks';

/** The trace that a request belongs to. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly trace_id: string;
  /** The caller's span, 16 hexadecimal digits; null if the trace begins here. */
  readonly span_id: string | null;
  readonly sampled: boolean;
}

/** W3C Trace Context, version 00. Fields that a later version appends are ignored. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** Google Cloud's own form, which came first: the span is a decimal number. */
const CLOUD_TRACE = /^(?!0{32})([0-9a-f]{32})(?:\/(\d{1,20}))?(?:;o=(\d))?$/i;
const MOST_SPAN = 2n ** 64n;

/** The trace that a caller names, if its headers are well formed. */
export const readTrace = (header: (name: string) => string | null | undefined): Trace | null => {
  const [, trace, span, flags = ''] = TRACEPARENT.exec(header('traceparent') ?? '') ?? [];
  if (trace !== undefined && span !== undefined)
    return { trace_id: trace, span_id: span, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
  const [, cloudTrace, decimal = '0', option] = CLOUD_TRACE.exec(header('x-cloud-trace-context') ?? '') ?? [];
  if (cloudTrace === undefined) return null;
  const number = BigInt(decimal);
  const known = number > 0n && number < MOST_SPAN;
  const span_id = known ? number.toString(16).padStart(16, '0') : null;
  return { trace_id: cloudTrace.toLowerCase(), span_id, sampled: option === '1' };
};

const current = new AsyncLocalStorage<Trace>();

/** Runs `work` as a part of a trace: log lines that it and what it starts write can name the trace. */
export const withinTrace = <T>(trace: Trace, work: () => T): T => current.run(trace, work);

/** The trace that runs now, if there is one. */
export const currentTrace = (): Trace | null => current.getStore() ?? null;
