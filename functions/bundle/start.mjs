// Beside the code of a function: compiled code that was kept when it was built saves time at each start.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache({ directory: fileURLToPath(new URL('./.cache', import.meta.url)), portable: true });
await import(new URL('./function.js', import.meta.url).href);
