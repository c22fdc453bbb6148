import { VERSION } from 'onmemos';

process.stdout.write(`${VERSION}\n`);
