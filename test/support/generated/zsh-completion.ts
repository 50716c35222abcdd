import { completionData } from './completion-data.ts';

/** data/completion/_espejo, for a directory of $fpath. */
export function zshCompletion(): string {
  const { commands, flags, arguments: positional, values } = completionData();
  return `#compdef espejo
# zsh completion for espejo, generated from its command table.

${table('commands', commands)}
${table('flags', flags)}
${table('arguments', positional)}
${table('values', values)}
__espejo_names() {
    local kind=$1 program=$2
    shift 2
    case $kind in
        @mirror) $program "$@" mirror list -raw ;;
        @repo) $program "$@" repo list -raw ;;
        @snapshot) $program "$@" snapshot list -raw ;;
        @distribution) $program "$@" publish list -raw | cut -d ' ' -f 2- | sort -u ;;
        @prefix) $program "$@" publish list -raw | cut -d ' ' -f 1 | sort -u ;;
    esac 2>/dev/null
}

_espejo() {
    local node=espejo current=$words[CURRENT] flag= word kind
    local -a given kinds options offered
    for word in \${words[2,CURRENT-1]}; do
        if [[ -n $flag ]]; then
            [[ $flag == -config ]] && options=(-config=$word)
            flag=
        elif [[ $word == -?* && \${#given} -eq 0 ]]; then
            word=-\${word##-##}
            [[ $word == -config=* ]] && options=($word)
            [[ $word != *=* && " $__espejo_flags[$node] " == *" $word= "* ]] && flag=$word
        elif [[ \${#given} -eq 0 && " $__espejo_commands[$node] " == *" $word "* ]]; then
            [[ $word == help ]] || node+=" $word"
        else
            given+=($word)
        fi
    done
    if [[ -z $flag && \${#given} -eq 0 && $current == -*=* ]]; then
        flag=-\${\${current%%=*}##-##}
        compset -P '*='
    fi

    if [[ -n $flag ]]; then
        if [[ -n $__espejo_values[$flag] ]]; then
            compadd -- \${=__espejo_values[$flag]}
        else
            _files
        fi
    elif [[ $current == -* && \${#given} -eq 0 ]]; then
        offered=(\${=__espejo_flags[$node]})
        compadd -S '' -- \${(M)offered:#*=}
        compadd -- \${offered:#*=}
    elif [[ -n $__espejo_commands[$node] && \${#given} -eq 0 ]]; then
        compadd -- \${=__espejo_commands[$node]}
    else
        kinds=(\${=__espejo_arguments[$node]})
        kind=$kinds[\${#given}+1]
        [[ \${#kinds} -gt 1 && $kinds[-1] == ... && \${#given} -ge \${#kinds}-1 ]] && kind=$kinds[-2]
        [[ $kind == @source ]] && kind=@$given[-1]
        case $kind in
            @file) _files ;;
            @*)
                offered=("\${(@f)$(__espejo_names $kind $words[1] $options)}")
                compadd -- $offered
                ;;
            ?*) compadd -- \${(s:|:)kind} ;;
        esac
    fi
}

setopt localoptions extendedglob
_espejo "$@"
`;
}

function table(name: string, entries: readonly (readonly [string, string])[]): string {
  const rows = entries.map(([key, words]) => `    '${key}' '${words}'`);
  return `typeset -gA __espejo_${name}=(\n${rows.join('\n')}\n)`;
}
