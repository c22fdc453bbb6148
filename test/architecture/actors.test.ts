import { expect, it } from 'vitest';
import { files, isTest, read } from './source.ts';

/** Who may look at an actor's kind: its type, what it may do, and how it is recorded. */
const MAY = ['shared/services/kernel/call.ts', 'shared/services/kernel/access.ts', 'shared/services/kernel/audit.ts'];

const TO_DO =
  "An actor's kind is asked of shared/services/kernel/access.ts: `keyOf(actor)` is the key, or null for our own jobs, " +
  "and refuses agents. `kind !== 'key'` takes an agent for one of our own jobs.";

const LOOKS = /\bkind [!=]== '(key|system|agent)'|\bcase '(key|system|agent)':/;

it('only access and audit look at the kind of an actor', () => {
  const looks = files('.ts')
    .filter((file) => /^(shared\/services|functions\/api)\//.test(file) && !isTest(file) && !MAY.includes(file))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) => (LOOKS.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
    );
  expect(looks, TO_DO).toEqual([]);
});
