import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compute, ComputeSpec, Observation, Plan, Target } from '#ports/compute.ts';
import { SessionGone } from '#ports/compute.ts';

export interface ComputeTarget {
  readonly compute: Compute;
  /** A spec that this provider can run, for a session of this id. */
  spec(sessionId: string, given?: Partial<ComputeSpec>): ComputeSpec;
  /** Far larger than the provider gives, where it refuses such a thing; null where it gives what it has. */
  readonly tooLarge: Partial<ComputeSpec> | null;
  /** Another driver over the same resources, as another process has it. */
  another(): Promise<Compute & { close?(): Promise<void> }>;
  close(): Promise<void>;
}

interface Fresh {
  readonly id: string;
  readonly spec: ComputeSpec;
  readonly at: Target;
}

/** What every provider of compute keeps to, whatever it is made of; what it declares opens or closes a part. */
export const computeConformance = (name: string, open: () => Promise<ComputeTarget>): void => {
  describe(`compute: ${name}`, () => {
    let target: ComputeTarget;
    let made = 0;

    beforeAll(async () => {
      target = await open();
    });
    afterAll(() => target.close());

    const fresh = (): Fresh => {
      made += 1;
      const id = `ses-conformance${made}`;
      const spec = target.spec(id);
      return { id, spec, at: { key: `oms-${id}`, owner: spec.owner, workspace_id: spec.workspace_id, ref: null } };
    };

    const planOf = (spec: ComputeSpec): Plan => {
      const plan = target.compute.plan(spec);
      if (!plan.ok) throw new Error(`the provider refuses what it should run: ${plan.message}`);
      return plan;
    };

    /** What the services remember of an observation. */
    const known = (at: Target, seen: Observation): Target => ({ ...at, ref: seen.ref ?? at.ref });

    /** Asks until it runs: a provider may say `starting` as often as it likes. */
    const running = async ({ at, spec }: Fresh, by = target.compute): Promise<{ seen: Observation; at: Target }> => {
      let place = at;
      for (let tries = 0; tries < 600; tries++) {
        const seen = await by.ensure(place, spec, planOf(spec));
        place = known(place, seen);
        if (seen.state !== 'starting') return { seen, at: place };
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(`${at.key} does not start`);
    };

    const removed = async (at: Target): Promise<Observation> => {
      for (let tries = 0; tries < 600; tries++) {
        const seen = await target.compute.remove(at, { grace_ms: 0 });
        if (seen.state === 'absent' || seen.state === 'ended') return seen;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(`${at.key} does not go`);
    };

    const listed = async (key: string) => (await target.compute.list()).filter((owned) => owned.target.key === key);

    it('says what it can do', () => {
      const { capabilities } = target.compute;
      expect(capabilities.volume_kind).not.toBe('');
      expect(capabilities.bucket_kind).not.toBe('');
      expect(['many', 'one_node']).toContain(capabilities.volume_access);
    });

    it('plans without effect, the same each time', async () => {
      const { id, spec, at } = fresh();
      const plan = planOf(spec);
      expect(target.compute.plan(target.spec(id))).toEqual(plan);
      expect(await listed(at.key)).toEqual([]);
    });

    it('refuses what it can’t give, naming the field, or says what it gives instead', () => {
      const { id } = fresh();
      const plan = target.compute.plan(
        target.spec(id, target.tooLarge ?? { cpu_limit_millis: 1_000_000, memory_limit_mb: 1_000_000 }),
      );
      if (target.tooLarge)
        expect(plan).toMatchObject({ ok: false, field: expect.any(String), message: expect.any(String) });
      else expect(plan).toMatchObject({ ok: true, warnings: [expect.any(String), expect.any(String)] });
    });

    it('refuses a longer life than it gives, and gives the longest', () => {
      const { id, spec } = fresh();
      const { max_life_minutes } = planOf(spec);
      if (max_life_minutes === null) {
        expect(planOf(target.spec(id, { life_minutes: 525_600 })).max_life_minutes).toBeNull();
        return;
      }
      expect(planOf(target.spec(id, { life_minutes: max_life_minutes })).max_life_minutes).toBe(max_life_minutes);
      expect(target.compute.plan(target.spec(id, { life_minutes: max_life_minutes + 1 }))).toMatchObject({
        ok: false,
        field: 'ttl_minutes',
        message: expect.stringContaining(String(max_life_minutes)),
      });
    });

    it('knows nothing of what was never made', async () => {
      const { at } = fresh();
      expect(await target.compute.observe(at)).toMatchObject({ state: 'absent', started_at: null, ended_at: null });
      await expect(target.compute.exec(at)).rejects.toBeInstanceOf(SessionGone);
      await target.compute.forget(at);
    });

    it('makes a resource once, however often and by however many it is asked', async () => {
      const session = fresh();
      const other = await target.another();
      const [a, b] = await Promise.all([running(session), running(session), running(session, other)]);
      expect(a.seen).toMatchObject({ state: 'running', ended_at: null });
      expect(a.seen.started_at).toBe(b.seen.started_at);
      expect(a.at.ref).toBe(b.at.ref);
      expect(await listed(session.at.key)).toHaveLength(1);
      await other.close?.();
      await removed(a.at);
    });

    it('names its resource the same in every observation, and says when to look again', async () => {
      const session = fresh();
      const first = await target.compute.ensure(session.at, session.spec, planOf(session.spec));
      if (first.look_again_ms !== undefined) expect(first.look_again_ms).toBeGreaterThan(0);
      const { seen, at } = await running(session);
      if (first.ref !== undefined) expect(at.ref).toBe(first.ref);
      const again = await target.compute.observe(at);
      expect(again.ref ?? at.ref).toBe(at.ref);
      expect(again.names).toEqual(seen.names);
      await removed(at);
    });

    it('lists what it has, with the session that owns it, and finds it by what it lists', async () => {
      const session = fresh();
      const { seen, at } = await running(session);
      const [owned] = await listed(at.key);
      expect(owned).toMatchObject({ session_id: session.id, ended: false });
      if (!owned) throw new Error('it is not listed');
      expect(await target.compute.observe(owned.target)).toMatchObject({ started_at: seen.started_at });
      await removed(owned.target);
      expect((await listed(at.key)).filter(({ ended }) => !ended)).toEqual([]);
    });

    it('reaches a running session and runs a command in it', async () => {
      const { at } = await running(fresh());
      const channel = await target.compute.exec(at);
      await channel.start({ exec_id: 'hello', command: 'echo hello', timeout_ms: 60_000, log_limit_mb: 1 });
      expect(await channel.wait('hello')).toMatchObject({ status: 'exited', exit_code: 0 });
      await removed(at);
      await expect(target.compute.exec(at)).rejects.toBeInstanceOf(SessionGone);
    });

    it('measures and never invents', async () => {
      const { at } = await running(fresh());
      const channel = await target.compute.exec(at);
      for (const figure of Object.values(await channel.usage())) {
        if (figure !== null) expect(figure).toBeGreaterThanOrEqual(0);
      }
      await removed(at);
      const after: unknown = await channel.usage().catch((error: unknown) => error);
      if (!(after instanceof Error)) expect(Object.values(after ?? {}).every((figure) => figure === null)).toBe(true);
    });

    it('removes a thing twice, and a thing that never was', async () => {
      const { at } = await running(fresh());
      const first = await removed(at);
      const second = await removed(at);
      if (target.compute.capabilities.remembers_ended)
        expect(second).toMatchObject({ started_at: first.started_at, ended_at: first.ended_at });
      expect(await removed(fresh().at)).toMatchObject({ state: 'absent' });
    });

    it('keeps the record of start and end in its own time', async () => {
      const { seen, at } = await running(fresh());
      const gone = await removed(at);
      expect(gone.started_at).toBe(seen.started_at);
      expect(gone.ended_at).toBeGreaterThanOrEqual(seen.started_at ?? Number.POSITIVE_INFINITY);
      expect(gone.seen_at).toBeGreaterThanOrEqual(gone.ended_at ?? Number.POSITIVE_INFINITY);
    });

    it('keeps the record of what has ended until it is to forget it, and never what runs', async () => {
      const { seen, at } = await running(fresh());
      await target.compute.forget(at);
      expect(await target.compute.observe(at)).toMatchObject({ state: 'running', started_at: seen.started_at });
      const gone = await removed(at);
      if (target.compute.capabilities.remembers_ended) {
        expect(await target.compute.observe(at)).toMatchObject({ state: 'ended', ended_at: gone.ended_at });
        expect(await listed(at.key)).toMatchObject([{ ended: true }]);
      }
      await target.compute.forget(at);
      await target.compute.forget(at);
      expect(await target.compute.observe(at)).toMatchObject({ state: 'absent', started_at: null, ended_at: null });
      expect(await listed(at.key)).toEqual([]);
    });

    it('ends a session at its deadline by itself, and lists it as ended', async () => {
      const { seen, at } = await running(fresh());
      const channel = await target.compute.exec(at);
      await channel.deadline({ at: seen.seen_at + 300, generation: 2 });
      for (let tries = 0; (await target.compute.observe(at)).state === 'running'; tries++) {
        expect(tries).toBeLessThan(600);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const ended = await target.compute.observe(at);
      expect(ended.ended_at).toBeGreaterThanOrEqual(seen.seen_at + 300);
      expect(ended.reason).toBe('expired');
      expect(await listed(at.key)).toMatchObject([{ ended: true }]);
      await removed(at);
    });
  });
};
