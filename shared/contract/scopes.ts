/** Operations that a key may call, as a closed list. `admin` includes all of them, for every user. */
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
