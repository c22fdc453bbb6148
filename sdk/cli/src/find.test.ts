import { describe, expect, it } from 'vitest';
import { pickId } from './find.ts';

const IDS = ['ses-01aa', 'ses-01ab', 'ses-02', 'ses-02x', 'run'];
const pick = (typed: string): string => pickId(typed, IDS, 'session', 'onmemos sessions ls');

describe('an id', () => {
  it('may be shortened, with or without its kind, as long as one alone begins so', () => {
    expect([pick('ses-01aa'), pick('ses-01ab'), pick('01ab'), pick('r')]).toEqual([
      'ses-01aa',
      'ses-01ab',
      'ses-01ab',
      'run',
    ]);
  });

  it('that is typed whole is itself, though others begin with it', () => {
    expect(pick('ses-02')).toBe('ses-02');
  });

  it('is refused where several begin so, naming them, or none', () => {
    expect(() => pick('ses-01a')).toThrow(/2 sessions begin with ses-01a:\n {2}ses-01aa\n {2}ses-01ab/);
    expect(() => pick('ses-03')).toThrow('There is no session ses-03.');
  });
});
