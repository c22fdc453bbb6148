import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compute, ComputeSpec, Observation } from '#ports/compute.ts';
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

/** What every provider of compute keeps to, whatever it is made of. */
export const computeConformance = (name: string, open: () => Promise<ComputeTarget>): void => {
  describe(`compute: ${name}`, () => {
    let target: ComputeTarget;
    let made = 0;

    beforeAll(async () => {
      target = await open();
    });
    afterAll(() => target.close());

    const fresh = () => {
      made += 1;
      const id = `ses-conformance${made}`;
      return { id, key: `oms-${id}` };
    };

    /** Asks until it runs: a provider may say `starting` as often as it likes. */
    const running = async (key: string, spec: ComputeSpec): Promise<Observation> => {
      for (let tries = 0; tries < 600; tries++) {
        const seen = await target.compute.ensure(key, spec);
        if (seen.state !== 'starting') return seen;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(`${key} does not start`);
    };

    const removed = async (key: string): Promise<Observation> => {
      for (let tries = 0; tries < 600; tries++) {
        const seen = await target.compute.remove(key, { grace_ms: 0 });
        if (seen.state === 'absent' || seen.state === 'ended') return seen;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(`${key} does not go`);
    };

    it('plans without effect, the same each time', async () => {
      const { id } = fresh();
      const plan = target.compute.plan(target.spec(id));
      expect(plan.ok).toBe(true);
      expect(target.compute.plan(target.spec(id))).toEqual(plan);
      expect((await target.compute.list()).map(({ session_id }) => session_id)).not.toContain(id);
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

    it('knows nothing of what was never made', async () => {
      const { key } = fresh();
      expect(await target.compute.observe(key)).toMatchObject({ state: 'absent', started_at: null, ended_at: null });
      await expect(target.compute.exec(key)).rejects.toBeInstanceOf(SessionGone);
    });

    it('makes a resource once, however often and by however many it is asked', async () => {
      const { id, key } = fresh();
      const spec = target.spec(id);
      const other = await target.another();
      const [a, b] = await Promise.all([running(key, spec), running(key, spec), other.ensure(key, spec)]);
      expect(a).toMatchObject({ state: 'running', ended_at: null });
      expect(a.started_at).toBe(b.started_at);
      expect((await target.compute.list()).filter((owned) => owned.key === key)).toHaveLength(1);
      await other.close?.();
      await removed(key);
    });

    it('lists what it has, with the session that owns it', async () => {
      const { id, key } = fresh();
      await running(key, target.spec(id));
      expect(await target.compute.list()).toContainEqual(expect.objectContaining({ key, session_id: id }));
      await removed(key);
      expect((await target.compute.list()).map((owned) => owned.key)).not.toContain(key);
    });

    it('reaches a running session and runs a command in it', async () => {
      const { id, key } = fresh();
      await running(key, target.spec(id));
      const channel = await target.compute.exec(key);
      await channel.start({ exec_id: 'hello', command: 'echo hello', timeout_ms: 60_000, log_limit_mb: 1 });
      expect(await channel.wait('hello')).toMatchObject({ status: 'exited', exit_code: 0 });
      await removed(key);
      await expect(target.compute.exec(key)).rejects.toBeInstanceOf(SessionGone);
    });

    it('measures and never invents', async () => {
      const { id, key } = fresh();
      await running(key, target.spec(id));
      for (const figure of Object.values(await target.compute.usage(key))) {
        if (figure !== null) expect(figure).toBeGreaterThanOrEqual(0);
      }
      await removed(key);
      const after = Object.values(await target.compute.usage(key));
      expect(after.every((figure) => figure === null)).toBe(true);
    });

    it('removes a thing twice, and a thing that never was', async () => {
      const { id, key } = fresh();
      await running(key, target.spec(id));
      const first = await removed(key);
      const second = await removed(key);
      expect(second).toMatchObject({ started_at: first.started_at, ended_at: first.ended_at });
      expect(await removed(fresh().key)).toMatchObject({ state: 'absent' });
    });

    it('keeps the record of start and end in its own time', async () => {
      const { id, key } = fresh();
      const seen = await running(key, target.spec(id));
      const gone = await removed(key);
      expect(gone.started_at).toBe(seen.started_at);
      expect(gone.ended_at).toBeGreaterThanOrEqual(seen.started_at ?? Number.POSITIVE_INFINITY);
      expect(gone.seen_at).toBeGreaterThanOrEqual(gone.ended_at ?? Number.POSITIVE_INFINITY);
    });

    it('ends a session at its deadline by itself', async () => {
      const { id, key } = fresh();
      const spec = target.spec(id);
      const seen = await running(key, spec);
      const channel = await target.compute.exec(key);
      await channel.deadline({ at: seen.seen_at + 300, generation: 2 });
      for (let tries = 0; (await target.compute.observe(key)).state === 'running'; tries++) {
        expect(tries).toBeLessThan(600);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const ended = await target.compute.observe(key);
      expect(ended.ended_at).toBeGreaterThanOrEqual(seen.seen_at + 300);
      expect(ended.reason).toBe('expired');
      await removed(key);
    });
  });
};
