/** Faults that a test switches on and off while the server runs. Rates are shares of 1. */
export interface Faults {
  /** Each delivery is sent twice; what the second is answered does not count. */
  duplicates: 'none' | 'one after the other' | 'at once';
  /** Share of successful deliveries that the server believes to have failed. */
  lost_acknowledgements: number;
  /** What becomes of the answer to a `createTask` that stored its task. Silence lasts until the caller gives up. */
  lost_answers: 'none' | 'unavailable' | 'silence';
  /** Share of the calls that `lost_answers` applies to. */
  lost_answers_share: number;
  /** `createTask` answers and stores nothing before so much wall-clock time has passed. */
  stall_ms: number;
  /** Every call is refused with UNAVAILABLE, and nothing is delivered. */
  outage: boolean;
}

export const NO_FAULTS: Faults = {
  duplicates: 'none',
  lost_acknowledgements: 0,
  lost_answers: 'none',
  lost_answers_share: 1,
  stall_ms: 0,
  outage: false,
};

const CHOICES: Readonly<Partial<Record<keyof Faults, readonly unknown[]>>> = {
  duplicates: ['none', 'one after the other', 'at once'],
  lost_answers: ['none', 'unavailable', 'silence'],
};

/** Checks faults that came from outside. @throws TypeError that names the wrong one */
export const readFaults = (text: string): Partial<Faults> => {
  const given = JSON.parse(text) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(NO_FAULTS, name)) throw new TypeError(`there is no fault ${name}`);
    const key = name as keyof Faults;
    const isRight = CHOICES[key]?.includes(value) ?? typeof value === typeof NO_FAULTS[key];
    if (!isRight) throw new TypeError(`${name} can’t be ${JSON.stringify(value)}`);
  }
  return given as Partial<Faults>;
};
