/** Run the same test with several settings at the same time, each in its own session. */
import { OnMemOSClient } from 'onmemos';

const TIME_ZONES = ['UTC0', 'EST5', 'IST-5:30'];
const TEST = 'date -d @0 +%H:%M';

const client = new OnMemOSClient();

const test = async (zone: string): Promise<string> => {
  await using session = await client.session({ user: 'ada', ttl_minutes: 10, env: { TZ: zone } });
  const { stdout, returncode } = await session.run(TEST, { timeout: 60 });
  return `${zone}: ${returncode === 0 ? stdout.trim() : `failed with ${returncode}`}`;
};

for (const line of await Promise.all(TIME_ZONES.map(test))) console.log(line);
// -> UTC0: 00:00
// -> EST5: 19:00
// -> IST-5:30: 05:30
