import { describe, expect, it } from 'vitest';
import {
  CLOUD_FUNCTIONS,
  type CloudFunction,
  misspeltCloudSettings,
  readCloudSettings,
} from './google-cloud-settings.ts';
import { BadSettings } from './settings.ts';

const COMMON = {
  ONMEMOS_PROJECT: 'acme-prod',
  ONMEMOS_LOCATION: 'europe-west1',
  ONMEMOS_WORKER_URL: 'https://worker-abc.a.run.app',
  ONMEMOS_TASKS_ACCOUNT: 'tasks@acme-prod.iam.gserviceaccount.com',
  ONMEMOS_KEYRING_FILE: '/secrets/keyring.json',
};
const OWN: Readonly<Record<CloudFunction, Readonly<Record<string, string>>>> = {
  api: { ONMEMOS_PUBLIC_URL: 'https://api.acme.example' },
  worker: { ONMEMOS_EVENTS_ACCOUNT: 'events@acme-prod.iam.gserviceaccount.com' },
  scheduler: {
    ONMEMOS_SCHEDULER_URL: 'https://scheduler-abc.a.run.app',
    ONMEMOS_SCHEDULE_ACCOUNT: 'schedule@acme-prod.iam.gserviceaccount.com',
  },
};
const whole = (name: CloudFunction): NodeJS.ProcessEnv => ({ ...COMMON, ...OWN[name] });

const refusal = (name: CloudFunction, env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readCloudSettings(name, env);
  } catch (error) {
    if (error instanceof BadSettings) return error.message.split('\n');
    throw error;
  }
  return [];
};

describe('the settings of a function of Google Cloud', () => {
  it.each(CLOUD_FUNCTIONS)('%s starts with what it needs, and takes the rest from it', (name) => {
    expect(readCloudSettings(name, whole(name))).toMatchObject({
      PORT: 8080,
      ONMEMOS_HOST: '0.0.0.0',
      ONMEMOS_DATABASE: '(default)',
      ONMEMOS_QUEUE_PREFIX: 'onmemos-',
      ONMEMOS_REGION: 'europe-west1',
      ONMEMOS_DEPLOYMENT: 'acme-prod',
      ONMEMOS_DEFAULT_USER_TYPE: 'free',
      ONMEMOS_LOG_LEVEL: 'info',
    });
  });

  it.each(CLOUD_FUNCTIONS)('%s does not start without any of them, and says which and what it is', (name) => {
    for (const setting of Object.keys(whole(name)))
      for (const empty of [undefined, '', '  ']) {
        const [sentence = '', ...others] = refusal(name, { ...whole(name), [setting]: empty });
        expect(sentence).toMatch(new RegExp(`^${setting}: must be set: \\w+ `));
        expect(others).toEqual([]);
      }
    const all = refusal(name, {});
    expect(all.map((sentence) => sentence.split(':')[0])).toEqual(Object.keys(whole(name)));
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['PORT', '80a'],
    ['PORT', '70000'],
    ['ONMEMOS_PROJECT', 'Not A Project'],
    ['ONMEMOS_DATABASE', 'default)'],
    ['ONMEMOS_LOCATION', 'europe west'],
    ['ONMEMOS_WORKER_URL', 'https://worker-abc.a.run.app/'],
    ['ONMEMOS_WORKER_URL', 'https://worker-abc.a.run.app/tasks'],
    ['ONMEMOS_WORKER_URL', 'https://worker-abc.a.run.app?x=1'],
    ['ONMEMOS_WORKER_URL', 'worker-abc.a.run.app'],
    ['ONMEMOS_TASKS_ACCOUNT', 'tasks'],
    ['ONMEMOS_EVENTS_ACCOUNT', 'a@b, c@d'],
    ['ONMEMOS_EVENTS_ACCOUNT', 'Events@acme-prod.iam.gserviceaccount.com'],
    ['ONMEMOS_EVENTS_ACCOUNT', 'serviceAccount:events@acme-prod.iam.gserviceaccount.com'],
    ['ONMEMOS_EVENTS_ACCOUNT', '<events@acme-prod.iam.gserviceaccount.com>'],
    ['ONMEMOS_WORKER_URL', 'https://worker-ABC.a.run.app'],
    ['ONMEMOS_WORKER_URL', 'https://worker-abc.a.run.app:443'],
    ['ONMEMOS_WORKER_URL', 'https://user@worker-abc.a.run.app'],
    ['ONMEMOS_WORKER_URL', 'https://worker-abc.a.run.app#x'],
    ['ONMEMOS_DEFAULT_USER_TYPE', 'everyone'],
    ['ONMEMOS_TASKS_ENDPOINT', 'http://127.0.0.1:9000'],
    ['ONMEMOS_TOKEN_KEYS', 'https://keys.example.com/certs'],
    ['ONMEMOS_TOKEN_KEYS', 'http://127.0.0.1.example.com/certs'],
    ['ONMEMOS_LOG_LEVEL', 'loud'],
    ['ONMEMOS_RETENTION_DAYS', '1000'],
  ];
  it.each(wrong)('refuse %s as %s', (setting, value) => {
    expect(refusal('worker', { ...whole('worker'), [setting]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${setting}: must be `)),
    ]);
  });

  it('refuse one account for two callers, which could then call each other’s paths', () => {
    const sentences = refusal('worker', { ...whole('worker'), ONMEMOS_EVENTS_ACCOUNT: COMMON.ONMEMOS_TASKS_ACCOUNT });
    expect(sentences).toEqual([expect.stringContaining('must be different accounts')]);
  });

  it('refuse a rate limit without the number of instances that share it', () => {
    const limited = { ...whole('api'), ONMEMOS_RATE_LIMIT_PER_SECOND: '50' };
    expect(refusal('api', limited)).toEqual([expect.stringMatching(/^ONMEMOS_MAX_INSTANCES: must be set with /)]);
    expect(readCloudSettings('api', { ...limited, ONMEMOS_MAX_INSTANCES: '4' })).toMatchObject({
      ONMEMOS_RATE_LIMIT_PER_SECOND: 50,
      ONMEMOS_MAX_INSTANCES: 4,
    });
  });

  it('warn of a name that is none of them', () => {
    expect(misspeltCloudSettings({ ...whole('api'), ONMEMOS_PORT: '80', ONMEMOS_WORKER_URI: 'x' })).toEqual([
      expect.stringContaining('ONMEMOS_PORT is not a setting.'),
      'ONMEMOS_WORKER_URI is not a setting. Did you mean ONMEMOS_WORKER_URL?',
    ]);
  });
});
