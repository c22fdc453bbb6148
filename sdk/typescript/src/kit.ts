import type { CallOptions, WaitOptions } from './options.ts';
import type { Listing, PageOptions } from './pages.ts';
import type { Execs } from './resources/execs.ts';
import type { Transport } from './transport/transport.ts';
import type { AuditEvent, SessionCost, SessionRecord, SessionUpdate, Usage } from './types.ts';

/** What a command needs of its client. */
export interface ExecKit {
  readonly transport: Transport;
  readonly execs: Execs;
}

/** The calls that a session makes about itself. */
export interface SessionCalls {
  get(id: string, options: CallOptions): Promise<SessionRecord>;
  update(id: string, body: SessionUpdate, options: CallOptions): Promise<SessionRecord>;
  delete(id: string, options: WaitOptions): Promise<SessionRecord>;
  usage(id: string, options: CallOptions): Promise<Usage>;
  cost(id: string, options: CallOptions): Promise<SessionCost>;
  events(id: string, options: PageOptions): Listing<AuditEvent>;
}

/** What a session needs of its client. */
export interface SessionKit extends ExecKit {
  readonly sessions: SessionCalls;
}
