/** Start a long command, leave, and read its output later from the right byte. */
import { OnMemOSClient } from 'onmemos';

const client = new OnMemOSClient();
await using session = await client.session({ user: 'ada', ttl_minutes: 30 });
const started = await session.start('for step in 1 2 3 4; do echo step $step; sleep 0.3; done');

// The first reader stops after two lines. It saves where it was: this is all that the next reader needs.
let place = 0;
for await (const chunk of started) {
  process.stdout.write(chunk.data);
  place = chunk.end;
  if (place >= 'step 1\nstep 2\n'.length) break;
}

// Later, in any other program: the same session and exec, from the saved place.
const later = await (await client.sessions.get(session.id)).process(started.exec_id);
for await (const { data } of later.reattach(place)) process.stdout.write(data);
console.log('exit code', await later.wait());
// -> step 1
// -> step 2
// -> step 3
// -> step 4
// -> exit code 0
