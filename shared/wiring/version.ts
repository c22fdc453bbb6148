/** The version that every deployable says of itself. */
export const VERSION = '0.1.0';
/** Raised with every change of what documents look like; a migration leads to each. */
export const SCHEMA_VERSION = 1;
