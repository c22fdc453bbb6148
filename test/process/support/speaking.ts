const HOOK = new URL('./other-version.ts', import.meta.url).href;

/** Of Node: this program, and the keeper that it starts, speak these versions of the protocol. */
export const speakingOption = (oldest: number, newest: number): string =>
  `--import ${HOOK}?oldest=${oldest}&newest=${newest}`;

/** The environment of a server of another build, with its keeper: what they speak is all that differs. */
export const speaking = (oldest: number, newest: number) => ({ NODE_OPTIONS: speakingOption(oldest, newest) });
