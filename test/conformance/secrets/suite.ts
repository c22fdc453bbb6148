import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Secrets } from '#ports/secrets.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const mine = { tenant: 'ann', session: 'ses-1' };

/** What every driver of the Secrets port keeps. */
export const secretsConformance = (name: string, open: () => Promise<Secrets>): void => {
  describe(`secrets: ${name}`, () => {
    let secrets: Secrets;
    beforeEach(async () => {
      secrets = await open();
    });

    it('opens what it sealed, whatever it is', async () => {
      const any = fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.string(),
        fc.string(),
        async (plain, tenant, session) => {
          const sealed = await secrets.seal(plain, { tenant, session });
          expect(sealed).toMatch(/^v1\.[a-z0-9-]+\.[A-Za-z0-9_-]+$/);
          expect(await secrets.open(sealed, { tenant, session })).toEqual(new Uint8Array(plain));
        },
      );
      await fc.assert(any, { numRuns: 50 });
    });

    it('opens in no other context, however the parts are cut', async () => {
      const sealed = await secrets.seal(bytes('secret'), { tenant: 'ab', session: 'cd' });
      const others = [
        { tenant: 'abc', session: 'd' },
        { tenant: 'a', session: 'bcd' },
        { tenant: 'cd', session: 'ab' },
        { tenant: '', session: 'abcd' },
        { tenant: 'ab', session: 'cd\0' },
        { tenant: 'AB', session: 'cd' },
      ];
      for (const other of others) await expect(secrets.open(sealed, other)).rejects.toThrow(/altered|context/);
    });

    it('opens nothing that was altered, at any place', async () => {
      const sealed = await secrets.seal(bytes('a secret of some length'), mine);
      const start = sealed.lastIndexOf('.') + 1;
      for (let at = start; at < sealed.length; at++) {
        const other = sealed[at] === 'A' ? 'B' : 'A';
        await expect(secrets.open(sealed.slice(0, at) + other + sealed.slice(at + 1), mine)).rejects.toThrow();
      }
      const forms = [
        '',
        'v1',
        'v1..',
        sealed.slice(0, -1),
        `${sealed}A`,
        `${sealed}=`,
        `${sealed}.x`,
        ` ${sealed}`,
        sealed.replace('v1', 'v2'),
      ];
      for (const form of forms) await expect(secrets.open(form, mine), form).rejects.toThrow();
    });

    it('never seals the same way twice and shows nothing of the text', async () => {
      const sealed = await Promise.all(
        Array.from({ length: 200 }, () => secrets.seal(bytes('PASSWORD=hunter2'), mine)),
      );
      expect(new Set(sealed.map((text) => text.slice(text.lastIndexOf('.') + 1).slice(0, 16))).size).toBe(200);
      expect(sealed.some((text) => Buffer.from(text.split('.')[2] ?? '', 'base64url').includes('hunter2'))).toBe(false);
    });
  });
};
