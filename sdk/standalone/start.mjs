// In the repository the service is its own source; the package that is published has the bundle in its place.
await import('../../functions/standalone/start.mjs');
