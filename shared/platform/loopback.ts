const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** Whether only programs of this machine reach what listens on this host. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
