import {
  type ClientDuplexStream,
  type ClientReadableStream,
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/**
 * What happens to one call on its way.
 *
 * - `lost`: the server does it, and the caller is told that the connection broke (UNAVAILABLE).
 * - `silent`: the server does it, and the caller hears nothing.
 * - `stopped`: the server never hears of it, and the caller hears nothing.
 * - a number: the server never hears of it, and the caller is told this code.
 */
type Fault = 'lost' | 'silent' | 'stopped' | number;

/** Decides about a call; null lets it pass. `nth` counts the calls of a method from 1. */
type Trouble = (method: string, nth: number) => Fault | null;

/** A call that the relay holds: before the server hears of it, or before its caller hears the answer. */
interface HeldCall {
  readonly method: string;
  readonly request: Buffer;
  readonly moment: 'asked' | 'done';
}

/** Is asked at both moments of a call. False: the call ends there, and its caller hears nothing. */
export type Gate = (call: HeldCall) => boolean | Promise<boolean>;

export interface GrpcRelay {
  /** `host:port` of the relay. */
  readonly host: string;
  /** How often a method was called. */
  calls(method: string): number;
  /** Connections that clients have opened. */
  connections(): number;
  /** From now on; null for none. Counts from 1 again. */
  trouble(next: Trouble | null): void;
  stop(): Promise<void>;
}

type Kind = 'unary' | 'server stream' | 'bidi stream';
/** The methods of a service that pass, by name. */
export type Methods = Readonly<Record<string, Kind>>;

export const FIRESTORE: { readonly service: string; readonly methods: Methods } = {
  service: 'google.firestore.v1.Firestore',
  methods: {
    BatchGetDocuments: 'server stream',
    RunQuery: 'server stream',
    Commit: 'unary',
    Rollback: 'unary',
    BeginTransaction: 'unary',
    Listen: 'bidi stream',
  },
};

const same = (bytes: Buffer): Buffer => bytes;
const failure = (code: number, details: string): ServiceError =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });
const broken = (): ServiceError => failure(status.UNAVAILABLE, 'the relay broke the connection');

/**
 * Passes the calls of one service on to a server, unread, with faults on their way.
 * @param gate of every call but those that are streams in both directions
 */
export const startGrpcRelay = async (
  target: string,
  { service, methods }: { readonly service: string; readonly methods: Methods },
  gate: Gate = () => true,
): Promise<GrpcRelay> => {
  const client = new Client(target, credentials.createInsecure());
  const all = new Map<string, number>();
  const since = new Map<string, number>();
  let trouble: Trouble | null = null;
  const faultOf = (method: string): Fault | null => {
    all.set(method, (all.get(method) ?? 0) + 1);
    since.set(method, (since.get(method) ?? 0) + 1);
    return trouble?.(method, since.get(method) ?? 1) ?? null;
  };

  const unary =
    (method: string, path: string): handleUnaryCall<Buffer, Buffer> =>
    async (call, answer) => {
      const fault = faultOf(method);
      if (fault === 'stopped') return;
      if (typeof fault === 'number') return answer(failure(fault, `the relay answers ${method} with ${fault}`));
      const { request } = call;
      if (!(await gate({ method, request, moment: 'asked' }))) return;
      client.makeUnaryRequest(path, same, same, request, call.metadata, async (error, bytes) => {
        if (fault === 'silent' || !(await gate({ method, request, moment: 'done' }))) return;
        if (fault === 'lost') answer(broken());
        else answer(error, bytes ?? null);
      });
    };

  const serverStream =
    (method: string, path: string): handleServerStreamingCall<Buffer, Buffer> =>
    async (call) => {
      const fault = faultOf(method);
      if (fault === 'stopped') return;
      if (typeof fault === 'number') {
        call.emit('error', failure(fault, `the relay answers ${method} with ${fault}`));
        return;
      }
      const { request, metadata } = call;
      if (!(await gate({ method, request, moment: 'asked' }))) return;
      const from: ClientReadableStream<Buffer> = client.makeServerStreamRequest(path, same, same, request, metadata);
      from.on('data', (bytes: Buffer) => {
        if (fault === null) call.write(bytes);
      });
      from.on('error', (error) => {
        if (fault !== 'silent') call.emit('error', fault === 'lost' ? broken() : error);
      });
      from.on('end', async () => {
        if (!(await gate({ method, request, moment: 'done' }))) return;
        if (fault === 'lost') call.emit('error', broken());
        else if (fault === null) call.end();
      });
      call.on('cancelled', () => from.cancel());
    };

  const bidiStream =
    (method: string, path: string): handleBidiStreamingCall<Buffer, Buffer> =>
    (call) => {
      const fault = faultOf(method);
      if (typeof fault === 'number') {
        call.emit('error', failure(fault, `the relay answers ${method} with ${fault}`));
        return;
      }
      const to: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(path, same, same, call.metadata);
      call.on('data', (bytes: Buffer) => {
        if (fault !== 'stopped') to.write(bytes);
      });
      call.on('end', () => to.end());
      call.on('cancelled', () => to.cancel());
      to.on('data', (bytes: Buffer) => {
        if (fault === null) call.write(bytes);
      });
      to.on('error', (error) => {
        if (fault === null) call.emit('error', error);
      });
      to.on('end', () => call.end());
    };

  const implementation: UntypedServiceImplementation = {};
  const definition: Record<string, ServiceDefinition[string]> = {};
  for (const [method, kind] of Object.entries(methods)) {
    const path = `/${service}/${method}`;
    definition[method] = {
      path,
      requestStream: kind === 'bidi stream',
      responseStream: kind !== 'unary',
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    implementation[method] = { unary, 'server stream': serverStream, 'bidi stream': bidiStream }[kind](method, path);
  }
  const peers = new Set<string>();
  const counted = Object.fromEntries(
    Object.entries(implementation).map(([method, handle]) => [
      method,
      (call: { getPeer(): string }, answer: unknown) => {
        peers.add(call.getPeer());
        return (handle as (call: unknown, answer: unknown) => void)(call, answer);
      },
    ]),
  ) as UntypedServiceImplementation;
  const server = new Server();
  server.addService(definition, counted);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return {
    host: `127.0.0.1:${port}`,
    calls: (method) => all.get(method) ?? 0,
    connections: () => peers.size,
    trouble: (next) => {
      trouble = next;
      since.clear();
    },
    stop: async () => {
      server.forceShutdown();
      client.close();
    },
  };
};
