/** In the repository npm runs it; the bundle is a package of its own, whose program npx runs. */
const bundled = !import.meta.filename.endsWith('.ts');

/** What a person types to start the service, with these options. */
export const startCommand = (options = ''): string =>
  [
    bundled ? 'npx @onmemos/standalone' : 'npm start',
    ...(options === '' ? [] : [bundled ? options : `-- ${options}`]),
  ].join(' ');

/** What a person types to copy a data folder, or to make one out of a copy. */
export const dataCommand = (verb: 'backup' | 'restore'): string =>
  bundled ? `node ${process.argv[1] ?? 'data.js'} ${verb}` : `npm run ${verb} --`;
