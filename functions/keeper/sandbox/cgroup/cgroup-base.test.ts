import { closeSync, mkdtempSync, openSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeGroup } from './cgroup-base.ts';

it('gives up where no group can be made below one that is being removed', () => {
  const parent = mkdtempSync(join(tmpdir(), 'onmemos-group-'));
  makeGroup(parent);
  const held = openSync(parent, 'r');
  rmdirSync(parent);
  // The folder is there by its descriptor, and takes nothing any more.
  expect(() => makeGroup(`/proc/self/fd/${held}/child`)).toThrow(/ENOENT/);
  closeSync(held);
});
