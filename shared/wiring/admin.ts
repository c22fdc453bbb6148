import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openFirestoreStore } from '#drivers/store/firestore/open.ts';
import { openSqliteStore } from '#drivers/store/sqlite/open.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Logger } from '#ports/logger.ts';
import type { Store } from '#ports/store.ts';
import type { RetryDeps } from '#services/lifecycle/intents.ts';
import { commits } from '#services/model/collections.ts';
import { DOCUMENTS } from './documents.ts';
import { Schema as CloudSchema } from './google-cloud-settings.ts';
import { givenIn } from './setting-kinds.ts';
import { BadSettings, readSettings } from './settings.ts';

/** Where the store of a deployment on Google Cloud is. */
const StoreSchema = CloudSchema.pick({ ONMEMOS_PROJECT: true, ONMEMOS_DATABASE: true, FIRESTORE_EMULATOR_HOST: true });

/** The deployment that an operator's commands are about. */
export type AdminPlace =
  | { readonly kind: 'standalone'; readonly dataDir: string }
  | {
      readonly kind: 'google-cloud';
      readonly project: string;
      readonly database: string;
      readonly emulatorHost: string | undefined;
    };

/** On Google Cloud where a project is named, otherwise this machine's data folder. @throws BadSettings */
export const adminPlace = (env: NodeJS.ProcessEnv): AdminPlace => {
  const read = StoreSchema.safeParse(givenIn(env, ['FIRESTORE_EMULATOR_HOST']));
  if (!read.success)
    throw new BadSettings(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  const { ONMEMOS_PROJECT: project, ONMEMOS_DATABASE: database, FIRESTORE_EMULATOR_HOST: emulatorHost } = read.data;
  if (project === undefined) return { kind: 'standalone', dataDir: readSettings(env).ONMEMOS_DATA_DIR };
  return { kind: 'google-cloud', project, database, emulatorHost };
};

/** As people know it. */
export const placeName = (place: AdminPlace): string =>
  place.kind === 'standalone'
    ? `the data folder ${place.dataDir}`
    : `the Firestore database ${place.database} of the project ${place.project}${place.emulatorHost === undefined ? '' : ` (emulator at ${place.emulatorHost})`}`;

/** There is nothing to work on; the message says what to do. */
class NoDeployment extends Error {
  override readonly name = 'NoDeployment';
}

export type AdminDeps = RetryDeps & { readonly ids: Ids };

export interface OpenedAdmin {
  readonly deps: AdminDeps;
  close(): Promise<void>;
}

interface Tools {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** Writes to the store alone: what it makes due is taken up by the schedule, or by the next start of a server. */
const depsOf = (store: Store, tools: Tools): AdminDeps => ({
  ...tools,
  store,
  queue: { enqueue: async () => false },
  settings: { sweep_after_ms: 0 },
});

const openStore = (place: AdminPlace, create: boolean, { clock, ids, log }: Tools): Promise<Store> => {
  if (place.kind === 'google-cloud') {
    const { project, database, emulatorHost } = place;
    // Google's libraries look for the account of this machine even where none is used.
    if (emulatorHost !== undefined) process.env['METADATA_SERVER_DETECTION'] ??= 'none';
    const { collections } = DOCUMENTS;
    return openFirestoreStore({ project, database, emulatorHost, collections, commits, clock, ids, log });
  }
  const path = join(place.dataDir, 'store.db');
  if (!create && !existsSync(path))
    throw new NoDeployment(
      `${place.dataDir} holds no store: no server has run there. Set ONMEMOS_DATA_DIR to its data folder, or ONMEMOS_PROJECT for a deployment on Google Cloud.`,
    );
  return openSqliteStore({ path, ...DOCUMENTS, clock, fraction: ids.fraction });
};

/**
 * Opens the store of a deployment for an operator's command.
 * @param create whether a data folder without a store gets one @throws NoDeployment, or an error named StoreLocked where
 * a server has the data folder
 */
export const openAdmin = async (place: AdminPlace, create: boolean, tools: Tools): Promise<OpenedAdmin> => {
  const store = await openStore(place, create, tools);
  return { deps: depsOf(store, tools), close: () => store.close() };
};
