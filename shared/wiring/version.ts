/** The version that every deployable reports. */
export const VERSION = '0.1.0';
