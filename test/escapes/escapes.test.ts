import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ATTACKS } from './attacks.ts';
import { COLUMNS, runColumn } from './columns.ts';

const document = readFileSync(join(import.meta.dirname, '../../docs/isolation.md'), 'utf8');

/** The attacks that the document says a column does not hold. */
function documented(column: string): readonly string[] {
  const section = document.split(/^### /m).find((text) => text.startsWith(`${column}\n`)) ?? '';
  const items = section.split('\n').filter((line) => line.startsWith('- '));
  return ATTACKS.map(({ name }) => name).filter((name) => items.some((item) => item.startsWith(`- ${name}`)));
}

if (process.getuid?.() !== 0)
  process.emitWarning('escapes are not tried: planting what must not be reached needs root');

describe.runIf(process.getuid?.() === 0)('attacks from inside', () => {
  it('win where nothing is isolated, so that holding means something', async () => {
    const control = COLUMNS.find(({ isolation }) => isolation === 'none');
    const cells = control ? await runColumn(control) : [];
    expect(cells.filter(({ held }) => held)).toEqual([]);
    expect(cells.length).toBe(ATTACKS.filter(({ harmless }) => harmless).length);
  });

  it('all fail at level full', async () => {
    const full = COLUMNS.find(({ name }) => name === 'full');
    const cells = full ? await runColumn(full) : [];
    expect(cells.length).toBe(ATTACKS.length);
    expect(cells.filter(({ held }) => !held)).toEqual([]);
  });

  it.each(COLUMNS.filter(({ name, isolation }) => name !== 'full' && isolation !== 'none'))(
    'win at $name only where the document says so',
    async (column) => {
      const broken = (await runColumn(column)).filter(({ held }) => !held).map(({ attack }) => attack);
      expect(documented(column.name)).toEqual(expect.arrayContaining(broken));
    },
  );
});
