/** The most sandboxes that a keeper keeps ready. */
export const MOST_POOLED = 64;
