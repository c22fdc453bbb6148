import type { ComputeSpec, Given, Observation, Owned, Plan, Target } from '#ports/compute.ts';
import type { Deadline } from '#ports/exec.ts';
import type { Universe } from '../world/process.ts';

/** The true state of one resource, with times of the provider's clock. */
export interface Body {
  readonly key: string;
  readonly driver: string;
  /** The provider's own name for it. */
  readonly ref: string;
  /** The plan of its creation, and the resources that were given instead. */
  readonly plan: Plan;
  readonly given: Given | null;
  readonly session_id: string;
  /** 1 for the first resource that was created under this key. */
  readonly incarnation: number;
  /** The true time of its creation, for the oracle. */
  readonly made: number;
  readonly created_at: number;
  deadline: Deadline;
  state: 'starting' | 'running' | 'ended';
  started_at: number | null;
  ended_at: number | null;
  /** The time of its death, which the provider has not noticed: it still shows the resource as running. */
  died_at: number | null;
  reason: string | null;
  message: string | null;
  /**
   * Whether the provider still shows it. A cluster forgets a removed resource; a keeper remembers it until `forget`.
   */
  shown: boolean;
  /** The provider is ending it. */
  ending: boolean;
  /** Calls that wait for its end. */
  readonly waiting: (() => void)[];
}

/** Something else than was planned: a larger machine, or Spot, of which some prices are missing. */
const otherThan = (plan: Plan, key: string): Given =>
  key.charCodeAt(key.length - 1) % 2 === 0 ? { cpu_millis: plan.cpu_millis * 2 } : { spot: true };

export interface CloudManners {
  /**
   * By driver. `keeper` remembers an ended resource until `forget`. `cluster` forgets a removed resource at once. A
   * late `ensure` after that creates another resource of the same name.
   */
  readonly memory: Readonly<Record<string, 'keeper' | 'cluster'>>;
  /** How often a session gets other resources than planned. */
  readonly gives_other: number;
  /** The `look_again_ms` that it answers while a resource starts; null: none. */
  readonly look_again_ms: number | null;
  readonly skew: number;
  /** How often a resource ends by itself, vanishes without a record (in a cluster), or can't start. */
  readonly dies: number;
  readonly vanishes: number;
  readonly stillborn: number;
  /** Ends nothing at its deadline: the agent inside is dead, and the provider's own deadline is far away. */
  readonly fuse: boolean;
}

/** Events of the provider for the oracle. */
export interface CloudWitness {
  made(body: Body, remade: boolean): void;
  /** The provider ended the resource at its deadline. */
  expired(body: Body): void;
  /** A removal has found no resource. */
  seenGone(key: string): void;
  /** The provider has released the record of an ended resource. */
  forgotten(body: Body): void;
}

/** The true state of a provider: which resources exist, since when, and which records it keeps. */
export class Cloud {
  readonly #universe: Universe;
  readonly #manners: CloudManners;
  readonly #witness: CloudWitness;
  readonly bodies = new Map<string, Body[]>();
  readonly counts = { made: 0, remade: 0, died: 0, vanished: 0, expired: 0 };

  constructor(universe: Universe, manners: CloudManners, witness: CloudWitness) {
    this.#universe = universe;
    this.#manners = manners;
    this.#witness = witness;
  }

  get now(): number {
    return this.#universe.timeline.now + this.#manners.skew;
  }

  find(key: string): Body | null {
    return this.bodies.get(key)?.at(-1) ?? null;
  }

  ensure(driver: string, { key }: Target, spec: ComputeSpec, plan: Plan): Observation {
    const body = this.find(key);
    if (body && (body.state !== 'ended' || body.shown)) return this.observe(key);
    return this.#make(driver, key, spec, plan);
  }

  observe(key: string): Observation {
    const body = this.find(key);
    const seen_at = this.now;
    if (!body?.shown) {
      return { state: 'absent', started_at: null, ended_at: null, seen_at, reason: null, message: null };
    }
    const { state, started_at, ended_at, reason, message, ref, given } = body;
    const { look_again_ms } = this.#manners;
    return {
      ...{ state, started_at, ended_at, seen_at, reason, message, ref },
      names: { pod_name: ref },
      ...(given === null ? {} : { given }),
      ...(state === 'starting' && look_again_ms !== null ? { look_again_ms } : {}),
    };
  }

  /** Resolves when the resource has ended, or at once with the observation of an ending resource. */
  async remove(key: string, grace_ms: number): Promise<Observation> {
    const { random, timeline, chaos } = this.#universe;
    const body = this.find(key);
    if (!body || body.state === 'ended') return this.#removed(key, body);
    if (!body.ending) {
      body.ending = true;
      const takes = chaos.calm ? random.whole(0, Math.min(grace_ms, 500)) : random.whole(0, grace_ms + 1_500);
      timeline.after(takes, () => this.#end(body, null, null));
    }
    if (random.chance(0.3)) return this.observe(key);
    await new Promise<void>((resolve) => body.waiting.push(resolve));
    return this.#removed(key, body);
  }

  moveDeadline(key: string, deadline: Deadline): boolean {
    const body = this.find(key);
    if (body?.state !== 'running' || body.ending) return false;
    if (deadline.generation >= body.deadline.generation) body.deadline = deadline;
    this.#watchDeadline(body);
    return true;
  }

  /** Releases the record of an ended resource. Does nothing to a running one. */
  forget(key: string): void {
    const body = this.find(key);
    if (body?.state !== 'ended' || !body.shown) return;
    body.shown = false;
    this.#witness.forgotten(body);
  }

  list(driver: string): Owned[] {
    return [...this.bodies.values()].flatMap((all) => {
      const body = all.at(-1);
      if (body?.driver !== driver || (body.state === 'ended' && !body.shown)) return [];
      const { key, ref, session_id, created_at, state } = body;
      const target = { key, owner: '', workspace_id: '', ref };
      return [{ target, session_id, created_at, ended: state === 'ended' }];
    });
  }

  /** Ended resources whose record the provider still keeps. */
  remembered(): Body[] {
    return [...this.bodies.values()].flatMap((all) => all.filter((body) => body.state === 'ended' && body.shown));
  }

  /** The resources that really cost money now. */
  live(): Body[] {
    return [...this.bodies.values()].flatMap((all) => all.filter((body) => body.state !== 'ended'));
  }

  /** The last observation of a removed resource. After it a cluster shows nothing. */
  #removed(key: string, body: Body | null): Observation {
    const last = this.observe(key);
    if (body && this.#forgets(body)) body.shown = false;
    this.#witness.seenGone(key);
    return last;
  }

  #forgets({ driver }: Body): boolean {
    return this.#manners.memory[driver] === 'cluster';
  }

  #make(driver: string, key: string, spec: ComputeSpec, plan: Plan): Observation {
    const { random, timeline, trace, chaos } = this.#universe;
    const earlier = this.bodies.get(key) ?? [];
    const incarnation = earlier.length + 1;
    const other = !chaos.calm && random.chance(this.#manners.gives_other);
    const body: Body = {
      key,
      driver,
      ref: `${driver}-${key}-${incarnation}`,
      plan,
      given: other ? otherThan(plan, key) : null,
      session_id: spec.session_id,
      incarnation,
      made: timeline.now,
      created_at: this.now,
      deadline: spec.deadline,
      state: 'starting',
      started_at: null,
      ended_at: null,
      died_at: null,
      reason: null,
      message: null,
      shown: true,
      ending: false,
      waiting: [],
    };
    this.bodies.set(key, [...earlier, body]);
    this.counts.made += 1;
    if (earlier.length > 0) this.counts.remade += 1;
    trace.add(timeline.now, 'cloud', `makes ${key}`, earlier.length > 0 ? 'AGAIN' : undefined);
    this.#witness.made(body, earlier.length > 0);
    const kind = chaos.calm ? 0 : random.fraction();
    const delay = kind < 0.6 ? random.whole(0, 300) : kind < 0.93 ? random.whole(300, 15_000) : 90_000;
    if (delay < 30) this.#start(body);
    else timeline.after(delay, () => this.#start(body));
    return this.observe(key);
  }

  #start(body: Body): void {
    const { random, timeline, trace, chaos } = this.#universe;
    if (body.state !== 'starting' || body.ending) return;
    if (!chaos.calm && random.chance(this.#manners.stillborn)) {
      this.#end(body, 'image_failed', 'The image is not there');
      return;
    }
    body.state = 'running';
    body.started_at = this.now;
    trace.add(timeline.now, 'cloud', `starts ${body.key}`);
    this.#watchDeadline(body);
    if (!chaos.calm && random.chance(this.#manners.dies)) {
      timeline.after(random.whole(10, random.pick([4_000, 15_000, 120_000])), () => {
        if (body.state !== 'running' || chaos.calm) return;
        this.counts.died += 1;
        body.died_at = this.now;
        const reason = random.pick([null, 'memory_limit', 'preempted', 'a word of its own']);
        timeline.after(random.chance(0.5) ? 0 : random.whole(100, 45_000), () => this.#end(body, reason, null));
      });
    }
    if (!chaos.calm && this.#forgets(body) && random.chance(this.#manners.vanishes)) {
      timeline.after(random.whole(10, random.pick([4_000, 15_000, 120_000])), () => {
        if (body.state !== 'running' || chaos.calm) return;
        this.counts.vanished += 1;
        trace.add(timeline.now, 'cloud', `${body.key} vanishes`);
        this.#end(body, null, null);
        body.shown = false;
      });
    }
  }

  #watchDeadline(body: Body): void {
    const { timeline } = this.#universe;
    if (this.#manners.fuse) return;
    timeline.after(body.deadline.at - this.now, () => {
      if (body.state !== 'running' || body.ending || this.now < body.deadline.at) return;
      this.counts.expired += 1;
      this.#witness.expired(body);
      this.#end(body, 'expired', null);
    });
  }

  #end(body: Body, reason: string | null, message: string | null): void {
    const { timeline, trace } = this.#universe;
    if (body.state === 'ended') return;
    body.state = 'ended';
    body.ended_at = body.started_at === null ? null : (body.died_at ?? this.now);
    body.reason = reason;
    body.message = message;
    trace.add(timeline.now, 'cloud', `ends ${body.key}`, reason ?? undefined);
    for (const resolve of body.waiting.splice(0)) resolve();
  }
}
