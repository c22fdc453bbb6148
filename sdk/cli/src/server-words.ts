/** The options that set a field of the API. */
const OPTION_OF_FIELD: Readonly<Record<string, string>> = {
  ttl_minutes: '--ttl',
  resource_package: '--package',
  gpu_type: '--gpu',
  gpu_count: '--gpu',
  persistent_storage_size_gb: '--volume',
  bucket_size_gb: '--bucket',
  'image_spec.image_url': '--image',
  image_url: '--image',
  user_type: '--type',
  max_concurrent_sessions: '--sessions',
  monthly_budget_usd: '--budget',
  budget_action: '--over-budget',
  expires_at: '--expires',
  workspace_owner: '--workspace',
};

/** Fields whose names are words of other sentences too: options only where the sentence is about them. */
const FIRST_WORDS: readonly (readonly [field: RegExp, option: string])[] = [
  [/^(?<indent> *)(?<field>cwd|role|shell)(?=: )/, '$<indent>--$<field>'],
  [/^(?<indent> *)env\.(?<name>[^:]+)(?=: )/, '$<indent>--env $<name>'],
  [/^(?<indent> *)labels\.(?<name>[^:]+)(?=: )/, '$<indent>--label $<name>'],
  [/^(?<indent> *)scopes\.\d+(?=: )/, '$<indent>--scope'],
];

/** Requests that the server advises, as this program makes them. */
const COMMAND_OF_REQUEST: readonly (readonly [request: string, command: string])[] = [
  [
    'PATCH ttl_minutes on a running session gives it',
    '`onmemos sessions set SESSION --ttl DURATION` gives a running session',
  ],
  ['DELETE ?force=true removes it at once', '`onmemos workspaces rm --force ID` removes it at once'],
  ['PUT makes one; so does the first use', '`onmemos users set` makes one; so does the first use'],
  ['choose another workspace_id', 'choose another id'],
  ['GET /v1/packages', '`onmemos packages`'],
  ['GET /v1/sessions/', '`onmemos sessions get` '],
];

const FIELD = new RegExp(
  String.raw`(?<![\w.-])(?:${Object.keys(OPTION_OF_FIELD)
    .map((field) => field.replaceAll('.', String.raw`\.`))
    .join('|')})(?![\w-]|\.\w)`,
  'g',
);
/** A limit of a time to live: the server counts it in minutes, and its sentence has no unit. */
const TTL_LIMIT = /(?<lead>--ttl:? (?:must be |is )(?:[a-z]+ )*)(?<minutes>\d+)/g;
/** A limit of a size, which the server counts in gigabytes. */
const SIZE_LIMIT = /(?<lead>--(?:volume|bucket):? (?:must be |is )(?:[a-z]+ )*)(?<size>\d+)\b/g;
const MINUTES = /\b(?<minutes>\d+) (?<more>more )?minutes?\b(?: (?:is|are) possible)?/g;

/** In hours also past a day: "24h" is what people type as the longest time to live. */
const durationOf = (minutes: string): string => {
  const [hours, rest] = [Math.floor(Number(minutes) / 60), Number(minutes) % 60];
  if (hours === 0) return `${rest}m`;
  return rest === 0 ? `${hours}h` : `${hours}h${String(rest).padStart(2, '0')}m`;
};

/**
 * A sentence of the server in the words of this command line: options for fields, commands for requests, durations for
 * minutes. A person who typed `--ttl` does not know `ttl_minutes`.
 */
export const serverWords = (sentence: string): string => {
  let text = sentence;
  for (const [request, command] of COMMAND_OF_REQUEST) text = text.replaceAll(request, command);
  for (const [field, option] of FIRST_WORDS) text = text.replace(field, option);
  return text
    .replace(FIELD, (field) => OPTION_OF_FIELD[field] ?? field)
    .replace(TTL_LIMIT, (_all, lead: string, minutes: string) => lead + durationOf(minutes))
    .replace(SIZE_LIMIT, '$<lead>$<size>Gi')
    .replace(MINUTES, (all, minutes: string, more: string | undefined) => {
      const possible = all.endsWith('possible') ? ' is possible' : '';
      return `${durationOf(minutes)}${more === undefined ? '' : ' more'}${possible}`;
    });
};
