const SIGNS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£' };

/**
 * An amount as people write it: two digits from a dollar on, down to a hundredth of a cent below. A price that nobody
 * knows is said to be unknown, never shown as nothing.
 */
export const formatMoney = (amount: number | null | undefined, currency = 'USD'): string => {
  if (amount === null || amount === undefined) return 'unknown';
  const sign = SIGNS[currency] ?? `${currency} `;
  const size = Math.abs(amount);
  const body =
    size === 0 ? '0.00' : size >= 1 ? size.toFixed(2) : size >= 0.0001 ? size.toFixed(4) : 'less than 0.0001';
  if (body.startsWith('less')) return body.replace('0.0001', `${sign}0.0001`);
  return `${amount < 0 ? '-' : ''}${sign}${body}`;
};
