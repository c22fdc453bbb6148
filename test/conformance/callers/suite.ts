import { describe, expect, it } from 'vitest';
import { CALLER_ROLES, CallerRefused, type CallerRole, type Callers } from '#ports/callers.ts';

export interface CallersFixture {
  readonly callers: Callers;
  /** The `Authorization` header of a caller that this deployment knows in this role. */
  authorization(role: CallerRole): Promise<string>;
}

/** What every driver of the Callers port keeps. `open` gives another deployment each time. */
export const callersConformance = (name: string, open: () => Promise<CallersFixture>): void => {
  describe(`callers: ${name}`, () => {
    it.each(CALLER_ROLES)('knows who calls as %s, again and again', async (role) => {
      const { callers, authorization } = await open();
      for (let i = 0; i < 3; i++) {
        const caller = await callers.verify({ authorization: await authorization(role) });
        expect(caller).toEqual({ role, account: expect.stringMatching(/./) });
      }
    });

    it('refuses everybody else, and repeats nothing of what was presented', async () => {
      const { callers, authorization } = await open();
      const [good, foreign] = [await authorization('tasks'), await (await open()).authorization('tasks')];
      const secret = good.slice(good.indexOf(' ') + 1);
      const end = good.at(-2) === 'A' ? 'B' : 'A';
      const wrong = [
        null,
        '',
        'Bearer',
        'Bearer ',
        secret,
        `Basic ${secret}`,
        `${good}x`,
        good.slice(0, -1),
        `${good.slice(0, -2)}${end}${good.slice(-1)}`,
        `${good}, ${good}`,
        'Bearer omk_key-1_secret',
        `Bearer ${'x'.repeat(100_000)}`,
        foreign,
      ];
      for (const authorization of wrong) {
        const error: unknown = await callers.verify({ authorization }).catch((thrown: unknown) => thrown);
        expect(error, String(authorization).slice(0, 40)).toBeInstanceOf(CallerRefused);
        expect((error as Error).message).not.toContain(secret);
        expect((error as Error).message).not.toContain('xxxx');
      }
    });
  });
};
