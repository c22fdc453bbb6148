import type { OpenApiDocument } from '../openapi.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** The whole page: every operation with its fields, schemas, and a form to call it. */
export const docsPage = (document: OpenApiDocument, nonce: string): string => {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? '');
  const schemas = Object.entries(document.components?.schemas ?? {});
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>OnMemOS API</title><style nonce="${nonce}">${STYLE}</style></head>
<body><header><h1>OnMemOS API <small>${escapeHtml(document.info.version)}</small></h1>
<label>API key <input id="key" type="password" autocomplete="off" placeholder="omk_…"></label>
<a href="/openapi.json">openapi.json</a></header>
<nav>${[...groups.keys()].map((name) => `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`).join(' ')} <a href="#schemas">schemas</a></nav>
<main>${[...groups].map(([name, all]) => `<h2 id="${escapeHtml(name)}">${escapeHtml(name)}</h2>${all.map(section).join('')}`).join('')}
<h2 id="schemas">schemas</h2>${schemas.map(schemaSection).join('')}</main>
<script nonce="${nonce}">${SCRIPT}</script></body></html>`;
};

/** The parts of an OpenAPI operation that the page shows. */
interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
  };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: { readonly description?: string; readonly example?: unknown };
}

const section = ({ path, method, operation }: { path: string; method: string; operation: Operation }): string => {
  const body = operation.requestBody?.content?.['application/json'];
  const ref = body?.schema?.$ref?.split('/').at(-1);
  return `<details id="${escapeHtml(operation.operationId ?? '')}"><summary><b class="${method}">${method.toUpperCase()}</b>
<code>${escapeHtml(path)}</code> <span>${escapeHtml(operation.summary ?? '')}</span></summary>
<p>${prose(operation.description ?? '')}</p>
<form data-method="${method.toUpperCase()}" data-path="${escapeHtml(path)}">
${(operation.parameters ?? []).map(field).join('')}
${body ? `<label>Body ${ref ? `<a href="#schema-${escapeHtml(ref)}">${escapeHtml(ref)}</a>` : ''}<textarea name="body" rows="6">{}</textarea></label>` : ''}
<button>Send</button><pre hidden></pre></form></details>`;
};

const field = (parameter: Parameter): string => {
  const about = parameter.description ?? parameter.schema?.description ?? '';
  const example = parameter.schema?.example;
  return `<label>${escapeHtml(parameter.name)} <small>${escapeHtml(parameter.in)}${parameter.required ? ', required' : ''}</small>
<input name="${escapeHtml(parameter.name)}" data-in="${escapeHtml(parameter.in)}" ${parameter.required ? 'required' : ''} placeholder="${escapeHtml(
    example === undefined ? '' : String(example),
  )}"><i>${prose(about)}</i></label>`;
};

const schemaSection = ([name, schema]: [string, unknown]): string =>
  `<details id="schema-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
const prose = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
