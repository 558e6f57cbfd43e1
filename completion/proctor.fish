# SPDX-License-Identifier: Apache-2.0
# Completion of proctor(1) for fish. tests/completion.sh holds it to `--help`, from which it takes
# commands, options and what the value of each is.

function __proctor_words
    commandline -opc
end

function __proctor_command
    set -l words (__proctor_words)
    test (count $words) -gt 1; and echo $words[2]
end

# The commands, as `proctor --help` tells them.
function __proctor_commands
    set -l words (__proctor_words)
    command $words[1] --help 2>/dev/null |
        string replace -rf '^  ([a-z]+) .*?  +(.*)$' '$1\t$2'
end

# The options of the command on the line.
function __proctor_options
    set -l words (__proctor_words)
    command $words[1] $words[2] --help 2>/dev/null | string match -arg '(?:^|[\[ |,])(--?[a-z][a-z-]*)' | sort -u
end

# What --help calls the value of option $argv[1]; nothing when it has none.
function __proctor_takes
    set -l words (__proctor_words)
    command $words[1] $words[2] --help 2>/dev/null |
        string match -rg -- '(?:^|[\]\[ |,])'$argv[1]'(?:(?:\||, )--?[a-z-]+)* ([A-Z][^\] ]*|[a-z][a-z-]*\|[^\] ]*)'
end

# Is there a program on the line already? Then what follows is the program's own. Of learn only behind --.
function __proctor_has_program
    set -l words (__proctor_words)
    set -e words[1 2]
    while set -q words[1]
        switch $words[1]
            case --
                return 0
            case '-*=*'
            case '-*'
                set -l takes (__proctor_takes $words[1])
                set -q takes[1]; and set -e words[1]
            case '*'
                test (__proctor_command) = learn; or return 0
        end
        set -e words[1]
    end
    return 1
end

# The values of an option; fails when it has none.
function __proctor_values
    set -l takes
    string match -q -- '-*' $argv[1]; and set takes (__proctor_takes $argv[1])[1]
    set -q takes[1]; or return 1
    if string match -qr '^[a-z]' $takes
        string split '|' $takes
    else if test $takes = 'FILE|NAME'
        printf '%s\n' builtin:pure builtin:python
        __proctor_files '\.(ya?ml|json)$'
    else if string match -qr 'FILE|PATH|SCRIPT' $takes
        __proctor_files ''
    else if test $takes = DIR
        __fish_complete_directories (commandline -ct)
    else if test $argv[1] = --user
        __fish_complete_users
    else if test $takes = 'NAME[=VALUE'
        set -n
    end
    return 0
end

# Files whose names match, and directories; all of them when none does.
function __proctor_files
    set -l all (__fish_complete_path (commandline -ct))
    set -l names
    for line in $all
        set -l name (string split -m 1 \t -- $line)[1]
        if string match -qr -- $argv[1] $name; or string match -q '*/' -- $name
            set names $names $name
        end
    end
    set -q names[1]; or set names $all
    printf '%s\n' $names
end

function __proctor_arguments
    set -l words (__proctor_words)
    set -l command (__proctor_command)
    set -l pair (string split -m 1 = -- (commandline -ct))
    if contains "$command" run learn; and __proctor_has_program
        __proctor_files ''
    else if set -q pair[2]; and string match -q -- '--*' $pair[1]
        __proctor_values $pair[1] | string replace -r -- '^' $pair[1]=
    else if not __proctor_values $words[-1]
        if string match -q -- '-*' (commandline -ct)
            __proctor_options
            return
        end
        switch $command
            case run
                __proctor_files '\.py$'
            case judge
                __proctor_files '\.py$'
            case explain summary export report tail verify batch learn diff
                __proctor_files '\.jsonl$'
            case why
                printf '%s\n' pure python read list stat lstat write exec connect bind call
                __proctor_files '\.(ya?ml|json)$'
            case policy
                if test (count $words) -eq 2
                    printf '%s\n' list check show test diff
                else
                    printf '%s\n' builtin:pure builtin:python
                    __proctor_files '\.(ya?ml|json|jsonl|py)$'
                end
        end
    end
end

complete -c proctor -f
complete -c proctor -n 'test (count (commandline -opc)) -eq 1' -a '(__proctor_commands)'
complete -c proctor -n 'test (count (commandline -opc)) -eq 1' -l help -l version
complete -c proctor -n 'test (count (commandline -opc)) -gt 1' -a '(__proctor_arguments)'
