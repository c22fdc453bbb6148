import { expect, it } from 'vitest';
import { priceTable } from '#domain/prices.ts';
import { cloudServiceSettings } from './google-cloud.ts';
import { readCloudSettings } from './google-cloud-settings.ts';

it('services of a function meter by ten minutes, and sweep what the trigger has missed after one', () => {
  const settings = readCloudSettings('api', {
    ONMEMOS_PROJECT: 'acme-prod',
    ONMEMOS_LOCATION: 'europe-west1',
    ONMEMOS_WORKER_URL: 'https://worker-abc.a.run.app',
    ONMEMOS_TASKS_ACCOUNT: 'tasks@acme-prod.iam.gserviceaccount.com',
    ONMEMOS_KEYRING_FILE: '/secrets/keyring.json',
    ONMEMOS_PUBLIC_URL: 'https://api.acme.example/',
  });
  expect(cloudServiceSettings(settings, priceTable('europe-west1'))).toMatchObject({
    mode: 'google-cloud',
    region: 'europe-west1',
    deployment: 'acme-prod',
    default_user_type: 'free',
    meter_period_ms: 600_000,
    // For owners whose budget ends sessions.
    terminate_period_ms: 60_000,
    sweep_after_ms: 60_000,
    public_url: 'https://api.acme.example',
  });
});
