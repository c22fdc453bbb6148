import type { SessionRecord } from 'onmemos';
import { serverWords } from '../server-words.ts';
import { note } from '../ui/output.ts';
import { plain } from '../ui/table.ts';

/** Prints what the server warns of, once per call: fields without effect, and what its machine can’t give. */
export const printWarnings = ({ details }: Pick<SessionRecord, 'details'>): void => {
  const warnings: unknown = details['warnings'];
  if (!Array.isArray(warnings)) return;
  for (const warning of warnings as readonly unknown[])
    if (typeof warning === 'string') note(`onmemos: warning: ${plain(serverWords(warning))}`);
};
