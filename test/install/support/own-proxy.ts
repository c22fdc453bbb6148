import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface OwnProxy {
  readonly url: string;
  /** The certificate authority that whoever goes through it has to trust. */
  readonly authority: string;
  /** How many requests it has passed on. */
  requests(): number;
  close(): Promise<void>;
}

const SUBJECT = ['-nodes', '-days', '2', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** A certificate for one host, signed by an authority that is made for it. */
const certificateFor = async (host: string, folder: string) => {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args);
  await openssl(
    ...['req', '-x509', ...SUBJECT, '-subj', '/CN=A proxy of its own', '-keyout', at('ca.key'), '-out', at('ca.crt')],
  );
  await openssl('req', ...SUBJECT, '-subj', `/CN=${host}`, '-keyout', at('host.key'), '-out', at('host.csr'));
  await writeFile(at('host.ext'), `subjectAltName=DNS:${host}\n`);
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
  await openssl('x509', '-req', '-in', at('host.csr'), ...signed, '-extfile', at('host.ext'), '-out', at('host.crt'));
  return { key: await readFile(at('host.key')), cert: await readFile(at('host.crt')), authority: at('ca.crt') };
};

/**
 * A proxy as companies have it: it opens every encrypted connection to one host and encrypts it again with a certificate
 * of its own. Anything else it refuses.
 */
export const ownProxy = async (host: string, folder: string): Promise<OwnProxy> => {
  const { key, cert, authority } = await certificateFor(host, folder);
  let requests = 0;
  const opened = createHttps({ key, cert }, (incoming, answer) => {
    requests += 1;
    const { method, url: path, headers } = incoming;
    const passed = request({ host, port: 443, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on('error', () => answer.writeHead(502).end());
    incoming.pipe(passed);
  });
  const proxy = createHttp((_request, answer) => answer.writeHead(405).end());
  proxy.on('connect', ({ url }, socket) => {
    socket.on('error', () => {});
    if (url !== `${host}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    return opened.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    authority,
    requests: () => requests,
    close: async () => {
      proxy.closeAllConnections();
      opened.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
};
