import type { AuditEvent } from 'onmemos';
import { formatMoney } from './ui/money.ts';
import { local } from './ui/time.ts';

/** What a notice says, in a sentence; null for other entries, and for kinds that a later server knows. */
export const noticeText = ({ action, detail }: AuditEvent): string | null => {
  if (action !== 'notice') return null;
  const text = (name: string): string => String(detail[name] ?? '');
  switch (detail['kind']) {
    case 'session.ending':
      return `The session ends at ${local(text('expires_at'))}. \`onmemos sessions set\` moves its end.`;
    case 'session.reclaiming': {
      const at = detail['reclaim_at'];
      return `The provider takes the machine back ${typeof at === 'string' ? `at ${local(at)}` : 'soon'}. Save what you need.`;
    }
    case 'budget.threshold': {
      const of = `${formatMoney(Number(detail['used_usd']))} of ${formatMoney(Number(detail['budget_usd']))}`;
      return `${text('percent')} % of the budget for ${text('month')} is used: ${of}.`;
    }
    default:
      return null;
  }
};
