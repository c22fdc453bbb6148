import { Info } from '#contract/entities/catalogue.ts';
import { jsonRoute } from '../../route.ts';

export const infoGet = jsonRoute({
  operation: 'info.get',
  summary: 'Say what this server is',
  response: Info,
  handle: async ({ deps, call }) => ({
    service: 'onmemos',
    version: deps.settings.version,
    status: 'running',
    region: deps.settings.region,
    mode: deps.settings.mode,
    docs: '/docs',
    openapi: '/openapi.json',
    user_id: call.actor.user_id,
  }),
});
