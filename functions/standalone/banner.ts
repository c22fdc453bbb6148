import type { CheckStep } from './self-check.ts';

export interface BannerInput {
  readonly url: string;
  readonly dataDir: string;
  readonly keyPath: string;
  readonly keyMade: boolean;
  readonly version: string;
  readonly isolation: string;
  readonly network: string;
  readonly refused: readonly string[];
  readonly resumed: number;
  readonly steps: readonly CheckStep[];
}

/** What a person reads at the start; the lines to paste work as they stand. */
export const banner = (input: BannerInput): string => {
  const width = Math.max(0, ...input.steps.map(({ step }) => step.length));
  const quoted = `'${input.keyPath.replaceAll("'", `'\\''`)}'`;
  return [
    `OnMemOS ${input.version} serves at ${input.url}`,
    `  data       ${input.dataDir}`,
    `  admin key  ${input.keyPath}${input.keyMade ? ' (made now)' : ''}`,
    `  isolation  ${input.isolation}, network ${input.network}`,
    ...input.refused.map((why) => `             ${why}`),
    ...(input.network === 'none' ? ['             Sessions have no network; details.warnings of each says why.'] : []),
    ...(input.isolation === 'none'
      ? ['             Sessions are plain processes of this user: run nothing here that you would not run yourself.']
      : []),
    ...(input.resumed > 0 ? [`  sessions   ${input.resumed} of an earlier server go on`] : []),
    ...input.steps.map(
      ({ step, ms, found }) => `  ${'check'.padEnd(9)}  ${step.padEnd(width)}  ${String(ms).padStart(7)} ms  ${found}`,
    ),
    '',
    'Paste next:',
    `  export ONMEMOS_BASE_URL=${input.url} ONMEMOS_API_KEY="$(cat ${quoted})"`,
    `  curl -s -H "X-API-Key: $ONMEMOS_API_KEY" -H 'Content-Type: application/json' -d '{"user":"me","resource_package":"dev_small","ttl_minutes":10}' "$ONMEMOS_BASE_URL/v1/sessions?wait=30"`,
    `  # every call, to read and to try: ${input.url}/docs`,
    '',
  ].join('\n');
};
