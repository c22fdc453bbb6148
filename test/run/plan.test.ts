import { expect, it } from 'vitest';
import { leftOut, leftOutText, paceOf, untimedText } from './plan.ts';
import { APART, DEFAULT, DEFAULT_SECONDS, PROJECTS, TIMED, UNTIMED } from './projects.ts';

const project = { name: 'waits', include: [], apart: 'waits', seconds: 300 };

it('counts with the pace of the machine, which is never better than that of a quiet one', () => {
  expect(paceOf(400, 200)).toBe(2);
  expect(paceOf(100, 200)).toBe(1);
});

it('leaves out what does not fit any more, and says so', () => {
  expect(leftOut(project, 1, 300)).toBe(null);
  const left = leftOut(project, 3, 600);
  expect(left?.seconds).toBe(900);
  expect(left && leftOutText(left, 600)).toBe(
    'Left out: waits, which waits: it takes about 15 min at the pace of this machine, and 10 min are left. `npm run test:all` runs everything.',
  );
});

it('knows the duration of every project that may be left out', () => {
  expect(APART.filter(({ seconds = 0 }) => seconds <= 0)).toEqual([]);
  expect([...DEFAULT, ...APART].map(({ name }) => name)).toEqual(PROJECTS.map(({ name }) => name));
  // A machine at half the speed must run everything within CI's hour too.
  const all = TIMED.reduce((sum, { seconds = 0 }) => sum + seconds, DEFAULT_SECONDS);
  expect(all * 2).toBeLessThanOrEqual(3600);
});

it('says of each project without a share in CI’s hour that it was left out', () => {
  expect(UNTIMED.map(({ name }) => name)).toEqual(['agent-apart', 'cloud', 'disasters']);
  expect(untimedText({ ...project, untimed: true })).toBe(
    'Left out: waits, which waits: it takes about 5 min and has no share in a run with a time limit. `npm run test:all` runs everything.',
  );
});
