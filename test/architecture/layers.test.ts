import { describe, expect, it } from 'vitest';
import { importsIn, importsOf } from './imports.ts';
import {
  acceptanceProblems,
  directionProblems,
  driverProblems,
  folderCircleProblems,
  inputOutputProblems,
  LAYERS,
  layerOf,
  packageProblems,
  SERVICE_ORDER,
  serviceOrderProblems,
} from './layers.ts';
import { expectNone, files, isTest } from './source.ts';

const source = files('.ts', '.mjs').filter(
  (file) => !isTest(file) && /^(shared|functions)\/|^sdk\/[a-z]+\/(src|bin)\//.test(file),
);
const all = source.flatMap(importsOf);
const ADVICE = 'docs/adr/0001-house.md says why the layers are as they are.';

describe('the layers', () => {
  it('are known for every folder', () => {
    const layers = [...new Set(source.map(layerOf))];
    const unknown = layers.filter((layer) => !Object.hasOwn(LAYERS, layer));
    expectNone(
      unknown.map((layer) => `${layer} has no line in LAYERS of test/architecture/layers.ts.`),
      'Say there what it may import.',
    );
    expect(layers.length).toBeGreaterThan(8);
    expect(all.length).toBeGreaterThan(500);
  });

  it('import in one direction', () => {
    expectNone(directionProblems(all), ADVICE);
  });

  it('keep each package in the layer that wraps it', () => {
    expectNone(packageProblems(all), ADVICE);
  });

  it("keep a vendor's library in its driver, loaded when it is needed", () => {
    expectNone(driverProblems(all), ADVICE);
  });

  it('do no input or output in services, domain and contract', () => {
    expectNone(inputOutputProblems(all), ADVICE);
  });

  it('leave the acceptance suite outside', () => {
    const acceptance = files('.ts').filter((file) => file.startsWith('test/acceptance/'));
    expect(acceptance.length).toBeGreaterThan(20);
    expectNone(acceptanceProblems(acceptance.flatMap(importsOf)), ADVICE);
  });

  it('have an order of folders within the services', () => {
    const services = source.filter((file) => layerOf(file) === 'shared/services');
    for (const folder of SERVICE_ORDER) {
      expect(services.filter((file) => file.startsWith(`shared/services/${folder}/`)).length, folder).toBeGreaterThan(
        1,
      );
    }
    expectNone([...serviceOrderProblems(all), ...folderCircleProblems('shared/services', all)], ADVICE);
  });

  it('have no circle of folders within a function', () => {
    const parents = [...new Set(source.map(layerOf))].filter((layer) => layer.startsWith('functions/'));
    expectNone(
      [...parents, 'functions/keeper/sandbox'].flatMap((parent) => folderCircleProblems(parent, all)),
      ADVICE,
    );
  });
});

/** What a rule says of one file. */
const said = (rule: (imports: ReturnType<typeof importsIn>) => readonly string[], file: string, text: string) =>
  rule(importsIn(file, text)).join('\n');

describe('a broken rule', () => {
  it('is found and said with the line and what to do', () => {
    const text = "import { a } from '#ports/a.ts';\n\n\nimport { b } from '#drivers/store/b.ts';\n";
    expect(said(directionProblems, 'shared/services/users/x.ts', text)).toBe(
      'shared/services/users/x.ts:4 imports shared/drivers/store/b.ts. shared/services may import shared/ports, ' +
        'shared/domain, shared/contract, shared/platform: move the code, or pass it in.',
    );
    expect(said(directionProblems, 'shared/services/x.ts', "import type { b } from '#wiring/b.ts';")).toMatch(
      /^\S+:1 /,
    );
    expect(said(packageProblems, 'functions/keeper/x.ts', "export * from 'hono/client';")).toContain(
      'functions/keeper/x.ts:1 imports hono/client. Of packages functions/keeper may import @lydell/node-pty',
    );
    expect(said(inputOutputProblems, 'shared/domain/x.ts', "import 'node:fs';")).toContain('through a port');
    expect(said(inputOutputProblems, 'shared/domain/x.ts', "import 'node:crypto';")).toBe('');
    expect(said(directionProblems, 'sdk/cli/src/x.ts', "import '#contract/errors.ts';")).toContain(
      'sdk/cli may import sdk/typescript, sdk/standalone',
    );
    expect(said(acceptanceProblems, 'test/acceptance/x.ts', "import '../support/x.ts';")).toContain('over HTTP');
  });

  it('of the order of services is found', () => {
    const up = "import { x } from '../lifecycle/x.ts';";
    expect(said(serviceOrderProblems, 'shared/services/billing/a.ts', up)).toContain(
      'Of the services billing may import model, kernel',
    );
    expect(said(serviceOrderProblems, 'shared/services/sessions/a.ts', up)).toBe('');
    const aside = [
      ...importsIn('shared/services/users/a.ts', "import '../keys/b.ts';"),
      ...importsIn('shared/services/keys/c.ts', "import '../users/d.ts';"),
    ];
    expect(serviceOrderProblems(aside)).toEqual([]);
    expect(folderCircleProblems('shared/services', aside).join()).toContain('keys -> users -> keys');
  });

  it('of drivers is found: another folder, a library loaded too early, a line that nobody needs', () => {
    const table = { 'shared/drivers/store/firestore': ['@google-cloud/firestore'] };
    const inDriver = (text: string, file = 'shared/drivers/store/firestore/open.ts') =>
      driverProblems(importsIn(file, text), table).join('\n');
    const lazily = "const open = async () => (await import('@google-cloud/firestore/v1')).default;";
    expect(inDriver(`import type { A } from '@google-cloud/firestore';\n${lazily}`)).toBe('');
    expect(inDriver("import { Firestore } from '@google-cloud/firestore';")).toContain(
      "write `await import('@google-cloud/firestore')` in the function that needs it",
    );
    expect(inDriver("import { type A, B } from '@google-cloud/firestore';")).toContain(':1 loads');
    expect(inDriver("const library = await import('@google-cloud/firestore');")).toContain(':1 loads');
    expect(inDriver(`${lazily}\nimport x from '@google-cloud/tasks';`)).toContain(
      'shared/drivers/store/firestore may import @google-cloud/firestore',
    );
    expect(inDriver(lazily, 'shared/drivers/store/open.ts')).toContain('shared/drivers/store has no line');
    expect(inDriver("import 'node:fs';")).toContain('which does not import it: remove it there');
  });
});
