import { Session } from '#contract/entities/session.ts';
import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc, SessionWire } from '../model/docs.ts';

const FIELDS = Object.keys(Session.shape) as readonly (keyof SessionWire)[];

/** The part of the document that is on the wire, with the addresses under which this server reaches it. */
export const sessionToWire = (deps: Deps, doc: SessionDoc): SessionWire => {
  const wire = Object.fromEntries(FIELDS.map((field) => [field, doc[field]])) as SessionWire;
  const base = deps.settings.public_url;
  const open = doc.status === 'creating' || doc.status === 'running';
  return {
    ...wire,
    url: open ? `${base}/v1/sessions/${doc.id}` : null,
    websocket: open ? `${base.replace(/^http/, 'ws')}/v1/sessions/${doc.id}/shell` : null,
  };
};
