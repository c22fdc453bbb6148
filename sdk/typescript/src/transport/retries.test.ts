import { describe, expect, it } from 'vitest';
import { ConnectionFailed, ServerAway, Unavailable } from '../errors.ts';
import { Contact } from './contact.ts';
import { Retries } from './retries.ts';

const URL = 'http://127.0.0.1:1';
const gone = new ConnectionFailed(URL, new Error('refused'));
const busy = new Unavailable({ code: 'unavailable', message: 'Later.', status: 503, retryable: true, request_id: 'r' });
const gateway = new Unavailable({ code: 'unavailable', message: 'Bad.', status: 502, retryable: true });

const reached = (): Contact => {
  const contact = new Contact();
  contact.answered();
  return contact;
};
const retries = (contact: Contact, most = 2, reconnectSeconds = 60): Retries =>
  new Retries(contact, { baseUrl: URL, most, reconnectSeconds });
/** How many attempts are made when each takes a second, and what ends them. */
const attempts = (tried: Retries, error: Error, seconds = 1): [number, unknown] => {
  for (let made = 1; ; made++) {
    try {
      tried.delayAfter(error, made * seconds * 1000);
    } catch (last) {
      return [made, last];
    }
    if (made > 1000) throw new Error('it never ends');
  }
};

describe('Retries', () => {
  it('does not wait for a server that has never answered', () => {
    expect(attempts(retries(new Contact()), gone)).toEqual([3, gone]);
  });

  it('waits for a server that broke off the first call and then refuses connections, as in a restart', () => {
    const restarted = new Contact();
    restarted.failed('ECONNRESET');
    expect(restarted.reached).toBe(false);
    restarted.failed('ECONNREFUSED');
    expect(attempts(retries(restarted), gone)[1]).toBeInstanceOf(ServerAway);
    const never = new Contact();
    never.failed('ECONNREFUSED');
    never.failed('ECONNRESET');
    expect(attempts(retries(never), gone)).toEqual([3, gone]);
  });

  it.each([gone, gateway])('waits a minute for a server that has answered before: %s', (error) => {
    const [made, last] = attempts(retries(reached()), error);
    expect(made).toBe(61);
    expect(last).toBeInstanceOf(ServerAway);
    expect(String(last)).toContain('has been away for 60 s. Make the same call again');
  });

  it('does not wait where it is not to ask again, or not to reconnect, or where the server answers', () => {
    expect(attempts(retries(reached(), 0), gone)).toEqual([1, gone]);
    expect(attempts(retries(reached(), 2, 0), gone)).toEqual([3, gone]);
    expect(attempts(retries(reached()), busy)).toEqual([3, busy]);
    const slow = new ConnectionFailed(URL, new DOMException('No answer', 'TimeoutError'));
    expect(attempts(retries(reached()), slow)).toEqual([3, slow]);
  });

  it('waits a minute in all for one absence, however many calls meet it', () => {
    const contact = reached();
    attempts(retries(contact), gone);
    const later = retries(contact);
    expect(() => [70, 71, 72].map((second) => later.delayAfter(gone, second * 1000))).toThrow(ServerAway);
  });

  it('ends where the server answers but breaks off each connection, and begins anew after progress', () => {
    const contact = reached();
    const tried = retries(contact);
    const answers = (second: number): number => {
      contact.answered();
      return tried.delayAfter(gone, second * 1000);
    };
    for (let second = 0; second < 60; second++) answers(second);
    expect(() => answers(61)).toThrow(ServerAway);
    tried.progressed();
    expect(answers(62)).toBeLessThanOrEqual(2000);
  });
});
