import { itStreams } from './support/stream-cases.ts';

/** More than server, keeper and clients together keep of a stream for a reader that is behind. */
const BEYOND_ALL_BUFFERS = 33_000_000;

itStreams('full', [
  { mb: 2_000, cuts: 4, gaps: BEYOND_ALL_BUFFERS },
  { mb: 400, speed: 10_000_000, cuts: 1, gaps: BEYOND_ALL_BUFFERS },
]);
