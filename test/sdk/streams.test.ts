import { itStreams } from './support/stream-cases.ts';

const SMALL = [
  { mb: 4, speed: 2_000_000, cuts: 1 },
  { mb: 20, cuts: 2 },
  { mb: 20, speed: 5_000_000, cuts: 3 },
] as const;
itStreams('full', SMALL);
itStreams('none', SMALL);
