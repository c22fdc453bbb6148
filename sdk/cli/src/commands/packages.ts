import type { Command } from 'commander';
import type { Package } from 'onmemos';
import { connect } from '../connect.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type CommonOptions, leaf } from '../options.ts';
import { formatMoney } from '../ui/money.ts';
import { printList, printOne } from '../ui/output.ts';
import { during } from '../ui/progress.ts';
import { formatMegabytes } from '../ui/size.ts';

interface Options extends CommonOptions {
  readonly provider?: string;
}

export const define = (command: Command): void => {
  leaf(command, 'ls', 'list packages, with their price per hour at each provider', true).action(ls);
  leaf(command, 'get', 'show one package').argument('<name>', 'its name').action(get);
};

const gpuOf = ({ gpu }: Package): string => (gpu === null ? '-' : `${gpu.count} x ${gpu.type}`);

const ls = async (options: Options): Promise<void> => {
  const { client } = await connect(options);
  const found = await during('Listing packages', client.packages.list().all());
  const providers = [...new Set(found.flatMap((one) => Object.keys(one.cost_per_hour)))];
  await printList(options, found, {
    columns: [
      { title: 'NAME' },
      { title: 'CPU', align: 'right' },
      { title: 'MEMORY', align: 'right' },
      { title: 'GPU' },
      { title: 'IMAGE', drop: 1 },
      // `-o wide` has them all; the first provider always stays.
      ...providers.map((name, i) => ({
        title: `${name.toUpperCase()}/H`,
        align: 'right' as const,
        ...(i === 0 ? {} : { drop: 1 + providers.length - i }),
      })),
    ],
    row: (one) => [
      one.name,
      String(one.cpu_millis / 1000),
      formatMegabytes(one.memory_mb),
      gpuOf(one),
      one.default_image,
      ...providers.map((name) => formatMoney(one.cost_per_hour[name], one.currency).replace('unknown', '-')),
    ],
    id: ({ name }) => name,
    empty: 'This server has no packages.',
  });
};

const get = async (name: string, options: Options): Promise<void> => {
  const { client } = await connect(options);
  const one = (await client.packages.list().all()).find((candidate) => candidate.name === name);
  if (!one) {
    throw new CliError(`There is no package ${name}.`, {
      exit: EXIT.notFound,
      hint: '`onmemos packages ls` lists them.',
    });
  }
  printOne(options, one, {
    id: one.name,
    entries: [
      ['Name', one.name],
      ['CPU', one.cpu_millis / 1000],
      ['Memory', formatMegabytes(one.memory_mb)],
      ['GPU', gpuOf(one)],
      ['Image', one.default_image],
      ['For', one.allowed_user_types.join(', ')],
      ...Object.entries(one.cost_per_hour).map(
        ([provider, cost]) => [`Per hour, ${provider}`, formatMoney(cost, one.currency)] as const,
      ),
    ],
  });
};
