import { Deleted } from '#contract/entities/workspace.ts';
import { deleteStorage } from '#services/storage/delete.ts';
import { jsonRoute } from '../../route.ts';

export const volumesDelete = jsonRoute({
  operation: 'volumes.delete',
  summary: 'Delete a volume and its data',
  description: 'One that a session mounts is refused.',
  response: Deleted,
  handle: ({ deps, call, params }) => deleteStorage(deps, call, { ...params, kind: 'volume' }),
});
