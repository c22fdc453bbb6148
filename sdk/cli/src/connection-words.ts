/** What a person is told of a server that can't be reached: the cause, and what to do. */
export interface ConnectionWords {
  readonly message: string;
  readonly hint: string;
}

interface Cause {
  readonly code: string;
  readonly name: string;
  readonly message: string;
}

const MOST_CAUSES = 5;

/** The errors below an error: `fetch` and Node's sockets wrap the one that says something. */
const causesOf = (error: unknown): readonly Cause[] => {
  const found: Cause[] = [];
  let at: unknown = error;
  while (at instanceof Error && found.length < MOST_CAUSES) {
    const { code, errors, cause } = at as Error & { code?: unknown; errors?: readonly unknown[] };
    found.push({ code: typeof code === 'string' ? code : '', name: at.name, message: at.message });
    // Of an address with several hosts, each was tried.
    at = Array.isArray(errors) && errors[0] instanceof Error ? errors[0] : cause;
  }
  return found;
};

const hostOf = (url: string): string => URL.parse(url)?.hostname ?? url;
const portOf = (url: string): string => {
  const { port, protocol } = URL.parse(url) ?? { port: '', protocol: 'http:' };
  return port || (protocol === 'https:' ? '443' : '80');
};
const withScheme = (url: string, scheme: string): string => url.replace(/^https?/, scheme);

/** The last words of an error, where it was answered by something else than our server. */
export const FOREIGN_ANSWER = /^The server answered \d+$/;

export const CHECK =
  '`onmemos version` shows which address is used; --url, ONMEMOS_BASE_URL and `onmemos login` set it.';

const CERTIFICATE = /^(?:ERR_TLS_CERT|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_SSL_TLSV1_ALERT_UNKNOWN_CA)/;

/** In the order in which they are looked for; the first that fits is told. */
const KINDS: readonly {
  readonly fits: (cause: Cause) => boolean;
  readonly words: (url: string, cause: Cause) => ConnectionWords;
}[] = [
  {
    fits: ({ code }) => code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NONAME',
    words: (url, { code }) => ({
      message: `The host "${hostOf(url)}" is not known${code === 'EAI_AGAIN' ? ', or the name service does not answer' : ''}.`,
      hint: `Check the spelling, and your network. ${CHECK}`,
    }),
  },
  {
    fits: ({ code }) => code === 'ECONNREFUSED',
    words: (url) => ({
      message: `Nothing listens on port ${portOf(url)} of ${hostOf(url)}.`,
      hint: `Start the server there, or check the port. ${CHECK}`,
    }),
  },
  {
    fits: ({ code, message }) => /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code + message),
    words: (url) => ({
      message: `The server at ${url} does not speak TLS.`,
      hint: `Use ${withScheme(url, 'http')}, or the port on which it speaks https.`,
    }),
  },
  {
    fits: ({ code }) => CERTIFICATE.test(code),
    words: (url, { message }) => ({
      message: `The certificate of ${hostOf(url)} is not accepted: ${message}.`,
      hint: 'If its authority is your own, name its file in NODE_EXTRA_CA_CERTS.',
    }),
  },
  {
    fits: ({ message }) => message === 'bad port',
    words: (url) => ({
      message: `Port ${portOf(url)} is reserved for another service, so no HTTP is spoken on it.`,
      hint: CHECK,
    }),
  },
  {
    fits: ({ code }) => code === 'EHOSTUNREACH' || code === 'ENETUNREACH',
    words: (url) => ({ message: `There is no route to ${hostOf(url)}.`, hint: 'Check your network, or your VPN.' }),
  },
  {
    fits: ({ code, name }) => name === 'TimeoutError' || code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT',
    words: (url) => ({
      message: `${url} did not answer in time.`,
      hint: 'Try again in a moment; a firewall that drops packets looks the same.',
    }),
  },
  {
    fits: ({ code, name }) => name === 'SyntaxError' || code.startsWith('HPE_'),
    words: (url) => ({ message: `What answers at ${url} is not an OnMemOS server.`, hint: CHECK }),
  },
  {
    fits: ({ code }) => code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE',
    words: (url) => ({
      message: `The connection to ${url} was closed before the answer.`,
      hint: url.startsWith('http:')
        ? `Try again. If that port speaks https, use ${withScheme(url, 'https')}.`
        : 'Try again in a moment.',
    }),
  },
];

/** Says why a server was not reached; null where the error does not tell. */
export const connectionWords = (url: string, error: unknown): ConnectionWords | null => {
  const causes = causesOf(error);
  for (const { fits, words } of KINDS) {
    const cause = causes.find(fits);
    if (cause) return words(url, cause);
  }
  return null;
};
