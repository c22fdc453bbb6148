/**
 * The versions of the protocol that this side speaks. A version is removed only when no keeper or agent that needs it
 * can still run. Operations, fields, frame types and error codes may be added without a new version.
 */
export const OLDEST_VERSION = 1;
export const NEWEST_VERSION = 1;

export interface Versions {
  readonly oldest: number;
  readonly newest: number;
}

const OWN: Versions = { oldest: OLDEST_VERSION, newest: NEWEST_VERSION };

/** The highest version that this side and the other one speak, or null. */
export const commonVersion = (other: Versions, own: Versions = OWN): number | null => {
  const version = Math.min(own.newest, other.newest);
  return version >= Math.max(own.oldest, other.oldest) ? version : null;
};

/** `version 2`, or `versions 1 to 3`. */
export const versionsText = ({ oldest, newest }: Versions = OWN): string =>
  oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
