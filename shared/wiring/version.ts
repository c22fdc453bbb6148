/** The version that every deployable says of itself. */
export const VERSION = '0.1.0';
/** The documents' version and the earliest that can read them; docs/adr/0016-documents.md says when each is raised. */
export const SCHEMA_VERSION = 2;
/** A release before 2 would bill a session twice for an hour that is not in the ledger yet. */
export const READABLE_FROM = 2;
