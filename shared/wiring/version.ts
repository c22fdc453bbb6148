/** The version that every deployable says of itself. */
export const VERSION = '0.1.0';
