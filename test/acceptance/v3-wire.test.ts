import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, ok, refused } from './support/api.ts';
import type { Executed, Job, Session, Workspace } from './support/shapes.ts';
import { admin } from './support/target.ts';
import { until } from './support/until.ts';
import { type Person, person, running, unique, workspace } from './support/world.ts';

/** The fields that clients of the third version read from a session, each there and null where it is not meant. */
const SESSION_FIELDS = [
  'id',
  'provider',
  'namespace',
  'user',
  'workspace_id',
  'status',
  'status_reason',
  'status_message',
  'url',
  'websocket',
  'ssh',
  'details',
  'user_type',
  'resource_package',
  'resource_spec',
  'image_spec',
  'gpu_spec',
  'storage_allocation',
  'storage_config',
  'storage_status',
  'created_at',
  'expires_at',
  'k8s_namespace',
  'pod_name',
  'service_name',
  'job_name',
];
const IMAGE_TYPES = [
  ...['alpine', 'ubuntu', 'python', 'nodejs', 'go', 'rust', 'java'],
  ...['alpine_basic', 'python_basic', 'ubuntu_pro', 'python_pro', 'nodejs_pro', 'go_pro', 'rust_pro'],
  ...['python_enterprise', 'jupyter_enterprise', 'cuda_enterprise', 'java_enterprise'],
];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('the calls of the v3 clients', () => {
  let owner: Person;
  let workspace_id: string;
  let session: Session;
  let at: string;

  beforeAll(async () => {
    owner = await person(admin, 'enterprise');
    workspace_id = await workspace(admin, owner.id);
    session = await running(admin, { user: owner.id, workspace_id, template: 'python', namespace: 'project1' });
    at = `/v1/sessions/${session.id}`;
  });
  afterAll(async () => {
    await admin.del(`/v1/workspaces/${owner.id}/${workspace_id}?force=true`);
    await admin.del(`/v1/workspaces/${owner.id}/default?force=true`);
  });

  it('GET /health needs no key', async () => {
    const health = ok(await admin.as(null).get('/health'));
    expect(health).toMatchObject({ status: 'healthy', version: expect.any(String), timestamp: expect.any(String) });
    expect(health['timestamp']).toMatch(INSTANT);
  });

  it('GET / needs a key and says what this is', async () => {
    expect(ok(await admin.get('/'))).toMatchObject({
      service: expect.any(String),
      version: expect.any(String),
      status: expect.any(String),
    });
    refused(await admin.as(null).get('/'), 'unauthenticated');
  });

  it('takes the key as X-API-Key or as a bearer token, and never from the URL', async () => {
    const bare = admin.as(null);
    ok(await bare.get('/', { Authorization: `Bearer ${admin.key}` }));
    ok(await bare.get('/', { authorization: `bearer ${admin.key}` }));
    refused(await bare.get('/', { Authorization: `Basic ${admin.key}` }), 'unauthenticated');
    for (const name of ['api_key', 'key', 'token', 'access_token', 'X-API-Key']) {
      refused(await bare.get(`/?${name}=${encodeURIComponent(admin.key ?? '')}`), 'unauthenticated');
    }
    const wrong = `${admin.key?.slice(0, -2)}zz`;
    refused(await admin.as(wrong).get('/'), 'unauthenticated');
    refused(await admin.as('x'.repeat(5000)).get('/'), 'unauthenticated');
  });

  it('POST /v1/workspaces answers the workspace, and 409 conflict the second time', async () => {
    const body = {
      user_id: owner.id,
      workspace_id: unique('ws'),
      name: 'Development Environment',
      resource_package: 'dev_medium',
      description: 'Main development environment',
    };
    const made = ok(await admin.post<Workspace>('/v1/workspaces', body));
    expect(made).toMatchObject(body);
    refused(await admin.post('/v1/workspaces', body), 'conflict');
    ok(await admin.del(`/v1/workspaces/${owner.id}/${body.workspace_id}`));
  });

  it('GET /v1/workspaces/{user_id} is a plain array, and each workspace can be read', async () => {
    const list = ok(await admin.get<Workspace[]>(`/v1/workspaces/${owner.id}`));
    expect(Array.isArray(list)).toBe(true);
    expect(list.map((each) => each.workspace_id)).toContain(workspace_id);
    const one = ok(await admin.get<Workspace>(`/v1/workspaces/${owner.id}/${workspace_id}`));
    expect(one).toMatchObject({ user_id: owner.id, workspace_id, resource_package: 'dev_micro' });
    refused(await admin.get(`/v1/workspaces/${owner.id}/${unique('none')}`), 'not_found');
  });

  it('DELETE of a workspace is 200, twice too', async () => {
    const made = await workspace(admin, owner.id);
    ok(await admin.del(`/v1/workspaces/${owner.id}/${made}`));
    ok(await admin.del(`/v1/workspaces/${owner.id}/${made}`));
    refused(await admin.get(`/v1/workspaces/${owner.id}/${made}`), 'not_found');
  });

  it('POST /v1/sessions answers at once with every field', async () => {
    const made = ok(
      await admin.post<Session>('/v1/sessions', {
        provider: 'gke',
        template: 'python',
        namespace: 'project1',
        user: owner.id,
        workspace_id,
        ttl_minutes: 30,
      }),
    );
    expect(Object.keys(made)).toEqual(expect.arrayContaining(SESSION_FIELDS));
    expect(made).toMatchObject({ provider: 'gke', namespace: 'project1', user: owner.id, workspace_id });
    expect(['creating', 'running']).toContain(made.status);
    expect(Date.parse(made.expires_at) - Date.parse(made.created_at)).toBe(30 * 60_000);
    expect(made.created_at).toMatch(INSTANT);
    const now = await until('it runs', async () => {
      const seen = ok(await admin.get<Session>(`/v1/sessions/${made.id}`));
      return seen.status === 'creating' ? null : seen;
    });
    expect(now.status).toBe('running');
    ok(await admin.del(`/v1/sessions/${made.id}`));
  });

  it('lives 60 minutes unless asked for another time, and takes 1 to 1440', async () => {
    expect(Date.parse(session.expires_at) - Date.parse(session.created_at)).toBe(3_600_000);
    for (const ttl_minutes of [0, -1, 1441, 1.5, '30', true]) {
      const problem = refused(
        await admin.post('/v1/sessions', { user: owner.id, workspace_id, ttl_minutes }),
        'invalid',
      );
      expect(fieldsOf(problem)).toEqual(['ttl_minutes']);
    }
  });

  it('takes null for whatever may be left out', async () => {
    const empty = Object.fromEntries(
      [
        ...['provider', 'template', 'namespace', 'workspace_id', 'ttl_minutes', 'resource_package', 'resource_tier'],
        ...['resource_spec', 'image_spec', 'gpu_spec', 'gpu_type', 'gpu_count', 'request_persistent_storage'],
        ...['persistent_storage_size_gb', 'request_bucket', 'bucket_size_gb', 'storage_config', 'env', 'labels'],
        ...['needs_ssh', 'long_lived', 'expected_duration_minutes', 'workspace_owner'],
      ].map((name) => [name, null]),
    );
    const made = ok(await admin.post<Session>('/v1/sessions', { ...empty, user: owner.id }));
    expect(made).toMatchObject({ workspace_id: 'default', user: owner.id });
    ok(await admin.del(`/v1/sessions/${made.id}`));
  });

  it('GET /v1/sessions filters by namespace and user and is a plain array', async () => {
    const query = `/v1/sessions?namespace=project1&user=${owner.id}`;
    const list = ok(await admin.get<Session[]>(query));
    expect(list.map(({ id }) => id)).toContain(session.id);
    expect(list.every((each) => each.namespace === 'project1' && each.user === owner.id)).toBe(true);
    expect(ok(await admin.get<Session[]>(`/v1/sessions?namespace=other&user=${owner.id}`))).toEqual([]);
    const times = list.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('POST /v1/sessions/{id}/execute answers the whole result', async () => {
    const result = ok(await admin.post<Executed>(`${at}/execute`, { command: 'echo out; echo err >&2; exit 3' }));
    expect(result).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      returncode: 3,
      success: false,
      exec_id: expect.any(String),
      timed_out: false,
      truncated: false,
    });
  });

  it('POST …/execute with async_execution answers a job that can be asked for', async () => {
    const job = ok(await admin.post<Job>(`${at}/execute`, { command: 'echo done', async_execution: true }));
    expect(job).toMatchObject({ job_id: expect.any(String), status: 'running' });
    const ended = await until('the job ends', async () => {
      const now = ok(await admin.get<Job>(`${at}/jobs/${job.job_id}/status`));
      return now.status === 'running' ? null : now;
    });
    expect(ended).toMatchObject({
      job_id: job.job_id,
      status: 'completed',
      stdout: 'done\n',
      stderr: '',
      returncode: 0,
      success: true,
      exec_id: job.job_id,
      timed_out: false,
      truncated: false,
    });
  });

  it('GET …/connect says how to reach it', async () => {
    const connect = ok(await admin.get(`${at}/connect`));
    expect(connect).toMatchObject({
      url: expect.stringMatching(/^https?:/),
      websocket: expect.stringMatching(/^wss?:/),
    });
  });

  it('POST …/terminate and …/force-delete are 200, on one that has ended too', async () => {
    for (const verb of ['terminate', 'force-delete']) {
      const made = await running(admin, { user: owner.id, workspace_id });
      expect(ok(await admin.post<Session>(`/v1/sessions/${made.id}/${verb}`)).status).toBe('terminated');
      ok(await admin.post(`/v1/sessions/${made.id}/terminate`));
      ok(await admin.post(`/v1/sessions/${made.id}/force-delete`));
      ok(await admin.del(`/v1/sessions/${made.id}`));
    }
  });

  it('an unknown id is 404 on every call', async () => {
    const none = '/v1/sessions/ses-00000000000000000000000000';
    refused(await admin.get(none), 'not_found');
    refused(await admin.del(none), 'not_found');
    refused(await admin.get(`${none}/connect`), 'not_found');
    refused(await admin.get(`${none}/jobs/exe-1/status`), 'not_found');
    refused(await admin.get(`${at}/jobs/exe-unknown/status`), 'not_found');
    refused(await admin.post(`${none}/execute`, { command: 'true' }), 'not_found');
    refused(await admin.post(`${none}/terminate`), 'not_found');
    refused(await admin.post(`${none}/force-delete`), 'not_found');
  });

  it('a session in a workspace that does not exist is 404 and names it', async () => {
    const name = unique('nowhere');
    const problem = refused(await admin.post('/v1/sessions', { user: owner.id, workspace_id: name }), 'not_found');
    expect(problem.detail).toContain(name);
  });

  it('enum values may be written in capitals', async () => {
    const made = ok(
      await admin.post<Session>('/v1/sessions', {
        provider: 'CLOUD_RUN',
        user: owner.id,
        workspace_id,
        resource_package: 'DEV_SMALL',
        gpu_type: 'NONE',
        image_spec: { image_type: 'UBUNTU' },
        resource_spec: { cpu_size: 'MICRO', memory_size: 'SMALL' },
      }),
    );
    expect(made).toMatchObject({
      provider: 'cloud_run',
      resource_package: 'dev_small',
      image_spec: { image_type: 'ubuntu' },
    });
    ok(await admin.del(`/v1/sessions/${made.id}`));
    const upper = await workspace(admin, owner.id, { resource_package: 'DEV_LARGE' });
    expect(ok(await admin.get<Workspace>(`/v1/workspaces/${owner.id}/${upper}`)).resource_package).toBe('dev_large');
    ok(await admin.del(`/v1/workspaces/${owner.id}/${upper}`));
  });

  it('takes the image names of both generations', async () => {
    for (const image_type of IMAGE_TYPES) {
      const asked = await admin.post('/v1/sessions/estimate', { user: owner.id, image_spec: { image_type } });
      expect(asked.status, image_type).toBe(200);
    }
    const custom = { image_type: 'custom', image_url: 'gcr.io/my-project/custom-image:latest' };
    ok(await admin.post('/v1/sessions/estimate', { user: owner.id, image_spec: custom }));
    refused(
      await admin.post('/v1/sessions/estimate', { user: owner.id, image_spec: { image_type: 'windows' } }),
      'invalid',
    );
  });

  it('names every field that does not hold', async () => {
    const problem = refused(
      await admin.post('/v1/sessions', {
        user: '../root',
        provider: 'aws',
        namespace: 'a b',
        gpu_count: 9,
        env: { '1BAD': 'x' },
        labels: { 'Not Good': 'x' },
        request_bucket: 'yes',
      }),
      'invalid',
    );
    const fields = fieldsOf(problem).map((field) => field.split('.')[0]);
    expect(new Set(fields)).toEqual(
      new Set(['user', 'provider', 'namespace', 'gpu_count', 'env', 'labels', 'request_bucket']),
    );
    expect(fieldsOf(refused(await admin.post(`${at}/execute`, {}), 'invalid'))).toEqual(['command']);
    for (const timeout of [0, 3001, 'x']) {
      expect(fieldsOf(refused(await admin.post(`${at}/execute`, { command: 'true', timeout }), 'invalid'))).toEqual([
        'timeout',
      ]);
    }
  });
});
