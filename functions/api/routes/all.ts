import { type OpenApiDocument, openApiDocument } from '../openapi.ts';
import type { Route } from '../route.ts';
import { auditList } from './audit/list.ts';
import { bucketsDelete } from './buckets/delete.ts';
import { bucketsGet } from './buckets/get.ts';
import { bucketsList } from './buckets/list.ts';
import { packagesList } from './catalogue/packages.ts';
import { providersList } from './catalogue/providers.ts';
import { costsReport } from './costs/report.ts';
import { execsAttach } from './execs/attach.ts';
import { execsExecute } from './execs/execute.ts';
import { execsGet } from './execs/get.ts';
import { jobsStatus } from './execs/job.ts';
import { execsKill } from './execs/kill.ts';
import { execsList } from './execs/list.ts';
import { execsOutput } from './execs/output.ts';
import { execsSignal } from './execs/signal.ts';
import { execsStart } from './execs/start.ts';
import { execsStdin } from './execs/stdin.ts';
import { keysCreate } from './keys/create.ts';
import { keysList } from './keys/list.ts';
import { keysRevoke } from './keys/revoke.ts';
import { membersDelete } from './members/delete.ts';
import { membersList } from './members/list.ts';
import { membersPut } from './members/put.ts';
import { sessionsCleanup } from './sessions/cleanup.ts';
import { sessionsConnect } from './sessions/connect.ts';
import { sessionsCost } from './sessions/cost.ts';
import { sessionsCreate } from './sessions/create.ts';
import { sessionsDelete } from './sessions/delete.ts';
import { sessionsEstimate } from './sessions/estimate.ts';
import { sessionsEvents } from './sessions/events.ts';
import { sessionsForceDelete } from './sessions/force-delete.ts';
import { sessionsGet } from './sessions/get.ts';
import { sessionsList } from './sessions/list.ts';
import { sessionsShell } from './sessions/shell.ts';
import { sessionsTerminate } from './sessions/terminate.ts';
import { sessionsTicket } from './sessions/ticket.ts';
import { sessionsUpdate } from './sessions/update.ts';
import { sessionsUsage } from './sessions/usage.ts';
import { docsGet } from './system/docs.ts';
import { docsAssetGet } from './system/docs-asset.ts';
import { openapiGet } from './system/openapi.ts';
import { healthGet } from './system/health.ts';
import { infoGet } from './system/info.ts';
import { metricsGet } from './system/metrics.ts';
import { readyGet } from './system/ready.ts';
import { usersDelete } from './users/delete.ts';
import { usersEntitlements } from './users/entitlements.ts';
import { usersGet } from './users/get.ts';
import { usersList } from './users/list.ts';
import { usersPut } from './users/put.ts';
import { volumesDelete } from './volumes/delete.ts';
import { volumesGet } from './volumes/get.ts';
import { volumesList } from './volumes/list.ts';
import { workspacesCreate } from './workspaces/create.ts';
import { workspacesDelete } from './workspaces/delete.ts';
import { workspacesGet } from './workspaces/get.ts';
import { workspacesList } from './workspaces/list.ts';

const ROUTES: readonly Route[] = [
  healthGet,
  readyGet,
  infoGet,
  metricsGet,
  packagesList,
  providersList,
  usersList,
  usersGet,
  usersPut,
  usersDelete,
  usersEntitlements,
  workspacesCreate,
  workspacesList,
  workspacesGet,
  workspacesDelete,
  membersList,
  membersPut,
  membersDelete,
  volumesList,
  volumesGet,
  volumesDelete,
  bucketsList,
  bucketsGet,
  bucketsDelete,
  keysCreate,
  keysList,
  keysRevoke,
  sessionsCreate,
  sessionsList,
  sessionsEstimate,
  sessionsCleanup,
  sessionsGet,
  sessionsUpdate,
  sessionsDelete,
  sessionsTerminate,
  sessionsForceDelete,
  sessionsConnect,
  sessionsUsage,
  sessionsCost,
  sessionsEvents,
  sessionsTicket,
  sessionsShell,
  execsExecute,
  jobsStatus,
  execsStart,
  execsList,
  execsGet,
  execsKill,
  execsOutput,
  execsStdin,
  execsSignal,
  execsAttach,
  costsReport,
  auditList,
];

/** Every route that is served, in the order of the document, which is one of them. */
export const allRoutes = (): readonly Route[] => {
  // The same for as long as the process lives: made once, at the first request for it.
  let made: OpenApiDocument | null = null;
  const document = (version: string): OpenApiDocument => {
    made ??= openApiDocument(routes, version);
    return made;
  };
  const routes: Route[] = [...ROUTES, openapiGet(document), docsGet, docsAssetGet];
  return routes;
};
