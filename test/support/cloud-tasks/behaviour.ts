/** One switch for each thing that Google’s pages leave open or say in two ways. The README has the addresses. */
export interface Behaviour {
  /** How long the name of a task that has ended is refused: the pages say 24 h, the proto about 1 h. */
  readonly name_held_hours: 1 | 24;
  /** How long the name of a deleted queue is refused: the proto says 7 days, the REST reference 3. */
  readonly queue_name_held_days: 3 | 7;
  /** What `createTask` answers for a queue that does not exist: seen are both. */
  readonly missing_queue: 'FAILED_PRECONDITION' | 'NOT_FOUND';
  /** Whether a queue that was idle for 30 days answers NOT_FOUND at first, which the proto says that it may. */
  readonly idle_queue: 'NOT_FOUND' | 'ready';
  /** Whether fractions of a second in backoffs count: the proto cuts them off, the pages have a default of 0.1 s. */
  readonly backoff_fractions: 'kept' | 'cut';
  /** How much of a pause is drawn by lot, between the queue’s least and longest. The pages don’t say. */
  readonly jitter: 0 | 0.2;
  /** Whether `Location` of a 3xx is followed, which the proto says that it may. */
  readonly redirects: 'followed' | 'not followed';
  /** Whether a queue with unlimited attempts drops a task once `max_retry_duration` is over. */
  readonly unlimited_attempts: 'without end' | 'until the duration';
  /** Whether 429, 503 and many errors slow the whole queue, which the proto says that they may. */
  readonly throttling: 'on' | 'off';
  /** Whether a new queue starts slowly. How slowly is not said. */
  readonly ramp_up: 'on' | 'off';
  /** The largest task: the proto says 100 KB, the quotas 1 MiB. */
  readonly largest_task_bytes: 102_400 | 1_048_576;
  /** Whether a retry carries `TaskPreviousResponse` and `TaskRetryReason`, which are optional. */
  readonly retry_headers: 'sent' | 'left out';
  /** In which order tasks that are due are delivered. None is promised. */
  readonly order: 'by time' | 'any';
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  name_held_hours: 24,
  queue_name_held_days: 7,
  missing_queue: 'FAILED_PRECONDITION',
  idle_queue: 'NOT_FOUND',
  backoff_fractions: 'kept',
  jitter: 0,
  redirects: 'not followed',
  unlimited_attempts: 'without end',
  throttling: 'on',
  ramp_up: 'off',
  largest_task_bytes: 1_048_576,
  retry_headers: 'sent',
  order: 'by time',
};

/** Every switch on its other side. */
export const OTHER_BEHAVIOUR: Behaviour = {
  name_held_hours: 1,
  queue_name_held_days: 3,
  missing_queue: 'NOT_FOUND',
  idle_queue: 'ready',
  backoff_fractions: 'cut',
  jitter: 0.2,
  redirects: 'followed',
  unlimited_attempts: 'until the duration',
  throttling: 'off',
  ramp_up: 'on',
  largest_task_bytes: 102_400,
  retry_headers: 'left out',
  order: 'any',
};
