/** Prints the error codes and the codes of each call as Markdown, from the contract and the SDK's hints. */
import { ERROR_CODES, ERROR_STATUS, ERROR_TITLES, Problem } from '../../../shared/contract/errors.ts';
import { CODES_WITH_KEY } from '../../../shared/contract/operation-errors.ts';
import { OPERATIONS } from '../../../shared/contract/operations.ts';
import { errorCodesOf } from '../../../functions/api/route.ts';
import { allRoutes } from '../../../functions/api/routes/all.ts';
import { TAGS, tagOf } from '../../../functions/api/tags.ts';
import { HINTS } from '../../../sdk/typescript/src/hints.ts';
import { problemError } from '../../../sdk/typescript/src/problem.ts';
import { inCode, table } from './markdown.ts';

const INTRO = `# Error codes

Made by \`npm run reference\` from the contract: edit \`shared/contract\`. An error is a JSON object (RFC 9457) with the media type
\`application/problem+json\`: \`code\` is one of the codes below, \`detail\` says what is wrong, \`errors\` names the invalid fields, and
\`retryable\` says whether the same call may succeed if you repeat it unchanged. \`request_id\` finds the call in the server's log.`;

const className = (code: (typeof ERROR_CODES)[number]): string =>
  problemError({ status: ERROR_STATUS[code], headers: new Headers(), text: JSON.stringify({ code }) }).name;

const codes = ERROR_CODES.map((code) => [
  inCode(code),
  String(ERROR_STATUS[code]),
  ERROR_TITLES[code],
  inCode(className(code)),
  new Problem(code, '').retryable ? 'yes' : 'no',
  HINTS[code] ?? '',
]);

const calls = (tag: string): string => {
  const routes = allRoutes().filter(({ operation }) => OPERATIONS[operation].key && tagOf(operation) === tag);
  return table(
    ['Call', 'Codes'],
    routes.map((route) => {
      const { method, path } = OPERATIONS[route.operation];
      const own = errorCodesOf(route).filter((code) => !CODES_WITH_KEY.some((same) => same === code));
      return [inCode(`${method.toUpperCase()} ${path}`), own.map(inCode).join(', ') || '–'];
    }),
  );
};

const text = [
  INTRO,
  '## Codes',
  table(['Code', 'Status', 'Meaning', 'Class in Python and TypeScript', 'Retryable', 'What to do'], codes),
  '## Codes of each call',
  `Every call that needs a key can answer ${CODES_WITH_KEY.map(inCode).join(', ')}. The tables list the other codes.`,
  ...TAGS.flatMap(({ name }) => [`### ${name[0]?.toUpperCase()}${name.slice(1)}`, calls(name)]),
].join('\n\n');
process.stdout.write(`${text}\n`);
