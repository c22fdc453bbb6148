/** What a key may be used for. Closed; `admin` includes all of them and every user. */
export const SCOPES = [
  'sessions:read',
  'sessions:write',
  'exec',
  'workspaces:read',
  'workspaces:write',
  'keys',
  'costs:read',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];
