import type { Place } from './tree.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const branch = ({ path, commands, options, session }: Place): string => {
  const words = [...commands, ...options].map(({ word }) => word).join(' ');
  return `    ${quoted(path)}) words=${quoted(words)}; ids=${session ? 1 : 0} ;;`;
};

const valuedBranch = ({ path, valued }: Place): readonly string[] =>
  valued.length === 0 ? [] : [`    ${valued.map((flag) => quoted(`${path}|${flag}`)).join('|')}) return 0 ;;`];

/** Works with bash 3.2 too, and without the package bash-completion. */
export const bashScript = (
  places: readonly Place[],
): string => `# bash completion for onmemos: source <(onmemos completion bash)
_onmemos_is_value() {
  case "$1|$2" in
${places.flatMap(valuedBranch).join('\n')}
  esac
  return 1
}
_onmemos_commands() {
  case "$1" in
${places
  .filter(({ names }) => names.length > 0)
  .map(({ path, names }) => `    ${quoted(path)}) echo ${quoted(` ${names.join(' ')} `)} ;;`)
  .join('\n')}
  esac
}
_onmemos() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" ids=0 i word
  COMPREPLY=()
  for (( i = 1; i < COMP_CWORD; i++ )); do
    word="\${COMP_WORDS[i]}"
    # After two dashes follows a command of the session, so offer the names of files.
    if [[ "$word" == "--" ]]; then COMPREPLY=( $(compgen -f -- "$current") ); return; fi
    if [[ "$(_onmemos_commands "$path")" == *" $word "* ]]; then path="\${path:+$path }$word"; fi
  done
  if _onmemos_is_value "$path" "\${COMP_WORDS[COMP_CWORD-1]}"; then
    if [[ "\${COMP_WORDS[COMP_CWORD-1]}" == "--profile" ]]; then
      COMPREPLY=( $(compgen -W "$(onmemos config ls --quiet 2>/dev/null)" -- "$current") )
    fi
    return
  fi
  case "$path" in
${places.map(branch).join('\n')}
  esac
  if [[ $ids == 1 && "$current" != -* ]]; then words="$words $(onmemos completion --sessions 2>/dev/null)"; fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -F _onmemos onmemos
`;
