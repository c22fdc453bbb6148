import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flag, sends } from './walk.ts';

/** What can be said of a session that is made. */
export const SESSION_FLAGS: Readonly<Record<string, Flag>> = {
  '--package': sends(['dev_micro'], 'resource_package', 'dev_micro'),
  '--ttl': sends(['7m'], 'ttl_minutes', 7),
  '--env': sends(['A=b'], 'env', { A: 'b' }),
  '--env-file': sends(
    ({ home }) => {
      const file = join(home.dir, 'x.env');
      writeFileSync(file, 'FROM=file\n');
      return [file];
    },
    'env',
    { FROM: 'file' },
  ),
  '--workspace': sends(['lab'], 'workspace_id', 'lab'),
  '--provider': sends(['cloud-run'], 'provider', 'cloud_run'),
  '--template': sends(['python'], 'template', 'python'),
  '--image': sends(['docker.io/library/alpine'], 'image_spec', {
    image_type: 'custom',
    image_url: 'docker.io/library/alpine',
  }),
  '--gpu': sends(['t4:2'], 'gpu_count', 2),
  '--volume': sends(['3Gi'], 'persistent_storage_size_gb', 3),
  '--bucket': sends(['4Gi'], 'bucket_size_gb', 4),
  '--name': sends(['called'], 'labels', { name: 'called' }),
  '--label': sends(['k=v'], 'labels', { k: 'v' }),
  '--namespace': sends(['other'], 'namespace', 'other'),
  '--user': sends(['bob'], 'user', 'bob'),
};
