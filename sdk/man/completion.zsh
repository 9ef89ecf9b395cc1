#compdef tickertape -p */tickertape/collectors/*
# SPDX-License-Identifier: MIT
# Completion of tickertape and its collectors for zsh. Made by scripts/manual from their --help.

_tickertape_flags() { # PROGRAM: completes its flags and arguments
    case $1 in
@FLAGS@
    esac
}

_tickertape() {
    local program=${words[1]:t}
    if [[ $program != tickertape ]]; then
        _tickertape_flags $program
        return
    fi
    local -a subcommands=(
@SUBCOMMANDS@
    )
    if (( CURRENT == 2 )); then
        [[ $PREFIX == -* ]] && _tickertape_flags tickertape || _describe subcommand subcommands
    elif [[ $words[2] == help ]]; then
        _describe subcommand subcommands
    else
        shift words
        (( CURRENT-- ))
        _tickertape_flags $words[1]
    fi
}

_tickertape "$@"
