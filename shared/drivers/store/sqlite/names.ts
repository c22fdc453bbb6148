export const tableOf = (collection: string): string => `doc_${collection}`;
export const indexName = (collection: string, fields: readonly string[]): string =>
  ['ix', collection, ...fields].join('$');
/** The names of fields were checked, so the text contains them unquoted and matches the index's expression. */
export const fieldSql = (field: string): string => `json_extract(body, '$.${field}')`;
