import type { protos } from '@google-cloud/firestore-api';

export type Value = protos.google.firestore.v1.IValue;
export type Fields = Readonly<Record<string, Value>>;

/** A value of JSON as Firestore keeps it. */
export const encode = (value: unknown): Value => {
  if (value === null) return { nullValue: 'NULL_VALUE' };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'string') return { stringValue: value };
  // Whole numbers are kept as integers, so that a person who looks at a document sees them as such.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { integerValue: value } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encode) } };
  return { mapValue: { fields: encodeFields(value as Readonly<Record<string, unknown>>) } };
};

export const encodeFields = (data: Readonly<Record<string, unknown>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, encode(value)]));

/** @throws TypeError for one that a number can't hold exactly */
const integerOf = (given: Value['integerValue']): number => {
  const integer = Number(given);
  if (!Number.isSafeInteger(integer)) throw new TypeError(`a document has the integer ${given}, which is beyond 2^53`);
  return integer;
};

const instantText = (instant: Value['timestampValue']): string =>
  new Date(Number(instant?.seconds ?? 0) * 1000 + Math.round((instant?.nanos ?? 0) / 1e6)).toISOString();

const decode = (value: Value): unknown => {
  // The message says by name which of its fields is set; the others have default values.
  const { valueType } = value as { readonly valueType?: string };
  switch (valueType) {
    case 'nullValue':
      return null;
    case 'booleanValue':
      return value.booleanValue;
    case 'integerValue':
      return integerOf(value.integerValue);
    case 'doubleValue':
      return value.doubleValue;
    case 'stringValue':
      return value.stringValue;
    case 'timestampValue':
      // The store writes instants as text. A person who edits a document may choose the other kind.
      return instantText(value.timestampValue);
    case 'arrayValue':
      return (value.arrayValue?.values ?? []).map(decode);
    case 'mapValue':
      return decodeFields(value.mapValue?.fields ?? {});
    default:
      throw new TypeError(`a document has a value of the kind ${valueType ?? 'none'}, which this store never writes`);
  }
};

export const decodeFields = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, decode(value)]));

/** A value of the client that watches, read as `decode` reads it: that client has a class for instants. */
const plainOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainOf);
  if ('toDate' in value && typeof value.toDate === 'function') return (value.toDate() as Date).toISOString();
  return plainFields(value as Readonly<Record<string, unknown>>);
};

export const plainFields = (data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plainOf(value)]));
