import { describe, expect, it } from 'vitest';
import { currentTrace, readTrace, withinTrace } from './trace.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const read = (headers: Readonly<Record<string, string>>) => readTrace((name) => headers[name]);

describe('a trace', () => {
  it.each([
    [{ traceparent: `00-${ID}-00f067aa0ba902b7-01` }, { span_id: '00f067aa0ba902b7', sampled: true }],
    [{ traceparent: `00-${ID}-00f067aa0ba902b7-00` }, { span_id: '00f067aa0ba902b7', sampled: false }],
    [{ traceparent: `01-${ID}-00f067aa0ba902b7-03-more` }, { span_id: '00f067aa0ba902b7', sampled: true }],
    [{ 'x-cloud-trace-context': `${ID}/67667974448284343;o=1` }, { span_id: '00f067aa0ba902b7', sampled: true }],
    [{ 'x-cloud-trace-context': `${ID.toUpperCase()}/1` }, { span_id: '0000000000000001', sampled: false }],
    [{ 'x-cloud-trace-context': ID }, { span_id: null, sampled: false }],
    [{ 'x-cloud-trace-context': `${ID}/0;o=0` }, { span_id: null, sampled: false }],
    [{ 'x-cloud-trace-context': `${ID}/99999999999999999999` }, { span_id: null, sampled: false }],
  ])('is read from %j', (headers, expected) => {
    expect(read(headers as unknown as Record<string, string>)).toEqual({ trace_id: ID, ...expected });
  });

  it('is read from the standard header first', () => {
    const other = 'a'.repeat(32);
    const headers = { traceparent: `00-${ID}-00f067aa0ba902b7-01`, 'x-cloud-trace-context': `${other}/1;o=1` };
    expect(read(headers)?.trace_id).toBe(ID);
    expect(read({ ...headers, traceparent: 'nonsense' })?.trace_id).toBe(other);
  });

  it.each([
    {},
    { traceparent: ID },
    { 'x-cloud-trace-context': '0'.repeat(32) },
    { 'x-cloud-trace-context': `${ID}/x` },
  ])('is not read from %j', (headers) => expect(read(headers as unknown as Record<string, string>)).toBeNull());

  it('is known to what a request starts, and to nothing else', async () => {
    const trace = { trace_id: ID, span_id: null, sampled: true };
    const later = withinTrace(trace, async () => {
      await Promise.resolve();
      return currentTrace();
    });
    expect(currentTrace()).toBeNull();
    expect(await later).toEqual(trace);
  });
});
