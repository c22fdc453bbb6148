/**
 * Makes src/generated from sdk/openapi.json: the wire's types, and the hash of the document that they were made from.
 * Run by `npm run generate` in sdk/typescript, after `npm ci` in this folder.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const document = join(import.meta.dirname, '..', '..', 'openapi.json');
const target = join(import.meta.dirname, '..', 'src', 'generated');
const generator = join(import.meta.dirname, 'node_modules', '.bin', 'openapi-typescript');

mkdirSync(target, { recursive: true });
execFileSync(generator, [document, '--output', join(target, 'schema.ts'), '--immutable'], { stdio: 'inherit' });
const sha256 = createHash('sha256').update(readFileSync(document)).digest('hex');
writeFileSync(join(target, 'openapi.sha256'), `${sha256}\n`);
