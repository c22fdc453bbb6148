import { CallerNotAllowed, CallerRefused, type CallerRole, type Callers, CallersUnavailable } from '#ports/callers.ts';

/** The status of an answer, and for the log why it is not 200. The answer itself never says why. */
export type Admission = { readonly status: 200 } | { readonly status: 401 | 403 | 503; readonly why: string };

/** Whether a request comes from a caller in this role. */
export const admit = async (callers: Callers, role: CallerRole, authorization: string | null): Promise<Admission> => {
  try {
    const caller = await callers.verify({ authorization });
    if (caller.role === role) return { status: 200 };
    return { status: 403, why: `${caller.account} calls as ${caller.role}, and this is for ${role}` };
  } catch (error) {
    if (error instanceof CallerRefused) return { status: 401, why: error.message };
    if (error instanceof CallerNotAllowed) return { status: 403, why: error.message };
    if (error instanceof CallersUnavailable) return { status: 503, why: error.message };
    throw error;
  }
};
