import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openApiText } from '../../functions/api/openapi-file.ts';
import { files, read } from './source.ts';

const { version } = JSON.parse(read('package.json')) as { version: string };

describe('sdk/openapi.json', () => {
  it('is what the contract says now (npm run openapi writes it)', () => {
    expect(read('sdk/openapi.json')).toBe(openApiText(version));
  });

  it('is what the generated types of each SDK were made from (npm run generate makes them)', () => {
    const sha256 = createHash('sha256').update(read('sdk/openapi.json')).digest('hex');
    const stamps = files('openapi.sha256').filter((file) => file.startsWith('sdk/'));
    expect(stamps.map((file) => [file, read(file).trim()])).toEqual(stamps.map((file) => [file, sha256]));
  });
});
