import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inCode, oneLine, table } from './markdown.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly (string | null)[];
  readonly const?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const DOCUMENT = join(import.meta.dirname, '..', '..', '..', 'sdk', 'openapi.json');
const { paths, components } = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as OpenApi;
const operations = Object.values(paths).flatMap((path) => Object.values(path));

/** A schema of the wire. */
export const schemaOf = (name: string): Schema | undefined => components.schemas[name];

/** What an operation can be narrowed by, as a schema. The pages of a list are the SDK's own matter. */
export const queryOf = (operationId: string): Schema => {
  const { parameters = [] } = operations.find((operation) => operation.operationId === operationId) ?? {};
  const query = parameters.filter((one) => one.in === 'query' && !['limit', 'cursor'].includes(one.name));
  const described = query.map(({ name, schema, description }) => [
    name,
    description ? { ...schema, description } : schema,
  ]);
  return { properties: Object.fromEntries(described) as Record<string, Schema> };
};

/** A schema as TypeScript says it. */
const typeOf = (schema: Schema): string => {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.const !== undefined) return `'${schema.const}'`;
  if (schema.enum) return schema.enum.map((value) => (value === null ? 'null' : `'${value}'`)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeOf).join(' | ');
  const types = schema.type === undefined ? [] : [schema.type].flat();
  return types.map((type) => ofKind(type, schema)).join(' | ') || 'unknown';
};

const ofKind = (type: string, schema: Schema): string => {
  if (type === 'array') return `(${typeOf(schema.items ?? {})})[]`.replace(/^\(([\w']+)\)/, '$1');
  if (type === 'integer') return 'number';
  if (type !== 'object') return type;
  if (schema.properties) {
    const { required = [] } = schema;
    const named = (name: string): string => (required.includes(name) ? name : `${name}?`);
    const inner = Object.entries(schema.properties).map(([name, value]) => `${named(name)}: ${typeOf(value)}`);
    return `{ ${inner.join('; ')} }`;
  }
  const { additionalProperties: more } = schema;
  return typeof more === 'object' && Object.keys(more).length > 0 ? `Record<string, ${typeOf(more)}>` : 'object';
};

/** The fields of a schema as a table; an optional one has a question mark. */
export const fieldsOf = ({ properties = {}, required = [] }: Schema): string =>
  table(
    ['Field', 'Type', 'Meaning'],
    Object.entries(properties).map(([name, schema]) => [
      inCode(required.includes(name) ? name : `${name}?`),
      inCode(typeOf(schema)),
      oneLine(schema.description ?? ''),
    ]),
  );
