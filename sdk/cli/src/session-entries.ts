import type { SessionRecord } from 'onmemos';
import { serverWords } from './server-words.ts';
import { plain } from './ui/table.ts';
import { local, relative } from './ui/time.ts';

type Entries = readonly (readonly [string, string | null])[];

const said = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? plain(value) : null);

/** What a person wants to know of a session. */
export const sessionEntries = (
  session: SessionRecord,
  paint: {
    readonly status: (text: string) => string;
    readonly labels: (of: Readonly<Record<string, string>>) => string;
  },
): Entries => {
  const { details } = session;
  const warnings = Array.isArray(details['warnings']) ? details['warnings'] : [];
  const gpu = session.gpu_spec as { gpu_type?: string; gpu_count?: number } | null;
  return [
    ['ID', session.id],
    ['Status', paint.status(session.status) + (session.status_reason ? ` (${session.status_reason})` : '')],
    ['Message', said(session.status_message && serverWords(session.status_message))],
    ['User', plain(session.user)],
    ['Workspace', plain(`${session.workspace_owner}/${session.workspace_id}`)],
    ['Package', session.resource_package],
    ['GPU', gpu?.gpu_type ? `${gpu.gpu_count ?? 1} x ${gpu.gpu_type}` : null],
    ['Provider', session.provider],
    ['Isolation', said(details['isolation'])],
    ['Image', said(details['image'])],
    ['Storage', said(session.storage_status)],
    ['Labels', paint.labels(session.labels)],
    ['Variables', session.env_names.map(plain).join(', ')],
    ['Made', `${local(session.created_at)} (${relative(session.created_at)})`],
    ...((session.ended_at
      ? [['Ended', `${local(session.ended_at)} (${relative(session.ended_at)})`]]
      : [['Ends', `${local(session.expires_at)} (${relative(session.expires_at)})`]]) as Entries),
    ...warnings.map(
      (warning: unknown) => ['Warning', said(typeof warning === 'string' ? serverWords(warning) : null)] as const,
    ),
  ];
};
