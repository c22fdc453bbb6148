import { isDeepStrictEqual } from 'node:util';
import { Firestore } from '@google-cloud/firestore';
import { v1 } from '@google-cloud/firestore-api';
import { grpc } from 'google-gax';
import { Channel, clientConfig } from '#drivers/store/firestore/channel.ts';
import { docOf } from '#drivers/store/firestore/documents.ts';
import { FirestoreStore } from '#drivers/store/firestore/firestore-store.ts';
import type { Store } from '#ports/store.ts';
import { COLLECTIONS, commits } from '#services/model/collections.ts';
import type { FirestoreEmulator } from '../../support/firestore-emulator.ts';
import { simulatedLogger } from '../doubles/plain.ts';
import type { Keep } from '../world/keeping.ts';
import type { Process } from '../world/process.ts';
import { clientOf } from './client.ts';
import { messagesOf, Service } from './service.ts';
import { Truth } from './truth.ts';
import { Watches } from './watches.ts';

/** A machine that is busy is no fault of the schedule: calls of the emulator may take this long. */
const CALL_MS = 120_000;

/** The documents of each schedule in a project of its own, behind a real driver for each process. */
export const onEmulator =
  (emulator: FirestoreEmulator): Keep =>
  async ({ universe, documents }) => {
    const project = emulator.project();
    const database = `projects/${project}/databases/(default)`;
    const [servicePath = '', port] = emulator.host.split(':');
    const client = new v1.FirestoreClient({
      projectId: project,
      clientConfig: clientConfig(CALL_MS),
      gaxServerStreamingRetries: true,
      servicePath,
      port: Number(port),
      sslCreds: grpc.credentials.createInsecure(),
    });
    const watcher = new Firestore({ projectId: project, host: emulator.host, ssl: false });
    const headers = { 'google-cloud-resource-prefix': database, authorization: 'Bearer owner' };
    const options = { otherArgs: { headers } };
    const service = new Service({ universe, client, options, database, collections: COLLECTIONS, documents });
    const truth = new Truth(universe.timeline);
    const watches = new Watches(universe, service);
    universe.timeline.waitFor(() => service.settled() ?? watches.settled());

    const store = (process: Process): Store => {
      process.onDeath(() => service.halted(process));
      process.onStall(() => service.halted(process));
      const { clock, ids } = process;
      const log = simulatedLogger(universe, process);
      const driver = new FirestoreStore({
        channel: new Channel({ make: () => clientOf(universe, process, service, truth), clock, log, options }),
        database,
        collections: COLLECTIONS,
        commits,
        firestore: async () => watcher,
        closeFirestore: async () => undefined,
        clock,
        ids,
        observer: {},
      });
      return {
        capabilities: driver.capabilities,
        transaction: (fn, how) => truth.of(() => driver.transaction(fn, how)),
        get: (collection, id) => truth.of(() => driver.get(collection, id)),
        getMany: (collection, all) => truth.of(() => driver.getMany(collection, all)),
        query: (collection, query) => truth.of(() => driver.query(collection, query)),
        create: (collection, id, data) => truth.of(() => driver.create(collection, id, data)),
        put: (collection, id, data, version) => truth.of(() => driver.put(collection, id, data, version)),
        delete: (collection, id, version) => truth.of(() => driver.delete(collection, id, version)),
        watch: watches.of(process, driver),
        close: () => driver.close(),
      };
    };

    return {
      store,
      end: async () => {
        await service.settled();
        for (const collection of COLLECTIONS) {
          const from = [{ collectionId: collection.name }];
          const parent = `${database}/documents`;
          const found = await messagesOf(client.runQuery({ parent, structuredQuery: { from } }, options));
          const kept = found.flatMap(({ document }) => (document ? [docOf(collection, document)] : []));
          const same =
            kept.length === documents.all(collection).length &&
            kept.every(({ id, data }) => isDeepStrictEqual(data, documents.get(collection.name, id)?.data));
          if (!same) throw new Error(`the rules have seen other ${collection.name} than Firestore has`);
        }
        return { ...service.counts, ...truth.counts, 'changes told by watches': watches.told };
      },
      close: async () => {
        await service.close();
        await Promise.all([watcher.terminate(), client.close()]);
        await emulator.clear(project);
      },
    };
  };
