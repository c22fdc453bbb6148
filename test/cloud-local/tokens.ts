/** A token of an account, signed as Google signs it by the server that takes the place of Cloud Tasks. */
export const tokenOf = async (pages: string, email: string, audience: string): Promise<string> => {
  const asked = fetch(`${pages}/tokens`, { method: 'POST', body: JSON.stringify({ email, audience }) });
  const answer = await asked.catch(() => {
    throw new Error('there is no token: `tasks`, which signs them, was not reached');
  });
  if (!answer.ok) throw new Error(`there is no token: ${answer.status} ${await answer.text()}`);
  return answer.text();
};
