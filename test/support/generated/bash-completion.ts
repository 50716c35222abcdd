import { completionData } from './completion-data.ts';

/** data/completion/espejo.bash: names of objects are data, so nothing of them is ever expanded. */
export function bashCompletion(): string {
  const { commands, flags, arguments: positional, values } = completionData();
  return `# bash completion for espejo, generated from its command table; source it or put it into bash-completion's directory.
# shellcheck shell=bash

${table('commands', commands)}
${table('flags', flags)}
${table('arguments', positional)}
${table('values', values)}
# Names for a kind of argument, one a line.
__espejo_names() {
    local kind=$1 program=$2
    shift 2
    case $kind in
        @mirror) "$program" "$@" mirror list -raw ;;
        @repo) "$program" "$@" repo list -raw ;;
        @snapshot) "$program" "$@" snapshot list -raw ;;
        @distribution) "$program" "$@" publish list -raw | cut -d ' ' -f 2- | sort -u ;;
        @prefix) "$program" "$@" publish list -raw | cut -d ' ' -f 1 | sort -u ;;
    esac 2>/dev/null
}

_espejo() {
    COMPREPLY=()
    local line="\${COMP_LINE:0:COMP_POINT}" node=espejo current= flag= word kind name prefix=
    local -a words=() given=() kinds=() options=() offered=()
    IFS=$' \\t\\n' read -ra words <<<"$line"
    if [[ $line != *[[:blank:]] ]]; then
        current="\${words[-1]}"
        unset 'words[-1]'
    fi
    for word in "\${words[@]:1}"; do
        if [[ -n $flag ]]; then
            [[ $flag == -config ]] && options=("-config=$word")
            flag=
        elif [[ $word == -?* && \${#given[@]} -eq 0 ]]; then
            word="-\${word##*(-)}"
            [[ $word == -config=* ]] && options=("$word")
            [[ $word != *=* && " \${__espejo_flags[$node]} " == *" $word= "* ]] && flag=$word
        elif [[ \${#given[@]} -eq 0 && " \${__espejo_commands[$node]} " == *" $word "* ]]; then
            [[ $word == help ]] || node+=" $word"
        else
            given+=("$word")
        fi
    done
    if [[ -z $flag && \${#given[@]} -eq 0 && $current == -*=* ]]; then
        flag="-\${current%%=*}"
        flag="-\${flag##*(-)}"
        prefix="\${current%%=*}="
        current="\${current#*=}"
    fi

    if [[ -n $flag ]]; then
        if [[ -n \${__espejo_values[$flag]} ]]; then
            read -ra offered <<<"\${__espejo_values[$flag]}"
        else
            mapfile -t offered < <(compgen -f -- "$current")
        fi
    elif [[ $current == -* && \${#given[@]} -eq 0 ]]; then
        read -ra offered <<<"\${__espejo_flags[$node]}"
    elif [[ -n \${__espejo_commands[$node]} && \${#given[@]} -eq 0 ]]; then
        read -ra offered <<<"\${__espejo_commands[$node]}"
    else
        read -ra kinds <<<"\${__espejo_arguments[$node]}"
        kind="\${kinds[\${#given[@]}]}"
        if [[ \${#kinds[@]} -gt 1 && \${kinds[-1]} == ... && \${#given[@]} -ge $((\${#kinds[@]} - 1)) ]]; then
            kind="\${kinds[-2]}"
        fi
        [[ $kind == @source ]] && kind="@\${given[-1]}"
        case $kind in
            @file)
                compopt -o filenames 2>/dev/null
                mapfile -t offered < <(compgen -f -- "$current")
                ;;
            @*) mapfile -t offered < <(__espejo_names "$kind" "\${words[0]}" "\${options[@]}") ;;
            *) read -ra offered <<<"\${kind//|/ }" ;;
        esac
    fi

    # Readline replaces what follows the last : or = only.
    word="$prefix$current"
    [[ $word == *[:=]* ]] && prefix="\${word%[:=]*}" && prefix="\${word:0:\${#prefix}+1}" || prefix=
    for name in "\${offered[@]}"; do
        [[ $name == "$current"* ]] || continue
        [[ $word == -*=* ]] && name="\${word%%=*}=$name"
        name="\${name:\${#prefix}}"
        [[ $name == *= ]] && compopt -o nospace 2>/dev/null
        printf -v name %q "$name"
        COMPREPLY+=("$name")
    done
}

shopt -s extglob
complete -F _espejo espejo
`;
}

function table(name: string, entries: readonly (readonly [string, string])[]): string {
  const rows = entries.map(([key, words]) => `    ['${key}']='${words}'`);
  return `declare -gA __espejo_${name}=(\n${rows.join('\n')}\n)`;
}
