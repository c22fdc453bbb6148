/** Each asks this program what can follow, with the words as they were typed: none is evaluated by a shell. */

/** For bash 3.2 too, and without the package bash-completion. */
const BASH = `# bash completion for onmemos: source <(onmemos completion bash)
_onmemos() {
  local line word current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then COMPREPLY=( $(compgen -f -- "$current") ); return; fi
    printf -v word %q "\${line%%$'\\t'*}"
    COMPREPLY+=("$word")
  done < <(onmemos completion --line -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _onmemos onmemos
`;

/** For \`source\`, or as a file named _onmemos in $fpath. */
const ZSH = `#compdef onmemos
# zsh completion for onmemos: source <(onmemos completion zsh)
_onmemos() {
  local line
  local -a values
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then _files; return; fi
    values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(onmemos completion --line -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#values )) && _describe 'onmemos' values
}
if [[ "\${funcstack[1]}" == "_onmemos" ]]; then _onmemos "$@"; else
  if ! (( $+functions[compdef] )); then autoload -Uz compinit && compinit; fi
  compdef _onmemos onmemos
fi
`;

const FISH = `# fish completion for onmemos: onmemos completion fish | source
function __onmemos_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  for line in (onmemos completion --line -- $typed[2..-1] "$current" 2>/dev/null)
    if test "$line" = ':files'
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c onmemos -e
complete -c onmemos -f -a '(__onmemos_complete)'
`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
