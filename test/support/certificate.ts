import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** One value of DER: its tag, its length and its content. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const pem = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes)
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;

/** How a key of each type signs: the algorithm as a certificate names it. */
const SIGNATURES: Readonly<Record<string, Buffer>> = {
  ec: sequence(oid('2a8648ce3d040302')),
  rsa: sequence(oid('2a864886f70d01010b'), der(0x05)),
};
const VALIDITY = sequence(der(0x18, Buffer.from('20200101000000Z')), der(0x18, Buffer.from('21200101000000Z')));

const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), der(0x04, value));

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A certificate of a name for a key, EC or RSA, signed by the key itself. */
export const certificateOf = (name: string, { privateKey, publicKey }: KeyPair): string => {
  const algorithm = SIGNATURES[publicKey.asymmetricKeyType ?? ''];
  if (!algorithm) throw new TypeError(`no certificate for a key of type ${publicKey.asymmetricKeyType}`);
  const common = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
  const names = extension('551d11', sequence(der(0x82, Buffer.from(name))));
  const authority = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    common,
    VALIDITY,
    common,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(authority, names)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  return pem('CERTIFICATE', sequence(body, algorithm, signature));
};

/** A key and a certificate of a name, signed by itself, for a server of a test. */
export const selfSigned = (name: string): { readonly key: string; readonly cert: string } => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: certificateOf(name, pair),
  };
};
