import { existsSync } from 'node:fs';

// Runs on any Node, so that an old one gets a sentence instead of a syntax error.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `OnMemOS needs Node 24 or later, and this is ${process.versions.node}. ` +
      'On Linux `npm ci && npm start` brings its own; elsewhere install it from nodejs.org.',
  );
  process.exit(1);
}
// The bundle has main.js beside it, the repository main.ts.
await import(existsSync(new URL('./main.ts', import.meta.url)) ? './main.ts' : './main.js');
