# bash completion for espejo, generated from its command table; source it or put it into bash-completion's directory.
# shellcheck shell=bash

declare -gA __espejo_commands=(
    ['espejo']='config daemon db demo du graph key mirror package plan publish repo serve snapshot sync task verify version help'
    ['espejo config']='check show'
    ['espejo db']='cleanup import-aptly recover'
    ['espejo key']='export generate show'
    ['espejo mirror']='create drop edit list rename search show update'
    ['espejo package']='search show'
    ['espejo publish']='drop list repo show snapshot source switch update'
    ['espejo publish source']='add drop list remove replace update'
    ['espejo repo']='add copy create drop edit import include list move remove rename search show'
    ['espejo snapshot']='create diff drop filter list merge pull rename search show verify'
    ['espejo task']='run'
)
declare -gA __espejo_flags=(
    ['espejo']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo config']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo config check']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet'
    ['espejo config show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet -yaml'
    ['espejo daemon']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -listen= -lock-wait= -log-level= -quiet'
    ['espejo db']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo db cleanup']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -gpg-provider= -lock-wait= -quiet -verbose'
    ['espejo db import-aptly']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo db recover']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo demo']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -listen= -lock-wait= -once -quiet -root='
    ['espejo du']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet'
    ['espejo graph']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -format= -gpg-provider= -layout= -lock-wait= -output= -quiet'
    ['espejo key']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo key export']='-architectures= -binary -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -output= -quiet'
    ['espejo key generate']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet'
    ['espejo key show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet'
    ['espejo mirror']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo mirror create']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -filter-with-deps -filter= -force-architectures -force-components -gpg-provider= -ignore-signatures -keyring= -lock-wait= -max-tries= -quiet -with-appstream -with-installer -with-sources -with-udebs'
    ['espejo mirror drop']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force -gpg-provider= -lock-wait= -quiet'
    ['espejo mirror edit']='-architectures= -archive-url= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -filter-with-deps -filter= -gpg-provider= -ignore-signatures -keyring= -lock-wait= -quiet -with-appstream -with-installer -with-sources -with-udebs'
    ['espejo mirror list']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -raw'
    ['espejo mirror rename']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo mirror search']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -format= -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo mirror show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -with-packages'
    ['espejo mirror update']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -download-limit= -downloader= -force -gpg-provider= -ignore-checksums -ignore-signatures -keyring= -latest -lock-wait= -max-tries= -missing= -quiet -skip-existing-packages'
    ['espejo package']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo package search']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -format= -gpg-provider= -lock-wait= -quiet'
    ['espejo package show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet -with-files -with-references'
    ['espejo plan']='-allow-older-release -architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -ignore-signatures -ignore-valid-until -json -lock-wait= -quiet'
    ['espejo publish']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force -gpg-provider= -json -list -lock-wait= -publication= -quiet -resume -rollback -to='
    ['espejo publish drop']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force-drop -gpg-provider= -lock-wait= -quiet -skip-cleanup'
    ['espejo publish list']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -raw'
    ['espejo publish repo']='-acquire-by-hash -architectures= -batch -butautomaticupgrades= -codename= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -distribution= -force-overwrite -gpg-key= -gpg-provider= -keyring= -label= -lock-wait= -multi-dist -notautomatic= -origin= -passphrase-file= -passphrase= -quiet -secret-keyring= -signed-by= -skip-bz2 -skip-contents -skip-signing -suite= -version='
    ['espejo publish show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet'
    ['espejo publish snapshot']='-acquire-by-hash -architectures= -batch -butautomaticupgrades= -codename= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -distribution= -force-overwrite -gpg-key= -gpg-provider= -keyring= -label= -lock-wait= -multi-dist -notautomatic= -origin= -passphrase-file= -passphrase= -quiet -secret-keyring= -signed-by= -skip-bz2 -skip-contents -skip-signing -suite= -version='
    ['espejo publish source']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo publish source add']='-architectures= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -prefix= -quiet'
    ['espejo publish source drop']='-architectures= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -prefix= -quiet'
    ['espejo publish source list']='-architectures= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -prefix= -quiet'
    ['espejo publish source remove']='-architectures= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -prefix= -quiet'
    ['espejo publish source replace']='-architectures= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -prefix= -quiet'
    ['espejo publish source update']='-architectures= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -prefix= -quiet'
    ['espejo publish switch']='-architectures= -batch -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force-overwrite -gpg-key= -gpg-provider= -keyring= -lock-wait= -multi-dist -passphrase-file= -passphrase= -quiet -secret-keyring= -signed-by= -skip-bz2 -skip-cleanup -skip-contents -skip-signing -version='
    ['espejo publish update']='-architectures= -batch -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force-overwrite -gpg-key= -gpg-provider= -keyring= -label= -lock-wait= -multi-dist -origin= -passphrase-file= -passphrase= -quiet -secret-keyring= -signed-by= -skip-bz2 -skip-cleanup -skip-contents -skip-signing -version='
    ['espejo repo']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo repo add']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force-replace -gpg-provider= -lock-wait= -quiet -remove-files'
    ['espejo repo copy']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo repo create']='-architectures= -comment= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -distribution= -gpg-provider= -lock-wait= -quiet -uploaders-file='
    ['espejo repo drop']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force -gpg-provider= -lock-wait= -quiet'
    ['espejo repo edit']='-architectures= -comment= -component= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -distribution= -gpg-provider= -lock-wait= -quiet -uploaders-file='
    ['espejo repo import']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo repo include']='-accept-unsigned -architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force-replace -gpg-provider= -ignore-signatures -keyring= -lock-wait= -no-remove-files -quiet -repo= -uploaders-file='
    ['espejo repo list']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -raw'
    ['espejo repo move']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo repo remove']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -gpg-provider= -lock-wait= -quiet'
    ['espejo repo rename']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo repo search']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -format= -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo repo show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -with-packages'
    ['espejo serve']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -listen= -lock-wait= -quiet'
    ['espejo snapshot']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo snapshot create']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo snapshot diff']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -only-matching -quiet'
    ['espejo snapshot drop']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -force -gpg-provider= -lock-wait= -quiet'
    ['espejo snapshot filter']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo snapshot list']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -raw -sort='
    ['espejo snapshot merge']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -latest -lock-wait= -no-remove -quiet'
    ['espejo snapshot pull']='-all-matches -architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -gpg-provider= -lock-wait= -no-deps -no-remove -quiet'
    ['espejo snapshot rename']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo snapshot search']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -format= -gpg-provider= -lock-wait= -quiet -with-deps'
    ['espejo snapshot show']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet -with-packages'
    ['espejo snapshot verify']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo sync']='-allow-older-release -architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -dry-run -force -gpg-provider= -ignore-signatures -ignore-valid-until -json -lock-wait= -quiet'
    ['espejo task']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
    ['espejo task run']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -filename= -gpg-provider= -lock-wait= -quiet'
    ['espejo verify']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -json -lock-wait= -quiet'
    ['espejo version']='-architectures= -config= -db-open-attempts= -debug -dep-follow-all-variants -dep-follow-recommends -dep-follow-source -dep-follow-suggests -dep-verbose-resolve -gpg-provider= -lock-wait= -quiet'
)
declare -gA __espejo_arguments=(
    ['espejo mirror drop']='@mirror'
    ['espejo mirror edit']='@mirror'
    ['espejo mirror rename']='@mirror'
    ['espejo mirror search']='@mirror'
    ['espejo mirror show']='@mirror'
    ['espejo mirror update']='@mirror'
    ['espejo publish drop']='@distribution @prefix'
    ['espejo publish repo']='@repo ...'
    ['espejo publish show']='@distribution @prefix'
    ['espejo publish snapshot']='@snapshot ...'
    ['espejo publish source add']='@distribution'
    ['espejo publish source drop']='@distribution'
    ['espejo publish source list']='@distribution'
    ['espejo publish source remove']='@distribution'
    ['espejo publish source replace']='@distribution'
    ['espejo publish source update']='@distribution'
    ['espejo publish switch']='@distribution @snapshot ...'
    ['espejo publish update']='@distribution @prefix'
    ['espejo repo add']='@repo @file ...'
    ['espejo repo copy']='@repo @repo'
    ['espejo repo create']='@none from snapshot @snapshot'
    ['espejo repo drop']='@repo'
    ['espejo repo edit']='@repo'
    ['espejo repo import']='@mirror @repo'
    ['espejo repo include']='@file ...'
    ['espejo repo move']='@repo @repo'
    ['espejo repo remove']='@repo'
    ['espejo repo rename']='@repo'
    ['espejo repo search']='@repo'
    ['espejo repo show']='@repo'
    ['espejo snapshot create']='@none from|empty mirror|repo @source'
    ['espejo snapshot diff']='@snapshot @snapshot'
    ['espejo snapshot drop']='@snapshot'
    ['espejo snapshot filter']='@snapshot'
    ['espejo snapshot merge']='@none @snapshot ...'
    ['espejo snapshot pull']='@snapshot @snapshot'
    ['espejo snapshot rename']='@snapshot'
    ['espejo snapshot search']='@snapshot'
    ['espejo snapshot show']='@snapshot'
    ['espejo snapshot verify']='@snapshot ...'
)
declare -gA __espejo_values=(
    ['-gpg-provider']='gpg gpg1 gpg2 internal'
    ['-downloader']='default grab'
    ['-layout']='horizontal vertical'
    ['-sort']='name time'
    ['-format']='png svg pdf dot'
)
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
    local line="${COMP_LINE:0:COMP_POINT}" node=espejo current= flag= word kind name prefix=
    local -a words=() given=() kinds=() options=() offered=()
    IFS=$' \t\n' read -ra words <<<"$line"
    if [[ $line != *[[:blank:]] ]]; then
        current="${words[-1]}"
        unset 'words[-1]'
    fi
    for word in "${words[@]:1}"; do
        if [[ -n $flag ]]; then
            [[ $flag == -config ]] && options=("-config=$word")
            flag=
        elif [[ $word == -?* && ${#given[@]} -eq 0 ]]; then
            word="-${word##*(-)}"
            [[ $word == -config=* ]] && options=("$word")
            [[ $word != *=* && " ${__espejo_flags[$node]} " == *" $word= "* ]] && flag=$word
        elif [[ ${#given[@]} -eq 0 && " ${__espejo_commands[$node]} " == *" $word "* ]]; then
            [[ $word == help ]] || node+=" $word"
        else
            given+=("$word")
        fi
    done
    if [[ -z $flag && ${#given[@]} -eq 0 && $current == -*=* ]]; then
        flag="-${current%%=*}"
        flag="-${flag##*(-)}"
        prefix="${current%%=*}="
        current="${current#*=}"
    fi

    if [[ -n $flag ]]; then
        if [[ -n ${__espejo_values[$flag]} ]]; then
            read -ra offered <<<"${__espejo_values[$flag]}"
        else
            mapfile -t offered < <(compgen -f -- "$current")
        fi
    elif [[ $current == -* && ${#given[@]} -eq 0 ]]; then
        read -ra offered <<<"${__espejo_flags[$node]}"
    elif [[ -n ${__espejo_commands[$node]} && ${#given[@]} -eq 0 ]]; then
        read -ra offered <<<"${__espejo_commands[$node]}"
    else
        read -ra kinds <<<"${__espejo_arguments[$node]}"
        kind="${kinds[${#given[@]}]}"
        if [[ ${#kinds[@]} -gt 1 && ${kinds[-1]} == ... && ${#given[@]} -ge $((${#kinds[@]} - 1)) ]]; then
            kind="${kinds[-2]}"
        fi
        [[ $kind == @source ]] && kind="@${given[-1]}"
        case $kind in
            @file)
                compopt -o filenames 2>/dev/null
                mapfile -t offered < <(compgen -f -- "$current")
                ;;
            @*) mapfile -t offered < <(__espejo_names "$kind" "${words[0]}" "${options[@]}") ;;
            *) read -ra offered <<<"${kind//|/ }" ;;
        esac
    fi

    # Readline replaces what follows the last : or = only.
    word="$prefix$current"
    [[ $word == *[:=]* ]] && prefix="${word%[:=]*}" && prefix="${word:0:${#prefix}+1}" || prefix=
    for name in "${offered[@]}"; do
        [[ $name == "$current"* ]] || continue
        [[ $word == -*=* ]] && name="${word%%=*}=$name"
        name="${name:${#prefix}}"
        [[ $name == *= ]] && compopt -o nospace 2>/dev/null
        printf -v name %q "$name"
        COMPREPLY+=("$name")
    done
}

shopt -s extglob
complete -F _espejo espejo
