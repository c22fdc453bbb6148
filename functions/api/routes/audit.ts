import { PageQuery } from '#contract/entities/common.ts';
import { AuditEvent, AuditQuery } from '#contract/entities/event.ts';
import { listAudit } from '#services/audit/list.ts';
import { listRoute, type Route } from '../route.ts';

const auditList = listRoute({
  operation: 'audit.list',
  summary: 'List the audit log',
  description: 'Newest first. An admin key gets all entries; any other key gets the entries of its own user.',
  query: AuditQuery.extend(PageQuery.shape),
  item: AuditEvent,
  handle: ({ deps, call, query }) => listAudit(deps, call, query),
});

export const auditRoutes: readonly Route[] = [auditList];
