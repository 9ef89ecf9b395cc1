# SPDX-License-Identifier: MIT
# Completion of tickertape and its collectors for bash. Made by scripts/manual from their --help.

_tickertape_flags() { # PROGRAM
    case $1 in
@FLAGS@
    esac
}

_tickertape_kind() { # PROGRAM FLAG: the kind of its value, or nothing for a flag without one
    case $1:$2 in
@KINDS@
    esac
}

_tickertape_values() { # KIND
    case $1 in
    *'|'*) COMPREPLY=($(compgen -W "${1//|/ }" -- "$word")) ;;
    DIRECTORY) compopt -o filenames 2>/dev/null && COMPREPLY=($(compgen -d -- "$word")) ;;
    FILE) compopt -o filenames 2>/dev/null && COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}

_tickertape() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]##*/} kind i
    local subcommands='@SUBCOMMANDS@'
    COMPREPLY=()
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ $program == tickertape ]]; then
        for ((i = 1; i < COMP_CWORD; ++i)); do
            if [[ " $subcommands " == *" ${COMP_WORDS[i]} "* ]]; then
                program=${COMP_WORDS[i]}
                break
            fi
        done
    elif [[ ${COMP_WORDS[0]} != */tickertape/collectors/* ]]; then
        COMPREPLY=($(compgen -f -- "$word")) # another program of that name
        return
    fi
    kind=$(_tickertape_kind "$program" "$before")
    if [[ -n $kind ]]; then
        _tickertape_values "$kind"
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(_tickertape_flags "$program")" -- "$word"))
    elif [[ $program == tickertape ]]; then
        COMPREPLY=($(compgen -W "help $subcommands" -- "$word"))
    else
        _tickertape_values FILE
    fi
}

complete -F _tickertape tickertape
# By their paths, because the system has other programs with some of these names.
for _tickertape_name in @COLLECTORS@; do
    complete -F _tickertape "/usr/lib/tickertape/collectors/$_tickertape_name"
done
unset _tickertape_name
