import type { CloudTasksClient } from '@google-cloud/tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_BEHAVIOUR, OTHER_BEHAVIOUR } from '../../support/cloud-tasks/behaviour.ts';
import { type CloudTasksOptions, type CloudTasksServer, startCloudTasks } from '../../support/cloud-tasks/server.ts';
import { openOn } from './cloud-tasks-driver-fixture.ts';
import { adminOf } from './cloud-tasks-fixture.ts';
import { queueConformance } from './suite.ts';

/** The shortest times of Cloud Tasks (15 s, 100 ms) are 150 ms and 1 ms. */
const FACTOR = 100;

const VARIANTS: Readonly<Record<string, CloudTasksOptions>> = {
  'as documented': {},
  'what is not documented the other way, answers are lost and each task is delivered twice at once': {
    behaviour: OTHER_BEHAVIOUR,
    faults: { lost_answers: 'unavailable', duplicates: 'at once' },
  },
};

describe.each(Object.entries(VARIANTS))('Cloud Tasks: %s', (name, options) => {
  let server: CloudTasksServer;
  let admin: CloudTasksClient;
  beforeAll(async () => {
    server = await startCloudTasks({ factor: FACTOR, ...options });
    admin = adminOf(server);
  });
  afterAll(async () => {
    if (options.faults?.lost_answers) expect(server.counts.lost_answers).toBeGreaterThan(1000);
    await admin.close();
    await server.stop();
  });

  queueConformance(`cloud-tasks, ${name}`, (catalogue) => openOn(server, admin, catalogue));
});

it('every switch has another side, and the suite runs on both', () => {
  expect(Object.keys(OTHER_BEHAVIOUR)).toEqual(Object.keys(DEFAULT_BEHAVIOUR));
  for (const [name, side] of Object.entries(DEFAULT_BEHAVIOUR)) {
    expect(OTHER_BEHAVIOUR[name as keyof typeof OTHER_BEHAVIOUR], name).not.toBe(side);
  }
});
