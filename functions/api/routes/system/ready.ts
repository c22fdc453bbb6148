import { Ready } from '#contract/entities/catalogue.ts';
import { Problem } from '#contract/errors.ts';
import { jsonContent, openRoute } from '../../route.ts';

export const readyGet = openRoute({
  operation: 'ready.get',
  summary: 'Can the server serve',
  description: 'Whether what it depends on can be reached.',
  responses: { 200: jsonContent(Ready) },
  handle: async ({ ready }, c) => {
    const checks = await ready();
    const failing = Object.entries(checks).filter(([, state]) => state !== 'ok');
    if (failing.length === 0) return c.json({ ready: true, checks });
    const why = failing.map(([name, state]) => `${name}: ${state}`).join('; ');
    throw new Problem('unavailable', `Not ready: ${why}.`, { extra: { ready: false } });
  },
});
