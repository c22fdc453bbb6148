export const QUEUE_PREFIX = 'life-';
