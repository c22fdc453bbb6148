// one-call-child.mjs FILES: loads each library out of a bundle (JSON, its file by its name) and makes one call by it. The
// servers are in the environment. It imports nothing else: it is copied into the bundle, where there is nothing else.
import assert from 'node:assert/strict';

const files = JSON.parse(process.argv[2] ?? '{}');
const { FIRESTORE_EMULATOR_HOST: emulator = '', TASKS_PORT, STORAGE_URL, TOKEN, AUDIENCE, KEY_ID, KEY } = process.env;
const projectId = 'one-call';
const insecure = async () => (await import(files['google-gax'])).grpc.credentials.createInsecure();

const CALLS = {
  '@google-cloud/firestore': async (it) => {
    const firestore = new it.Firestore({ projectId, host: emulator, ssl: false });
    await firestore.doc('calls/one').set({ made: true });
    assert.equal((await firestore.doc('calls/one').get()).get('made'), true);
    await firestore.terminate();
  },
  '@google-cloud/firestore-api': async (it) => {
    const [servicePath, port] = emulator.split(':');
    const client = new it.v1.FirestoreClient({
      projectId,
      servicePath,
      port: Number(port),
      sslCreds: await insecure(),
    });
    const parent = `projects/${projectId}/databases/(default)/documents`;
    const authorized = { otherArgs: { headers: { authorization: 'Bearer owner' } } };
    await client.listCollectionIds({ parent }, authorized);
    await client.close();
  },
  '@google-cloud/tasks': async (it) => {
    const client = new it.CloudTasksClient({
      ...{ projectId, servicePath: '127.0.0.1', port: Number(TASKS_PORT), fallback: false },
      sslCreds: await insecure(),
    });
    const [queues] = await client.listQueues({ parent: `projects/${projectId}/locations/us-central1` });
    assert.deepEqual(queues, []);
    await client.close();
  },
  '@google-cloud/storage': async (it) => {
    const storage = new it.Storage({ projectId, apiEndpoint: STORAGE_URL });
    const [buckets] = await storage.getBuckets();
    assert.deepEqual(
      buckets.map(({ name }) => name),
      ['one'],
    );
  },
  'google-auth-library': async (it) => {
    const ticket = await new it.OAuth2Client().verifySignedJwtWithCertsAsync(TOKEN, { [KEY_ID]: KEY }, AUDIENCE);
    assert.equal(ticket.getPayload().aud, AUDIENCE);
  },
  'google-gax': async (it) => {
    const grpc = new it.GrpcClient();
    assert.match(grpc.grpcVersion, /^\d+\./);
  },
};
for (const [library, file] of Object.entries(files)) {
  const call = CALLS[library];
  assert(call, `this test has no call by ${library}: add one`);
  await call(await import(file));
  console.log(library);
}
process.exit(0);
