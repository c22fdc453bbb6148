/** Ids by the order in which they were met, as long as they were. */
const numbered = (text: string): string => {
  const known = new Map<string, string>();
  return text.replace(/\b(ses|exe|key|evt|wbh)-[0-9a-z]{20,26}\b/g, (id, kind: string) => {
    const name = known.get(id) ?? `${kind}-${String(known.size + 1).padStart(id.length - 4, '0')}`;
    known.set(id, name);
    return name;
  });
};

const SPAN = String.raw`(?:in )?\d+(?:\.\d)?[smhd](?:\d+[smh])?(?: ago)?`;
const SPANS = new RegExp(`(?<lead> {2,})${SPAN}(?: +${SPAN})*(?<end>$|  +)`, 'gm');
const IN_BRACKETS = new RegExp(String.raw`\((?:${SPAN})\)`, 'g');

/** Spans of time as one T in the width that they had. */
const timeless = (text: string): string =>
  text
    .replace(IN_BRACKETS, '(T)')
    .replace(SPANS, (match, lead: string, end: string) => (end === '' ? `${lead}T` : `${lead}T`.padEnd(match.length)));

/** Warnings speak of the machine. */
const WARNINGS = /^(?:! )?Warning:.*\n/gm;

/** What people are shown, without what is different at each run. */
export const normal = (text: string, given: Readonly<Record<string, string>> = {}): string => {
  let plain = text;
  for (const [value, name] of Object.entries(given)) plain = plain.replaceAll(value, name);
  return timeless(
    numbered(plain)
      .replace(WARNINGS, '')
      .replace(/running after [\d.]+s/g, 'running after 1s')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-01-01 00:00:00')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/g, '2026-01-01T00:00:00.000Z'),
  );
};
