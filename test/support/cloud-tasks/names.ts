import { invalid } from './refusal.ts';

const PLACE = `projects/[A-Za-z0-9.:-]+/locations/[A-Za-z0-9-]+`;
const QUEUE = `${PLACE}/queues/[A-Za-z0-9-]{1,100}`;
const TASK = `${QUEUE}/tasks/[A-Za-z0-9_-]{1,500}`;

const check = (kind: string, pattern: string, form: string) => {
  const whole = new RegExp(`^${pattern}$`);
  return (name: string | undefined): string => {
    if (name === undefined || !whole.test(name)) {
      throw invalid(`${kind} name "${name ?? ''}" must be formatted: "${form}"`);
    }
    return name;
  };
};

const QUEUE_FORM = 'projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>';

export const locationName = check('Location', PLACE, 'projects/<PROJECT_ID>/locations/<LOCATION_ID>');
export const queueName = check('Queue', QUEUE, QUEUE_FORM);
export const taskName = check('Task', TASK, `${QUEUE_FORM}/tasks/<TASK_ID>`);

/** The name of what a queue, task or location lies in. */
export const parentOf = (name: string): string => name.split('/').slice(0, -2).join('/');
export const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
export const projectOf = (name: string): string => name.split('/')[1] ?? '';
