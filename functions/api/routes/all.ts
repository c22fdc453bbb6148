import { type OpenApiDocument, openApiDocument } from '../openapi.ts';
import type { Route } from '../route.ts';
import { auditRoutes } from './audit.ts';
import { bucketsRoutes } from './buckets.ts';
import { catalogueRoutes } from './catalogue.ts';
import { costsRoutes } from './costs.ts';
import { docsRoutes } from './docs.ts';
import { execsRoutes } from './execs.ts';
import { keysRoutes } from './keys.ts';
import { membersRoutes } from './members.ts';
import { sessionsRoutes } from './sessions.ts';
import { systemRoutes } from './system.ts';
import { usersRoutes } from './users.ts';
import { volumesRoutes } from './volumes.ts';
import { webhooksRoutes } from './webhooks.ts';
import { workspacesRoutes } from './workspaces.ts';

/** Every route that is served, in the order of the OpenAPI document, which is one of them. */
export const allRoutes = (): readonly Route[] => {
  // Made once, at the first request for it.
  let made: OpenApiDocument | null = null;
  const document = (version: string): OpenApiDocument => {
    made ??= openApiDocument(routes, version);
    return made;
  };
  const routes: readonly Route[] = [
    ...systemRoutes,
    ...catalogueRoutes,
    ...usersRoutes,
    ...workspacesRoutes,
    ...membersRoutes,
    ...volumesRoutes,
    ...bucketsRoutes,
    ...keysRoutes,
    ...webhooksRoutes,
    ...sessionsRoutes,
    ...execsRoutes,
    ...costsRoutes,
    ...auditRoutes,
    ...docsRoutes(document),
  ];
  return routes;
};
