// Beside the code of a function: compiled code that was kept when it was built saves time at each start.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// The first process of a container is ended by a signal only where it listens, so that it must while it loads, too.
const endsEarly = () => process.exit(0);
process.on('SIGTERM', endsEarly);
enableCompileCache({ directory: fileURLToPath(new URL('./.cache', import.meta.url)), portable: true });
await import(new URL('./function.js', import.meta.url).href);
// It serves now, and listens itself.
process.off('SIGTERM', endsEarly);
