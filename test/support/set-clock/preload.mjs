// Loaded before a program: it lives at another time. `clock.ts` makes the command that does so.
const { searchParams } = new URL(import.meta.url);
const by = Number(searchParams.get('by'));
const now = Date.now.bind(Date);
Date.now = () => now() + by;
// What this program starts by its own Node lives at that time too.
process.execPath = searchParams.get('node') ?? process.execPath;
