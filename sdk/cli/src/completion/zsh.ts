import type { Place, Word } from './tree.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const described = ({ word, help }: Word): string => quoted(`${word.replaceAll(':', '\\:')}:${help}`);

const branch = ({ path, commands, options, session }: Place): string =>
  `    ${quoted(path)})
      commands=(${commands.map(described).join(' ')})
      options=(${options.map(described).join(' ')})
      ids=${session ? 1 : 0} ;;`;

const valuedBranch = ({ path, valued }: Place): readonly string[] =>
  valued.length === 0 ? [] : [`    ${valued.map((flag) => quoted(`${path}|${flag}`)).join('|')}) return 0 ;;`];

/** For `source`, or as a file named _onmemos in $fpath. */
export const zshScript = (places: readonly Place[]): string => `#compdef onmemos
# zsh completion for onmemos: source <(onmemos completion zsh)
_onmemos_is_value() {
  case "$1|$2" in
${places.flatMap(valuedBranch).join('\n')}
  esac
  return 1
}
_onmemos_names() {
  case "$1" in
${places
  .filter(({ names }) => names.length > 0)
  .map(({ path, names }) => `    ${quoted(path)}) reply=(${names.map(quoted).join(' ')}) ;;`)
  .join('\n')}
    *) reply=() ;;
  esac
}
_onmemos() {
  local at="" word ids=0 i
  local -a commands options reply
  for (( i = 2; i < CURRENT; i++ )); do
    word="\${words[i]}"
    if [[ "$word" == "--" ]]; then _files; return; fi
    _onmemos_names "$at"
    if (( \${reply[(Ie)$word]} )); then at="\${at:+$at }$word"; fi
  done
  if _onmemos_is_value "$at" "\${words[CURRENT-1]}"; then
    if [[ "\${words[CURRENT-1]}" == "--profile" ]]; then compadd -- \${(f)"$(onmemos config ls --quiet 2>/dev/null)"}; fi
    return
  fi
  case "$at" in
${places.map(branch).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe 'option' options; return; fi
  (( $#commands )) && _describe 'command' commands
  if (( ids )); then compadd -- \${(f)"$(onmemos completion --sessions 2>/dev/null)"}; fi
}
if [[ "\${funcstack[1]}" == "_onmemos" ]]; then _onmemos "$@"; else
  if ! (( $+functions[compdef] )); then autoload -Uz compinit && compinit; fi
  compdef _onmemos onmemos
fi
`;
