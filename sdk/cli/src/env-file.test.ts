import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseEnvFile, readEnvFiles } from './env-file.ts';

const parsed = (text: string, from: NodeJS.ProcessEnv = {}) => parseEnvFile(text, 'x.env', from);

describe('a .env file', () => {
  it.each([
    'A=1\nB = two words \n\n# no\n  C=x # a comment\nexport D=4\nEMPTY=\nLAST=end',
    'A=\'it # is $HOME \\n\'\nB="two\\nlines" # comment\nC=\'over\nlines\'\nD=""',
    'URL=https://x/?a=b&c=d\r\nB=2\r\n',
    'A=\nB=x',
  ])('is read as Node reads it: %j', (text) => {
    expect(parsed(text)).toEqual(parseEnv(text));
  });

  it('may begin with a mark, end lines in any way, and copy variables', () => {
    expect(parsed('\uFEFFA=1\rB=2\r\nHERE\n', { HERE: 'yes' })).toEqual({ A: '1', B: '2', HERE: 'yes' });
    expect(parsed('K="a\\"b\\\\c"')).toEqual({ K: 'a"b\\c' });
    expect(parsed('')).toEqual({});
  });

  it.each([
    ['A=1\nnot a pair\n', 'x.env, line 2: this is not KEY=VALUE.'],
    ['=x', 'x.env, line 1: this is not KEY=VALUE.'],
    ['A="x\nB=1\n', 'x.env, line 1: the quote of A is never closed.'],
    ['A=1\n\nB="x" y', 'x.env, line 3: there is more behind the quotes of B.'],
    ['A=1\nGONE', 'x.env, line 2: GONE has no value, and there is no such variable here.'],
  ])('is refused with the line that can not be read: %j', (text, says) => {
    expect(() => parsed(text)).toThrow(says);
  });

  it('keeps a # within a value, where Node cuts it off', () => {
    expect(parsed('URL=http://x/#part\nPASSWORD=a#b')).toEqual({ URL: 'http://x/#part', PASSWORD: 'a#b' });
  });

  it('that is not there is named', () => {
    expect(() => readEnvFiles(['/no/such.env'])).toThrow(
      '--env-file /no/such.env can’t be read: there is no such file.',
    );
    expect(() => readEnvFiles(['/'])).toThrow('it is a folder.');
  });
});
