import { expect, it } from 'vitest';
import { BadUsage, readCommand } from './args.ts';

it.each([
  [['--help'], { name: 'help' }],
  [['help'], { name: 'help' }],
  [['intents', '-h'], { name: 'help' }],
  [['bootstrap'], { name: 'bootstrap', rotate: false, json: false }],
  [['bootstrap', '--rotate', '--json'], { name: 'bootstrap', rotate: true, json: true }],
  [['intents'], { name: 'intents', limit: 100, json: false }],
  [['--json', 'intents', '--limit=7'], { name: 'intents', limit: 7, json: true }],
  [['intents', 'raise', 'a', 'b'], { name: 'raise', ids: ['a', 'b'], json: false }],
  [['keyring', 'new'], { name: 'keyring new' }],
  [['keyring', 'rotate', 'ring.json'], { name: 'keyring rotate', file: 'ring.json' }],
])('reads %j', (argv, command) => {
  expect(readCommand(argv)).toEqual(command);
});

it.each([
  [[], /^npm run admin -- COMMAND/],
  [['bootstrapp'], /^There is no command bootstrapp\. Did you mean bootstrap\?/],
  [['bootstrap', 'now'], /^bootstrap takes no "now"\.$/],
  [['bootstrap', '--limit', '3'], /^bootstrap has no option --limit\.$/],
  [['intents', '--rotate'], /^intents has no option --rotate\.$/],
  [['intents', 'drop'], /^There is no command intents drop\. npm run admin -- --help/],
  [['intents', '--limit', '0'], /^--limit must be a whole number from 1 to 1000\.$/],
  [['intents', '--limit', '1.5'], /^--limit must be a whole number/],
  [['intents', 'raise'], /^Name the intents to raise\. .* intents lists them\.$/],
  [['intents', '--colour'], /--colour.* --help lists the commands\.$/],
  [['keyring'], /^There is no command keyring\. /],
  [['keyring', 'new', 'x'], /^keyring new takes no "x"\.$/],
  [['keyring', 'new', '--json'], /^keyring new has no option --json\.$/],
  [['keyring', 'rotate'], /^Name the file with the present keyring\.$/],
])('refuses %j, and says what is right', (argv, sentence) => {
  expect(() => readCommand(argv)).toThrow(BadUsage);
  expect(() => readCommand(argv)).toThrow(sentence);
});
