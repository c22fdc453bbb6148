import {
  type ClientDuplexStream,
  Client,
  credentials,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type sendUnaryData,
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
 * - `late`: the caller hears nothing, and the server hears of it when the caller has given up. A stream is `stopped`.
 * - `twice`: the server does it twice, and the caller is told what came of the second time. A stream of both passes.
 * - a number: the server never hears of it, and the caller is told this code.
 */
type Fault = 'lost' | 'silent' | 'stopped' | 'late' | 'twice' | number;

/**
 * Decides about a call; null lets it pass. `nth` counts the calls of a method from 1. The request is empty where the
 * caller sends a stream.
 */
type Trouble = (method: string, nth: number, request: Buffer) => Fault | null;

/** Is told of each answer of the server to a call with one request and one answer, also where the caller is not. */
type Heard = (method: string, request: Buffer, answer: Buffer) => void;

/** A call that the relay holds: before the server hears of it, or before its caller hears the answer. */
interface HeldCall {
  readonly method: string;
  readonly request: Buffer;
  readonly moment: 'asked' | 'done';
}

/** Is asked at both moments of a call. False: the call ends there, and its caller hears nothing. */
type Gate = (call: HeldCall) => boolean | Promise<boolean>;

export interface Watched {
  readonly heard?: Heard;
  /** Of every call without a fault, but those that are streams in both directions. */
  readonly gate?: Gate;
}

export interface GrpcRelay {
  /** `host:port` of the relay. */
  readonly host: string;
  /** How often a method was called. */
  calls(method: string): number;
  /** Connections that clients have opened. */
  connections(): number;
  /** Calls that are on their way to the server and back, without those whose caller sends a stream. */
  underway(): number;
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

export const CLOUD_TASKS: { readonly service: string; readonly methods: Methods } = {
  service: 'google.cloud.tasks.v2.CloudTasks',
  methods: { CreateTask: 'unary' },
};

const same = (bytes: Buffer): Buffer => bytes;
const failure = (code: number, details: string): ServiceError =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });
const broken = (): ServiceError => failure(status.UNAVAILABLE, 'the relay broke the connection');

/** Passes the calls of one service on to a server, unread, with faults on their way. */
export const startGrpcRelay = async (
  target: string,
  { service, methods }: { readonly service: string; readonly methods: Methods },
  { heard = () => undefined, gate = () => true }: Watched = {},
): Promise<GrpcRelay> => {
  const client = new Client(target, credentials.createInsecure());
  const all = new Map<string, number>();
  const since = new Map<string, number>();
  let trouble: Trouble | null = null;
  let underway = 0;
  const faultOf = (method: string, request: Buffer = Buffer.alloc(0)): Fault | null => {
    all.set(method, (all.get(method) ?? 0) + 1);
    since.set(method, (since.get(method) ?? 0) + 1);
    return trouble?.(method, since.get(method) ?? 1, request) ?? null;
  };

  const unary =
    (method: string, path: string): handleUnaryCall<Buffer, Buffer> =>
    (call, answer) => {
      const fault = faultOf(method, call.request);
      const send = (told: sendUnaryData<Buffer>): void => {
        underway += 1;
        client.makeUnaryRequest(path, same, same, call.request, call.metadata, (error, bytes) => {
          underway -= 1;
          if (bytes) heard(method, call.request, bytes);
          told(error, bytes ?? null);
        });
      };
      const passOn = async (): Promise<void> => {
        const { request } = call;
        if (!(await gate({ method, request, moment: 'asked' }))) return;
        send(async (error, bytes) => {
          if (await gate({ method, request, moment: 'done' })) answer(error, bytes);
        });
      };
      if (fault === 'stopped') return;
      if (typeof fault === 'number') answer(failure(fault, `the relay answers ${method} with ${fault}`));
      else if (fault === 'late') call.on('cancelled', () => send(() => undefined));
      else if (fault === 'twice') send(() => send(answer));
      else if (fault === 'silent') send(() => undefined);
      else if (fault === 'lost') send(() => answer(broken()));
      else void passOn();
    };

  const serverStream =
    (method: string, path: string): handleServerStreamingCall<Buffer, Buffer> =>
    (call) => {
      const fault = faultOf(method, call.request);
      const send = (told: (error: Error | null) => unknown, data: (bytes: Buffer) => void = () => undefined) => {
        underway += 1;
        const from = client.makeServerStreamRequest<Buffer, Buffer>(path, same, same, call.request, call.metadata);
        from.on('data', data);
        from.on('error', told);
        from.on('end', () => told(null));
        from.on('status', () => {
          underway -= 1;
        });
        return from;
      };
      const passOn = async (): Promise<void> => {
        const { request } = call;
        if (!(await gate({ method, request, moment: 'asked' }))) return;
        const from = send(
          async (error) => {
            if (error !== null) call.emit('error', error);
            else if (await gate({ method, request, moment: 'done' })) call.end();
          },
          (bytes) => call.write(bytes),
        );
        call.on('cancelled', () => from.cancel());
      };
      if (fault === 'stopped') return;
      if (typeof fault === 'number') call.emit('error', failure(fault, `the relay answers ${method} with ${fault}`));
      else if (fault === 'late') call.on('cancelled', () => void send(() => undefined));
      else if (fault === 'twice') send(() => void passOn());
      else if (fault === 'silent') send(() => undefined);
      else if (fault === 'lost') send(() => call.emit('error', broken()));
      else void passOn();
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
      const passes = fault === null || fault === 'twice';
      call.on('data', (bytes: Buffer) => {
        if (fault !== 'stopped' && fault !== 'late') to.write(bytes);
      });
      call.on('end', () => to.end());
      call.on('cancelled', () => to.cancel());
      to.on('data', (bytes: Buffer) => {
        if (passes) call.write(bytes);
      });
      if (fault === 'lost') to.once('data', () => call.emit('error', broken()));
      to.on('error', (error) => {
        if (passes) call.emit('error', error);
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
    underway: () => underway,
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
