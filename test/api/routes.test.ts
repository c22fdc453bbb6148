import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_REASONS } from '#contract/entities/session.ts';
import { OPERATION_NAMES, OPERATIONS, type Operation } from '#contract/operations.ts';
import { STATUS_REASONS as REASONS_OF_THE_RULES } from '#domain/lifecycle.ts';
import { openApiText } from '../../functions/api/openapi-file.ts';
import { allRoutes } from '../../functions/api/routes/all.ts';
import { clientOf } from './support/client.ts';
import { openPlatform, type Platform } from './support/platform.ts';
import { routeOf, servedRoutes } from './support/served.ts';
import { apiOver } from './support/world.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        security: unknown[];
        responses: Record<string, unknown>;
        parameters?: { in: string; name: string }[];
      }
    >
  >;
}

let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(() => platform?.close());

const documentOf = async (): Promise<Document> => (await clientOf(apiOver(platform))('/openapi.json')).json as Document;
const documented = (document: Document): string[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );

describe('the routes', () => {
  it('that are served are exactly the operations of the contract', () => {
    const operations = OPERATION_NAMES.map((name) => routeOf(OPERATIONS[name]));
    expect(servedRoutes(apiOver(platform))).toEqual(operations.toSorted());
    expect(
      allRoutes()
        .map(({ operation }) => operation)
        .toSorted(),
    ).toEqual(OPERATION_NAMES.toSorted());
  });

  it('that are documented are exactly those that are served', async () => {
    const document = await documentOf();
    expect(document.openapi).toBe('3.1.0');
    expect(documented(document).toSorted()).toEqual(servedRoutes(apiOver(platform)));
  });

  it('are sockets in the catalogue where the document says that they switch protocols', async () => {
    const { paths } = await documentOf();
    const documentedSockets = OPERATION_NAMES.filter((name) => {
      const { method, path }: Operation = OPERATIONS[name];
      return Object.hasOwn(paths[path]?.[method]?.responses ?? {}, '101');
    });
    expect(OPERATION_NAMES.filter((name) => (OPERATIONS[name] as Operation).socket)).toEqual(documentedSockets);
  });

  it('each have their operation, their names and their need of a key in the document', async () => {
    const { paths } = await documentOf();
    for (const name of OPERATION_NAMES) {
      const { method, path, key } = OPERATIONS[name];
      const operation = paths[path]?.[method];
      expect(operation?.operationId).toBe(name);
      expect((operation?.security ?? []).length > 0).toBe(key);
      const named = (operation?.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name);
      expect(named).toEqual([...path.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1]));
    }
  });
});

describe('the document', () => {
  it('lists every reason for which a session may end, and no other', () => {
    expect(STATUS_REASONS).toEqual(REASONS_OF_THE_RULES);
  });

  it('refers to nothing that is not in it', async () => {
    const document = await documentOf();
    const text = JSON.stringify(document);
    const refs = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? ''));
    expect(refs.size).toBeGreaterThan(20);
    for (const ref of refs) {
      const target = ref
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect(target, ref).toBeDefined();
    }
  });

  it('is the same as the file that SDKs are made from, but for its version', async () => {
    const served = await documentOf();
    expect(JSON.parse(openApiText('0.0.0-test'))).toEqual(served);
  });

  it('gives every route the errors of the closed list', async () => {
    const { paths } = await documentOf();
    const responses = paths['/v1/sessions']?.post?.responses ?? {};
    expect(Object.keys(responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '422',
      '429',
      '500',
      '502',
      '503',
      '504',
    ]);
  });
});

describe('the page', () => {
  it('loads its own files only, with no script that the server did not write, and names no other host', async () => {
    const call = clientOf(apiOver(platform));
    const { text, headers } = await call('/docs');
    const nonce = /script-src 'nonce-([\w-]+)'/.exec(headers.get('content-security-policy') ?? '')?.[1];
    expect(nonce).toBeTruthy();
    expect([...text.matchAll(/<script\b[^>]*>/g)].every(([tag]) => tag.includes(`nonce="${nonce}"`))).toBe(true);
    const own = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(own.length).toBeGreaterThan(2);
    for (const path of own) expect({ path, status: (await call(path)).status }).toEqual({ path, status: 200 });
    expect((await call('/docs')).headers.get('content-security-policy')).not.toContain(nonce);
  });

  it('serves no other file of the package', async () => {
    const call = clientOf(apiOver(platform));
    for (const file of ['package.json', 'index.html', 'swagger-ui.css.map', '..%2Fpackage.json', 'index.js']) {
      expect((await call(`/docs/${file}`)).status).toBe(404);
    }
  });
});
