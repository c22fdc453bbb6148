import type { Place } from './tree.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const lines = ({ path, commands, options, valued, session }: Place): readonly string[] => {
  const here = `-n ${quoted(`__onmemos_at ${quoted(path)}`)}`;
  return [
    ...commands.map(({ word, help }) => `complete -c onmemos ${here} -f -a ${quoted(word)} -d ${quoted(help)}`),
    ...options.map(({ word, help }) => {
      const flag = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
      const value = !valued.includes(word)
        ? ''
        : word === '--profile'
          ? " -x -a '(onmemos config ls --quiet 2>/dev/null)'"
          : ' -x';
      return `complete -c onmemos ${here} -f ${flag}${value} -d ${quoted(help)}`;
    }),
    ...(session ? [`complete -c onmemos ${here} -f -a '(onmemos completion --sessions 2>/dev/null)'`] : []),
  ];
};

export const fishScript = (
  places: readonly Place[],
): string => `# fish completion for onmemos: onmemos completion fish | source
function __onmemos_names
  switch "$argv[1]"
${places
  .filter(({ names }) => names.length > 0)
  .map(({ path, names }) => `    case ${quoted(path)}\n      string split ' ' ${quoted(names.join(' '))}`)
  .join('\n')}
  end
end
function __onmemos_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    test "$word" = '--'; and return 1
    if contains -- "$word" (__onmemos_names "$at")
      set at (string trim -- "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
complete -c onmemos -e
${places.flatMap(lines).join('\n')}
`;
