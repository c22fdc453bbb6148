/**
 * Why a session costs nothing, or whose prices are used; null where it costs what its provider charges.
 * @param driver where it runs
 * @param shape what it is billed as
 */
export const billNote = (driver: string, shape: string): string | null => {
  if (shape === 'local') return 'It runs on your own machine: nothing is charged.';
  if (driver === 'local') return `It runs on your own machine, priced as if it ran on ${shape}.`;
  return null;
};
