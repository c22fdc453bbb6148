import { posix } from 'node:path';
import { circlesOf, graphOf } from './graph.ts';
import type { Import } from './imports.ts';

/** What each layer may import besides itself, lowest first. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'shared/contract': [],
  'shared/ports': [],
  'shared/platform': ['shared/ports'],
  'shared/domain': ['shared/contract'],
  'shared/services': ['shared/ports', 'shared/domain', 'shared/contract', 'shared/platform'],
  'shared/drivers': ['shared/ports', 'shared/platform'],
  'shared/wiring': [
    'shared/drivers',
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
  ],
  'functions/keeper': ['shared/ports', 'shared/platform'],
  // How api, worker and scheduler run as processes of their own.
  'functions/cloud': ['shared/services', 'shared/ports', 'shared/platform', 'shared/wiring'],
  'functions/api': [
    'functions/cloud',
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
    'shared/wiring',
  ],
  'functions/worker': [
    'functions/cloud',
    'shared/services',
    'shared/ports',
    'shared/contract',
    'shared/platform',
    'shared/wiring',
  ],
  'functions/scheduler': [
    'functions/cloud',
    'shared/services',
    'shared/ports',
    'shared/contract',
    'shared/platform',
    'shared/wiring',
  ],
  // Puts the functions into folders that need nothing but Node.
  'functions/bundle': ['functions/api', 'functions/standalone', 'shared/wiring'],
  'functions/standalone': [
    'functions/api',
    'functions/worker',
    'functions/scheduler',
    'shared/wiring',
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
  ],
  'functions/admin': [
    'shared/services',
    'shared/ports',
    'shared/domain',
    'shared/contract',
    'shared/platform',
    'shared/wiring',
  ],
  'sdk/typescript': [],
  'sdk/cli': ['sdk/typescript', 'sdk/standalone'],
};

/** Packages that a layer may import. Those of drivers are in `DRIVER_PACKAGES`. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'shared/contract': ['zod'],
  'shared/domain': ['zod'],
  'shared/services': ['zod'],
  'shared/platform': ['pino'],
  'shared/wiring': ['zod'],
  'functions/api': ['hono', '@hono/node-server', '@hono/zod-openapi', 'swagger-ui-dist', 'prom-client', 'ws', 'zod'],
  // Apps of their own with figures of their own: Hono serves what Cloud Tasks and Cloud Scheduler call.
  'functions/worker': ['hono', 'prom-client'],
  'functions/scheduler': ['hono', 'prom-client'],
  'functions/cloud': ['hono', '@hono/node-server'],
  'functions/keeper': ['@lydell/node-pty'],
  'functions/bundle': ['esbuild'],
  'functions/standalone': ['prom-client', 'esbuild'],
  'sdk/cli': ['commander', 'string-width', 'tar', '@xterm/headless', '@xterm/addon-serialize'],
};

/**
 * The vendors' libraries that each folder of drivers may import, all of them by `await import()` within the function that
 * first needs them: a process that does not use the driver must not load its library.
 */
const DRIVER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'shared/drivers/callers': ['google-auth-library'],
  'shared/drivers/compute/local': [],
  'shared/drivers/outbound': [],
  'shared/drivers/queue/cloud-tasks': ['@google-cloud/tasks', 'google-gax'],
  'shared/drivers/queue/embedded': [],
  'shared/drivers/relay/memory': [],
  'shared/drivers/secrets': [],
  'shared/drivers/storage': [],
  'shared/drivers/storage/gcs': ['@google-cloud/storage'],
  'shared/drivers/store': [],
  'shared/drivers/store/firestore': ['@google-cloud/firestore', '@google-cloud/firestore-api', 'google-gax'],
  'shared/drivers/store/sqlite': [],
};

/** Folders of shared/services that others build on, lowest first. All other folders are on one level above these. */
export const SERVICE_ORDER = ['model', 'kernel', 'billing', 'lifecycle'] as const;

/** The layer that a file belongs to, such as shared/services. */
export const layerOf = (file: string): string => file.split('/').slice(0, 2).join('/');

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isPackage = ({ to, specifier }: Import): boolean => to === null && !specifier.startsWith('node:');

const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

const place = ({ from, line }: Import): string => `${from}:${line}`;

/** Imports that run against the layers. */
export const directionProblems = (imports: readonly Import[]): readonly string[] =>
  imports.flatMap((one) => {
    if (one.to === null) return [];
    const [from, to] = [layerOf(one.from), layerOf(one.to)];
    if (from === to || (LAYERS[from] ?? []).includes(to)) return [];
    return [
      `${place(one)} imports ${one.to}. ${from} may import ${list(LAYERS[from] ?? [])}: move the code, or pass it in.`,
    ];
  });

/** Packages where they may not be. */
export const packageProblems = (imports: readonly Import[]): readonly string[] =>
  imports.flatMap((one) => {
    const layer = layerOf(one.from);
    if (!isPackage(one) || layer === 'shared/drivers') return [];
    const may = PACKAGES[layer] ?? [];
    if (may.includes(packageOf(one.specifier))) return [];
    return [
      `${place(one)} imports ${one.specifier}. Of packages ${layer} may import ${list(may)}: ` +
        'wrap the package in a driver, or allow it in test/architecture/layers.ts and give the reason in docs/adr/0002.',
    ];
  });

/** Vendors' libraries of drivers: in another folder than their own, or loaded before they are needed. */
export const driverProblems = (
  imports: readonly Import[],
  table: Readonly<Record<string, readonly string[]>> = DRIVER_PACKAGES,
): readonly string[] => {
  const ofDrivers = imports.filter(({ from }) => layerOf(from) === 'shared/drivers');
  const used = new Set<string>();
  const problems = ofDrivers.filter(isPackage).flatMap((one) => {
    const [folder, name] = [posix.dirname(one.from), packageOf(one.specifier)];
    used.add(`${folder} ${name}`);
    const may = table[folder] ?? [];
    if (!may.includes(name)) {
      return [
        `${place(one)} imports ${one.specifier}. Of packages ${folder} may import ${list(may)}: ` +
          'move the code to the driver that wraps it, or allow it in DRIVER_PACKAGES of test/architecture/layers.ts.',
      ];
    }
    if (one.kind !== 'static') return [];
    return [
      `${place(one)} loads ${one.specifier} with the file. A driver loads its vendor's library when it first needs it: ` +
        `write \`await import('${one.specifier}')\` in the function that needs it, and \`import type\` for its types.`,
    ];
  });
  const folders = new Set(ofDrivers.map(({ from }) => posix.dirname(from)));
  const unknown = [...folders]
    .filter((folder) => !Object.hasOwn(table, folder))
    .map((folder) => `${folder} has no line in DRIVER_PACKAGES of test/architecture/layers.ts: give it one.`);
  const stale = Object.entries(table).flatMap(([folder, names]) => [
    ...(folders.has(folder) ? [] : [`DRIVER_PACKAGES names ${folder}, where no driver is: remove that line.`]),
    ...names
      .filter((name) => !used.has(`${folder} ${name}`))
      .map((name) => `DRIVER_PACKAGES allows ${name} in ${folder}, which does not import it: remove it there.`),
  ]);
  return [...problems, ...unknown, ...stale];
};

/** What of Node computes and touches nothing outside. */
const PURE: readonly string[] = ['node:crypto', 'node:util'];

/** What a pure layer reads or writes by itself. */
export const inputOutputProblems = (imports: readonly Import[]): readonly string[] =>
  imports
    .filter(
      ({ from, specifier }) =>
        /^shared\/(domain|services|contract)\//.test(from) &&
        specifier.startsWith('node:') &&
        !PURE.includes(specifier),
    )
    .map(
      (one) =>
        `${place(one)} imports ${one.specifier}. ${layerOf(one.from)} does no input or output of its own: ask for it through a port.`,
    );

/** Imports of the acceptance suite that reach into the project which it judges from outside. */
export const acceptanceProblems = (imports: readonly Import[]): readonly string[] =>
  imports
    .filter(({ from, to }) => from.startsWith('test/acceptance/') && to !== null && !to.startsWith('test/acceptance/'))
    .map(
      (one) =>
        `${place(one)} imports ${one.to}. The acceptance suite imports only its own files: ask the server over HTTP, or write the helper into test/acceptance/support.`,
    );

/** The folder below `parent` that a file is in; null for files of another folder and for those of `parent` itself. */
const folderBelow = (parent: string, file: string): string | null => {
  if (!file.startsWith(`${parent}/`)) return null;
  const [folder, ...rest] = file.slice(parent.length + 1).split('/');
  return folder === undefined || rest.length === 0 ? null : folder;
};

const betweenFolders = (parent: string, imports: readonly Import[]): readonly (Import & { edge: [string, string] })[] =>
  imports.flatMap((one) => {
    const [from, to] = [folderBelow(parent, one.from), folderBelow(parent, one.to ?? '')];
    return from === null || to === null || from === to ? [] : [{ ...one, edge: [from, to] as [string, string] }];
  });

/** Imports of shared/services that lead up in its order. */
export const serviceOrderProblems = (imports: readonly Import[]): readonly string[] => {
  const rank = (folder: string): number => {
    const index = (SERVICE_ORDER as readonly string[]).indexOf(folder);
    return index < 0 ? SERVICE_ORDER.length : index;
  };
  return betweenFolders('shared/services', imports)
    .filter(({ edge: [from, to] }) => rank(to) > rank(from))
    .map((one) => {
      const [from] = one.edge;
      const below = SERVICE_ORDER.slice(0, rank(from));
      return (
        `${place(one)} imports ${one.to}. Of the services ${from} may import ${list(below)} ` +
        `(the order is ${SERVICE_ORDER.join(' < ')} < all others): move the code down, or pass it in.`
      );
    });
};

/** Folders beside each other that import each other in a circle, with the imports that make it. */
export const folderCircleProblems = (parent: string, imports: readonly Import[]): readonly string[] => {
  const between = betweenFolders(parent, imports);
  return circlesOf(graphOf(between.map(({ edge }) => edge))).map((circle) => {
    const steps = circle.slice(1).flatMap((to, i) => {
      const one = between.find(({ edge }) => edge[0] === circle[i] && edge[1] === to);
      return one ? [`  ${place(one)} imports ${one.to}`] : [];
    });
    return [
      `The folders of ${parent} import each other in a circle, ${circle.join(' -> ')}, by`,
      ...steps,
      '  Move what two folders share into the lower one.',
    ].join('\n');
  });
};
