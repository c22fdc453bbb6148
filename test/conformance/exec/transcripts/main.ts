/**
 * Plays every transcript against a program that serves one session on its standard streams:
 * `npm run node -- test/conformance/exec/transcripts/main.ts COMMAND [ARGUMENT…]`. Ends with 1 where one fails.
 */
import { commandPeer } from './command-peer.ts';
import { play } from './player.ts';
import { readTranscripts } from './transcript.ts';

const command = process.argv.slice(2);
if (command.length === 0) {
  process.stderr.write('usage: npm run node -- test/conformance/exec/transcripts/main.ts COMMAND [ARGUMENT…]\n');
  process.exit(2);
}
let failed = 0;
let played = 0;
for (const [file, transcripts] of await readTranscripts()) {
  for (const transcript of transcripts) {
    played++;
    const peer = commandPeer(command);
    const reason = await play(transcript, peer).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    await peer.close();
    if (reason !== null) failed++;
    process.stdout.write(`${reason === null ? 'ok    ' : 'FAILED'}  ${file}: ${transcript.name}\n`);
    if (reason !== null) process.stdout.write(`        ${reason}\n`);
  }
}
process.stdout.write(`${played - failed} of ${played} transcripts hold\n`);
process.exitCode = failed === 0 ? 0 : 1;
