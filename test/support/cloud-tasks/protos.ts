import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, type ServiceClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const SERVICE = 'google.cloud.tasks.v2.CloudTasks';

/** The folder with the protos of a package: beside the `build` folder of its entry, whatever the entry is. */
const protosOf = (name: string): string => {
  let folder = dirname(fileURLToPath(import.meta.resolve(name)));
  while (!folder.endsWith('build')) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${name} has no folder build`);
    folder = parent;
  }
  return join(folder, 'protos');
};

/** The service that the installed client speaks, read from the protos that the client’s packages ship. */
export const cloudTasksService = (): ServiceDefinition => {
  const definition = loadSync('google/cloud/tasks/v2/cloudtasks.proto', {
    includeDirs: [protosOf('@google-cloud/tasks'), protosOf('google-gax')],
    longs: Number,
    enums: String,
    oneofs: true,
  });
  const found = SERVICE.split('.').reduce<unknown>(
    (at, part) => (at as Readonly<Record<string, unknown>>)[part],
    loadPackageDefinition(definition),
  );
  return (found as ServiceClientConstructor).service;
};
