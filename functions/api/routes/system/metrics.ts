import { z } from 'zod';
import { openRoute } from '../../route.ts';

export const metricsGet = openRoute({
  operation: 'metrics.get',
  summary: 'Read the server’s metrics',
  description: 'In the text format of Prometheus.',
  responses: { 200: { description: 'Success', content: { 'text/plain': { schema: z.string() } } } },
  handle: async ({ metrics }, c) => {
    const { contentType, body } = await metrics.text();
    return c.body(body, 200, { 'content-type': contentType });
  },
});
