#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/install-collectors against a tree laid out like tcollector's. usage: install-collectors.sh SCRIPT
set -eu
script=$1
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

failures=0
test_case() {
    sentence=$1
    rm -rf "$work"
    mkdir -p "$work/bin" "$work/tcollector/collectors/0" "$work/tcollector/collectors/60" \
        "$work/tcollector/collectors/etc" "$work/tcollector/collectors/lib"
    dir=$work/tcollector/collectors
    for name in sarcpu uptime; do
        printf '#!/bin/sh\necho ours %s\n' $name >"$work/bin/$name"
        chmod 700 "$work/bin/$name"
    done
    echo "no program" >"$work/bin/README"
    printf '#!/bin/sh\necho theirs\n' >"$dir/0/uptime"
    chmod 750 "$dir/0/uptime"
    cp "$dir/0/uptime" "$dir/0/ifstat"
}
complain() {
    echo "$sentence: $*" >&2
    failures=$((failures + 1))
}
check() { "$@" || complain "not so: $*"; }
install() { "$script" --from "$work/bin" "$@" >"$work/out" 2>&1 || complain "failed: $(cat "$work/out")"; }
refused() { # WITH-CODE SENTENCE ARGUMENT…
    code=0 wanted=$1 text=$2
    shift 2
    before=$(tree)
    "$script" "$@" >"$work/out" 2>&1 || code=$?
    [ "$code" -eq "$wanted" ] || complain "ended with $code instead of $wanted"
    case $(head -n 1 "$work/out") in *"$text"*) ;; *) complain "it said: $(cat "$work/out")" ;; esac
    [ "$(tree)" = "$before" ] || complain "the tree was changed"
}
said() { grep -qF "$1" "$work/out" || complain "'$1' was not said, but: $(cat "$work/out")"; }
tree() { cd "$work" && find tcollector ! -type d -printf '%p %m %T@ %l %s\n' -o -printf '%p/\n' | sort; }
content() { find "$dir" ! -type d -printf '%P %m ' -exec sha256sum {} \; -o -printf '%P/\n' | sort; }
runs_as() { [ "$("$dir/0/$1")" = "$2" ] || complain "$1 says '$("$dir/0/$1")' instead of '$2'"; }

test_case "Chosen collectors are installed as executables, the others are not"
install "$dir" sarcpu
runs_as sarcpu "ours sarcpu"
runs_as uptime theirs
check [ "$(stat -c %a "$dir/0/sarcpu")" = 755 ]
said "installed $dir/0/sarcpu"

test_case "Without names all collectors are installed, and no other files"
install "$dir"
runs_as sarcpu "ours sarcpu"
runs_as uptime "ours uptime"
check [ ! -e "$dir/0/README" ]
check [ "$(ls -A "$dir/0" | tr '\n' ' ')" = "ifstat sarcpu uptime " ]

echo_of_arguments() { # stands for the command `tickertape`
    printf '#!/bin/sh\necho "$TICKERTAPE_STARTED_AS" "$@"\n' >"$work/bin/tickertape"
    chmod 755 "$work/bin/tickertape"
}

test_case "--host replaces several programs, ours and tcollector's own, by one, and --undo brings all back"
echo_of_arguments
echo "theirs too" >"$dir/60/sarcpu.py"
install "$dir" uptime
before=$(content)
install --host "$dir" sarcpu uptime
runs_as tickertape-host "$dir/0/tickertape-host host sarcpu uptime"
check [ ! -e "$dir/0/uptime" ]
check [ ! -e "$dir/60/sarcpu.py" ]
check [ -e "$dir/0/ifstat" ]
install --undo "$dir" tickertape-host
check [ "$(content)" = "$before" ]

test_case "--host without names replaces the installed collectors, and --undo of all undoes it first"
echo_of_arguments
before=$(content)
install "$dir" sarcpu uptime
install --host "$dir"
runs_as tickertape-host "$dir/0/tickertape-host host sarcpu uptime"
install --undo "$dir"
check [ "$(content)" = "$before" ]

test_case "Collectors that tickertape-host replaces are neither installed nor undone beside it"
echo_of_arguments
install "$dir" uptime
install --host "$dir"
refused 1 "tickertape-host runs 'uptime'" --from "$work/bin" "$dir" uptime
refused 1 "tickertape-host runs 'uptime'" --undo "$dir" uptime
refused 1 "tickertape-host is installed already" --from "$work/bin" --host "$dir" sarcpu

test_case "Undo leaves a file that somebody has put in the place of a collector that tickertape-host replaced"
echo_of_arguments
install "$dir" uptime sarcpu
printf '#!/bin/sh\necho precious\n' >"$dir/0/uptime"
install --host "$dir" uptime sarcpu
before=$(tree)
code=0
"$script" --dry-run --undo "$dir" >"$work/out" 2>&1 || code=$?
check [ "$code" -eq 1 ]
said "kept      $dir/0/uptime: it is not the installed file"
check [ "$(tree)" = "$before" ]
code=0
"$script" --undo "$dir" >"$work/out" 2>&1 || code=$?
check [ "$code" -eq 1 ]
said "kept      $dir/0/uptime: it is not the installed file"
runs_as uptime precious
check [ ! -e "$dir/0/sarcpu" ]
check [ ! -e "$dir/0/tickertape-host" ]
rm "$dir/0/uptime" # the record is still there
install --undo "$dir"
runs_as uptime theirs

test_case "Undo brings all back, whether tickertape-host is named first or last"
echo_of_arguments
before=$(content)
install "$dir" uptime sarcpu
install --host "$dir"
install --undo "$dir" uptime sarcpu tickertape-host
check [ "$(content)" = "$before" ]

test_case "--host leaves somebody else's tickertape-host alone"
echo_of_arguments
for number in 0 60; do
    echo precious >"$dir/$number/tickertape-host"
    refused 1 "'$dir/$number/tickertape-host' is there, and not from this command" --from "$work/bin" --host "$dir" uptime
    rm "$dir/$number/tickertape-host"
done

test_case "--host with no collector to replace, or without the command, changes nothing"
refused 1 "there is no command 'tickertape'" --from "$work/bin" --host "$dir" sarcpu
echo_of_arguments
refused 1 "none of ours is in" --from "$work/bin" --host "$dir"
echo_of_arguments
before=$(content)
install --dry-run --host "$dir" uptime
said "would set aside $dir/0/uptime"
check [ "$(content)" = "$before" ]

test_case "The new file is always newer by whole seconds than the old one, even if that is from the future"
for old in 2001-09-09 "now" "2037-01-01"; do
    touch -d "$old" "$dir/0/uptime"
    for _ in 1 2 3; do
        before=$(stat -c %Y "$dir/0/uptime")
        touch -d 2001-09-09 "$work/bin/uptime"
        install "$dir" uptime
        check [ "$(stat -c %Y "$dir/0/uptime")" -gt "$before" ]
    done
done

test_case "A running collector is replaced by a rename"
cp "$(command -v sleep)" "$dir/0/uptime"
"$dir/0/uptime" 3600 &
sleeper=$!
install "$dir" uptime
check kill $sleeper
runs_as uptime "ours uptime"

test_case "A dry run prints each step and does nothing"
before=$(tree)
install --dry-run "$dir"
check [ "$(tree)" = "$before" ]
said "would install  $dir/0/sarcpu"
said "would replace  $dir/0/uptime"
install "$dir"
before=$(tree)
install --dry-run --undo "$dir"
check [ "$(tree)" = "$before" ]
said "would remove   $dir/0/sarcpu"
said "would restore  $dir/0/uptime"

test_case "Undo restores the previous files with a fresh time, and removes the others"
before=$(content)
install "$dir"
install "$dir" # a second time, which must not take our file for the original
said "renewed   $dir/0/uptime"
ours=$(stat -c %Y "$dir/0/uptime")
install --undo "$dir"
check [ "$(content)" = "$before" ]
check [ "$(stat -c %Y "$dir/0/uptime")" -gt "$ours" ]

test_case "Undo of one collector leaves the others"
install "$dir"
install --undo "$dir" uptime
runs_as uptime theirs
runs_as sarcpu "ours sarcpu"
install --undo "$dir"
check [ ! -e "$dir/0/sarcpu" ]

test_case "No file is written through a link, whatever its name"
mkdir "$dir/.tickertape"
echo precious >"$work/victim"
for name in .uptime.copy uptime.installed uptime.before .uptime.new sarcpu.installed; do
    ln -s "$work/victim" "$dir/.tickertape/$name"
    ln -s "$work/victim" "$dir/0/.$name"
done
ln -s "$work/victim" "$dir/0/.uptime.new"
install "$dir" uptime sarcpu
check [ "$(cat "$work/victim")" = precious ]
check [ ! -x "$work/victim" ]
runs_as uptime "ours uptime"
check [ ! -L "$dir/0/uptime" ]
check [ ! -L "$dir/.tickertape/uptime.installed" ]
check [ ! -L "$dir/.tickertape/uptime.before" ]
install --undo "$dir"
check [ "$(cat "$work/victim")" = precious ]
runs_as uptime theirs

if [ "$(id -u)" = 0 ]; then
    for folder in .tickertape 60 .; do
        test_case "A directory that is a link of somebody else is refused: $folder"
        mkdir "$work/elsewhere"
        if [ $folder = . ]; then
            mv "$dir" "$work/elsewhere/collectors"
        else
            rm -rf "${dir:?}/$folder"
        fi
        ln -s "$work/elsewhere$([ $folder != . ] || echo /collectors)" "$dir$([ $folder = . ] || echo "/$folder")"
        chown -h nobody "$dir$([ $folder = . ] || echo "/$folder")"
        refused 1 "is a symbolic link of 'nobody'" --from "$work/bin" "$dir"
    done
    test_case "A link of root is followed"
    mv "$dir" "$work/tcollector/enabled"
    ln -s enabled "$dir"
    install "$dir" sarcpu
    runs_as sarcpu "ours sarcpu"
fi

test_case "Unfinished files are removed"
install "$dir"
check [ -z "$(find "$dir" -name '.tickertape.*')" ]

test_case "A symbolic link is replaced, not its target, and restored as a link"
mv "$dir/0/uptime" "$work/elsewhere"
ln -s "$work/elsewhere" "$dir/0/uptime"
install "$dir" uptime
runs_as uptime "ours uptime"
check [ "$("$work/elsewhere")" = theirs ]
install --undo "$dir"
check [ "$(readlink "$dir/0/uptime")" = "$work/elsewhere" ]
said "touch the file it leads to"

test_case "tcollector's own collectors of that name are set aside, wherever they are, and come back"
printf '#!/usr/bin/env python\n' >"$work/tcollector/uptime.py"
ln -s ../../uptime.py "$dir/0/uptime.py"
printf 'other\n' >"$dir/60/uptime.py"
printf 'no business of ours\n' >"$dir/0/iostat.py"
before=$(content)
install --dry-run "$dir" uptime
check [ "$(content)" = "$before" ]
said "would set aside $dir/0/uptime.py"
install "$dir" uptime
install "$dir" uptime # again, with nothing to set aside
check [ ! -L "$dir/0/uptime.py" ]
check [ ! -e "$dir/60/uptime.py" ]
check [ -e "$dir/0/iostat.py" ]
runs_as uptime "ours uptime"
install --dry-run --undo "$dir"
said "would restore  $dir/60/uptime.py"
install --undo "$dir" uptime
said "restored  $dir/0/uptime.py"
check [ "$(content)" = "$before" ]
check [ "$(readlink "$dir/0/uptime.py")" = ../../uptime.py ]

test_case "A file that was set aside does not replace a file that somebody has put there since"
printf 'old\n' >"$dir/60/uptime.py"
install "$dir"
printf 'new\n' >"$dir/60/uptime.py"
refused 1 "'$dir/60/uptime.py' is there again" --undo "$dir"
install "$dir" # sets aside the new one
install --undo "$dir"
check [ "$(cat "$dir/60/uptime.py")" = new ]
mkdir "$dir/0/sarcpu.py" # which is no collector
install "$dir"
rm -r "$dir/60"
refused 1 "'$dir/60' is gone" --undo "$dir"

test_case "A file that somebody has changed since is not undone"
install "$dir"
echo "# changed" >>"$dir/0/uptime"
refused 1 "is not the installed file" --undo "$dir"
# … but an installation takes it for the original file
install "$dir" uptime
install --undo "$dir" uptime
check grep -q "# changed" "$dir/0/uptime"

test_case "Undo works after an interrupted installation"
before=$(content)
install "$dir"
printf '#!/bin/sh\necho theirs\n' >"$dir/0/uptime" # as if the rename had not happened
chmod 750 "$dir/0/uptime"
rm "$dir/0/sarcpu"
install --undo "$dir"
check [ "$(content)" = "$before" ]

test_case "A wrong command line is refused with a sentence"
refused 2 "DIR is missing" --from "$work/bin"
refused 2 "there is no flag '--und'" --und "$dir"
refused 2 "flags come before DIR: '--undo'" "$dir" --undo
refused 2 "'../x' is not a name of a collector" --from "$work/bin" "$dir" ../x
refused 2 "'' is not a name of a collector" --from "$work/bin" "$dir" ""
refused 2 "--from needs a folder" --from

test_case "A wrong place is refused with a sentence"
refused 1 "'$work/none' is not a directory" --from "$work/bin" "$work/none"
refused 1 "did you mean '$dir'?" --from "$work/bin" "$work/tcollector"
mkdir -p "$work/newer/collectors/enabled/0"
refused 1 "did you mean '$work/newer/collectors/enabled'?" --from "$work/bin" "$work/newer"
refused 1 "did you mean '$work/newer/collectors/enabled'?" --from "$work/bin" "$work/newer/collectors"
refused 1 "give the directory that it is in" --from "$work/bin" "$dir/0"
refused 1 "tcollector does not look for collectors there" --from "$work/bin" "$dir/lib"
refused 1 "there are no collectors in '$dir/etc'" --from "$dir/etc" "$dir"
refused 1 "'$work/none' is not a directory" --from "$work/none" "$dir"
refused 1 "nothing has been installed" --undo "$dir"

test_case "Nothing is done if one of several collectors cannot be installed"
refused 1 "there is no collector 'sarcpuu' in '$work/bin'; there are: sarcpu uptime" --from "$work/bin" "$dir" sarcpu sarcpuu
cp "$dir/0/ifstat" "$dir/60/uptime"
refused 1 "'$dir/60/uptime' has the same name" --from "$work/bin" "$dir"
rm "$dir/60/uptime" "$dir/0/uptime"
mkdir "$dir/0/uptime"
refused 1 "'$dir/0/uptime' is a directory" --from "$work/bin" "$dir"
refused 1 "'uptime' has not been installed" --undo "$dir" uptime

if [ "$(id -u)" -ne 0 ]; then
    test_case "A directory that is not ours is named with its owner"
    chmod a-w "$dir/0"
    refused 1 "run this as their owner, '$(id -un)'" --from "$work/bin" "$dir"
fi

[ $failures -eq 0 ] || exit 1
echo "all is well"
