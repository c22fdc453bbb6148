import type { Client } from './client.ts';

const USER = 'bench';
const WORD = 'first output';
const PACKAGE = 'dev_small';

/** Asks for a session and holds until it runs. @throws Error where it does not, or not at isolation `full` */
export const createRunning = async (client: Client, resource_package = PACKAGE): Promise<string> => {
  const made = await client.call('POST', '/v1/sessions?wait=60', { user: USER, resource_package, ttl_minutes: 60 });
  const isolation = (made['details'] as Record<string, unknown>)['isolation'];
  if (made['status'] !== 'running' || isolation !== 'full')
    throw new Error(`the session is ${made['status']} at isolation ${isolation}: ${made['status_message']}`);
  return String(made['id']);
};

/** Asks for a session; the answer says only that it was accepted. */
export const createAccepted = async (client: Client): Promise<string> =>
  String((await client.call('POST', '/v1/sessions', { user: USER, resource_package: PACKAGE, ttl_minutes: 60 }))['id']);

/** Runs a command and checks what it printed. */
export const echo = async (client: Client, id: string): Promise<void> => {
  const result = await client.call('POST', `/v1/sessions/${id}/execute`, { command: `echo ${WORD}` });
  if (result['stdout'] !== `${WORD}\n`) throw new Error(`the command printed ${JSON.stringify(result)}`);
};

/** Ends a session and holds until it is gone. */
export const end = async (client: Client, id: string): Promise<void> => {
  const ended = await client.call('POST', `/v1/sessions/${id}/force-delete?wait=60`);
  if (ended['status'] !== 'terminated') throw new Error(`the session is ${ended['status']} after its deletion`);
};
