import { PageQuery } from '#contract/entities/common.ts';
import { AuditEvent, AuditQuery } from '#contract/entities/event.ts';
import { listAudit } from '#services/audit/list.ts';
import { listRoute, type Route } from '../route.ts';

const auditList = listRoute({
  operation: 'audit.list',
  summary: 'List who did what',
  description: 'All of it for an admin key; one’s own doings for others.',
  query: AuditQuery.extend(PageQuery.shape),
  item: AuditEvent,
  handle: ({ deps, call, query }) => listAudit(deps, call, query),
});

export const auditRoutes: readonly Route[] = [auditList];
