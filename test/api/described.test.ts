import { expect, it } from 'vitest';
import { openApiText } from '../../functions/api/openapi-file.ts';

/** What the document has of a schema, as far as this test follows it. */
interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}
interface Parameter {
  readonly name: string;
  readonly description?: string;
  readonly schema?: Schema;
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}
interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description?: string }>>;
}
interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A name and its sentence. */
type Told = readonly [where: string, text: string | undefined];

const propertiesOf = (where: string, schema: Schema): Told[] => {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]): Told[] => [
    [`${where}.${name}`, property.description],
    ...propertiesOf(`${where}.${name}`, property),
  ]);
  const { additionalProperties: rest, items } = schema;
  const within = [
    ...(items === undefined ? [] : [items]),
    ...(typeof rest === 'object' ? [rest] : []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ];
  return [...own, ...within.flatMap((part) => propertiesOf(where, part))];
};

const schemasOf = ({ content = {} }: Content): Schema[] =>
  Object.values(content).flatMap(({ schema }) => (schema === undefined ? [] : [schema]));

const operationTells = (operation: Operation): Told[] => {
  const { operationId, parameters = [], requestBody = {}, responses } = operation;
  const bodies = [requestBody, ...Object.values(responses)].flatMap(schemasOf);
  return [
    [operationId, operation.summary ?? operation.description],
    ...parameters.map(
      ({ name, description, schema }): Told => [`${operationId}?${name}`, description ?? schema?.description],
    ),
    ...Object.entries(responses).flatMap(([status, answer]): Told[] =>
      '$ref' in answer ? [] : [[`${operationId} ${status}`, answer.description]],
    ),
    ...bodies.flatMap((schema) => propertiesOf(operationId, schema)),
  ];
};

/** All that the document names, with what it says of each. */
const toldBy = ({ components, paths }: Document): Told[] => [
  ...Object.entries(components.schemas).flatMap(([name, schema]) => propertiesOf(name, schema)),
  ...Object.values(paths).flatMap((item) => Object.values(item).flatMap(operationTells)),
];

const isSentence = (text: string | undefined): boolean => text !== undefined && /^[A-Z`0-9].*[.:)]$/s.test(text.trim());

it('every property, parameter and answer of the OpenAPI document has a description', () => {
  const told = toldBy(JSON.parse(openApiText('0.0.0')) as Document);
  expect(told.length).toBeGreaterThan(700);
  expect(told.filter(([, text]) => text === undefined || text.trim() === '').map(([where]) => where)).toEqual([]);
});

it('the description of a property is a sentence', () => {
  const { components } = JSON.parse(openApiText('0.0.0')) as Document;
  const told = Object.entries(components.schemas).flatMap(([name, schema]) => propertiesOf(name, schema));
  expect(told.filter(([, text]) => !isSentence(text))).toEqual([]);
});

it('a property without one is found wherever it is', () => {
  const bare: Schema = {
    anyOf: [{ items: { properties: { deep: {} } } }, { additionalProperties: { properties: { loose: {} } } }],
  };
  expect(propertiesOf('X', bare)).toEqual([
    ['X.deep', undefined],
    ['X.loose', undefined],
  ]);
});
