import { type AdminPlace, placeName } from '#wiring/admin.ts';

/** Codes of gRPC that an operator mends. */
const ADVICE: Readonly<Record<number, string>> = {
  5: 'Check ONMEMOS_PROJECT and ONMEMOS_DATABASE.',
  7: 'Give your account the role Cloud Datastore User in the project.',
  16: 'Sign in with `gcloud auth application-default login`.',
};

/** Why a command did not succeed, in a sentence that says what to do, and its exit code. A fault keeps its stack. */
export const explainAdmin = (error: unknown, place: AdminPlace | null): { sentence: string; code: number } => {
  const { name, message = String(error), code, stack } = Object(error) as Partial<Error> & { code?: unknown };
  if (name === 'BadUsage') return { sentence: message, code: 2 };
  if (name === 'BadSettings')
    return { sentence: `A setting is not valid:\n  ${message.replaceAll('\n', '\n  ')}`, code: 2 };
  if (name === 'Problem' || name === 'NoDeployment' || name === 'KeyringUnusable')
    return { sentence: message, code: 1 };
  const where = place === null ? 'the store' : placeName(place);
  if (name === 'StoreLocked')
    return {
      sentence: `A server has ${where}. Stop it first: sessions go on without it. Then run this again.`,
      code: 1,
    };
  if (name === 'StoreTooNew') return { sentence: `${message} Use the newer version.`, code: 1 };
  if (name === 'StoreBusy')
    return {
      sentence: `OnMemOS can’t reach ${where}, or it is busy; nothing was changed (${message}). Run this again.`,
      code: 1,
    };
  if (/Could not load the default credentials/.test(message))
    return { sentence: `There are no credentials for ${where}. ${ADVICE[16]}`, code: 1 };
  const advice = typeof code === 'number' ? ADVICE[code] : undefined;
  if (advice !== undefined) return { sentence: `OnMemOS may not use ${where}: ${message}. ${advice}`, code: 1 };
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR')
    return { sentence: `OnMemOS can’t write ${where} (${code}). Run this as the user of the server.`, code: 1 };
  return { sentence: stack ?? message, code: 1 };
};
