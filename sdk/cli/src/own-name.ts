import { userInfo } from 'node:os';

/** What the server takes as a user: nothing that can’t be seen, and no slash. */
const USER_ID = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}/]{1,128}$/u;

/** The name of the OS user: on your own machine, calls act as that user. */
export const ownName = (): string => {
  try {
    const { username } = userInfo();
    return USER_ID.test(username) ? username : 'me';
  } catch {
    // A user without an entry in the system's list, as in many containers.
    return 'me';
  }
};
