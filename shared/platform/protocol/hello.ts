import { ExecError } from '#ports/exec.ts';
import { CallError } from './call-error.ts';
import { FRAME, type Frame, type Header, ProtocolError } from './frames.ts';
import { commonVersion, NEWEST_VERSION, OLDEST_VERSION, type Versions, versionsText } from './versions.ts';
import { optional, whole } from './wire.ts';

/** The two sides have no version in common. */
export class VersionRefused extends CallError {
  override readonly name = 'VersionRefused';
  /** The versions of this side, as fields of the error frame. */
  readonly spoken: Header = { oldest: OLDEST_VERSION, version: NEWEST_VERSION };
  constructor(message: string) {
    super('version', message);
  }
}

/** The version fields of a hello that offers all versions of this side. */
export const offeredVersions = (): Header => ({
  version: NEWEST_VERSION,
  ...(OLDEST_VERSION === NEWEST_VERSION ? {} : { oldest: OLDEST_VERSION }),
});

const versionsOf = (hello: Header): Versions => {
  const newest = whole(hello, 'version');
  return { newest, oldest: optional(hello, 'oldest', (h, f) => whole(h, f, 0, newest)) ?? newest };
};

/** The version to use with the peer that sent this first frame. @throws ExecError `invalid`, VersionRefused */
export const openHello = (frame: Frame): number => {
  if (frame.type !== FRAME.hello) throw new ExecError('invalid', 'the first frame is not a hello');
  const offered = versionsOf(frame.header);
  const version = commonVersion(offered);
  if (version === null) {
    throw new VersionRefused(`${versionsText(offered)} of the protocol can't be spoken here, only ${versionsText()}`);
  }
  return version;
};

/** The peer's answer to a hello. @throws ProtocolError, VersionRefused */
export const answeredHello = (frame: Frame): Header => {
  if (frame.type !== FRAME.hello) throw new ProtocolError('the first frame is not a hello');
  const version = whole(frame.header, 'version');
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
    throw new VersionRefused(`the other side speaks version ${version} of the protocol, this one ${versionsText()}`);
  }
  return frame.header;
};
