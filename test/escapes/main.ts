import { ATTACKS } from './attacks.ts';
import { COLUMNS, runColumn } from './columns.ts';

/** Prints the table of isolation levels and attacks: `npm run node test/escapes/main.ts [column ...]`, as root. */
const wanted = process.argv.slice(2);
const columns = COLUMNS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const table: Record<string, Record<string, string>> = Object.fromEntries(ATTACKS.map(({ name }) => [name, {}]));
for (const column of columns) {
  for (const { attack, held, why } of await runColumn(column)) {
    const row = table[attack];
    if (row) row[column.name] = held ? 'held' : `NOT HELD: ${why}`;
  }
}
const width = Math.max(...ATTACKS.map(({ name }) => name.length));
const line = (name: string, cells: readonly string[]) => `${name.padEnd(width)} | ${cells.join(' | ')}\n`;
process.stdout.write(
  line(
    'attack',
    columns.map(({ name }) => name),
  ),
);
for (const { name } of ATTACKS) {
  const cells = columns.map((column) =>
    (table[name]?.[column.name] ?? 'not tried: it would harm this machine').padEnd(column.name.length),
  );
  process.stdout.write(line(name, cells));
}
