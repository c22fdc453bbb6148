import { startCommand } from './command.ts';

/** Why a start did not succeed, in a sentence that says what to do; null for a fault that needs its stack. */
export const explain = (
  error: unknown,
  at: { readonly port: number; readonly host: string; readonly dataDir: string },
): string | null => {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'BadSettings')
    return `A setting is not valid:\n  ${String(message).replaceAll('\n', '\n  ')}\n${startCommand('--help')} lists all of them.`;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `${message}\n${startCommand('--help')} lists the options.`;
  if (name === 'StoreLocked') {
    const { url, pid } = error as { url?: string; pid?: number };
    const where = url === undefined ? '' : `: it serves at ${url} (process ${pid})`;
    return `Another OnMemOS server has the data folder ${at.dataDir}${where}. Use that one, or set ONMEMOS_DATA_DIR to another folder.`;
  }
  if (name === 'StoreTooNew') return `${message} Start the newer version, or set ONMEMOS_DATA_DIR to another folder.`;
  if (String(message).endsWith('is a database of another program'))
    return `${message}. Set ONMEMOS_DATA_DIR to another folder.`;
  if (code === 'EADDRINUSE')
    return `Port ${at.port} of ${at.host} is taken. Set ONMEMOS_PORT to another one, or to 0 for any that is free.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The address ${at.host} can’t be found. Set ONMEMOS_HOST to one that this machine has, such as 127.0.0.1.`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${at.host}. Set ONMEMOS_HOST to one that it has.`;
  if (code === 'EACCES' && String(message).includes('listen'))
    return `Port ${at.port} needs more rights than this user has. Set ONMEMOS_PORT to 1024 or above.`;
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR' || code === 'EEXIST') {
    return `The data folder ${at.dataDir} can’t be written (${code}). Set ONMEMOS_DATA_DIR to a folder that this user owns.`;
  }
  if (code === 'ENOSPC' || code === 'EDQUOT' || name === 'StoreFull')
    return `The disk of ${at.dataDir} is full. Free some of it, then start again.`;
  if (name === 'KeyringUnusable') return String(message);
  if (name === 'ComputeUnavailable' || name === 'IsolationUnavailable' || name === 'FolderServed')
    return String(message);
  return null;
};
