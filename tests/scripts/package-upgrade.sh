#!/bin/sh
# SPDX-License-Identifier: MIT
# Upgrades and downgrades the .deb under a running agent whose spool holds points, because its target is away. Every point arrives, and
# after each step the service runs the program of the installed package. For root; ends with 77 where it cannot work.
#
# dpkg works in a copy of this machine's files (an overlay that leaves nothing behind). systemd does not run there: a stand-in for
# systemctl does what the unit says (ExecStart, TimeoutStopSec). So the test leaves out systemd's own restart, Type=notify and the sandbox of the unit.
#
# usage: package-upgrade.sh OLD.deb NEW.deb FAKE-TSD     two versions of tickertape-collectors
#        package-upgrade.sh PACKAGE.deb FAKE-TSD         the new version has the same files and a higher number
set -eu
case $# in
2) old=$1 new='' fake_tsd=$2 ;;
3) old=$1 new=$2 fake_tsd=$3 ;;
*)
    echo "usage: package-upgrade.sh OLD.deb [NEW.deb] FAKE-TSD" >&2
    exit 2
    ;;
esac
cannot() {
    echo "package-upgrade: skipped: $*" >&2
    exit 77
}
if [ "${TICKERTAPE_UNSHARED-}" != yes ]; then
    [ "$(id -u)" -eq 0 ] || cannot "it needs root"
    command -v dpkg >/dev/null || cannot "there is no dpkg"
    unshare --mount true 2>/dev/null || cannot "mounts of its own are not allowed here"
    TICKERTAPE_UNSHARED=yes exec unshare --mount --propagation private "$0" "$@"
fi

work=$(mktemp -d)
root=$work/files/root
server=''
end() {
    code=$?
    agent=$(cat "$root/run/agent.pid" 2>/dev/null || true)
    for process in $server $agent; do kill -9 "$process" 2>/dev/null || true; done
    umount --recursive "$root" 2>/dev/null || true
    umount "$work/files" 2>/dev/null || true
    rm -rf "$work"
    exit $code
}
trap end EXIT
trap 'exit 1' INT TERM
die() {
    echo "package-upgrade: $*" >&2
    tail -n 20 "$root/var/log/agent" >&2 2>/dev/null || true
    exit 1
}
wait_until() { # WHAT COMMAND...: for a minute or two
    what=$1
    shift
    for _ in $(seq 1200); do
        "$@" && return
        sleep 0.1
    done
    die "waited in vain until $what"
}

mkdir "$work/files"
mount -t tmpfs -o size=1g tmpfs "$work/files"
mkdir "$root" "$work/files/upper" "$work/files/own"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/files/upper,workdir=$work/files/own" "$root" 2>/dev/null ||
    cannot "overlays are not allowed here"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/run/systemd/system" "$root/run/tickertape" # so the scripts of the package talk to systemctl
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
in_root dpkg --purge tickertape-collectors >/dev/null 2>&1 || true

cp "$old" "$root/old.deb"
if [ -n "$new" ]; then
    cp "$new" "$root/new.deb"
else
    dpkg-deb -R "$old" "$work/next"
    sed -i 's/^Version: .*/&.1/' "$work/next/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/next" "$root/new.deb" >/dev/null
fi
old_version=$(dpkg-deb -f "$root/old.deb" Version) new_version=$(dpkg-deb -f "$root/new.deb" Version)
dpkg --compare-versions "$old_version" lt "$new_version" || die "$new_version is not newer than $old_version"

# The stand-in for systemctl knows one unit.
cat >"$root/usr/bin/systemctl" <<'END'
#!/bin/sh
unit=/usr/lib/systemd/system/tickertape-agent.service
echo "systemctl $*" >>/var/log/systemctl
start() {
    $(sed -n 's/^ExecStart=//p' "$unit") >/dev/null 2>>/var/log/agent </dev/null &
    echo $! >/run/agent.pid
}
stop() {
    [ -e /run/agent.pid ] || return 1
    main=$(cat /run/agent.pid)
    rm /run/agent.pid
    kill "$main" || return 1
    for _ in $(seq "$(sed -n 's/^TimeoutStopSec=//p' "$unit")0"); do
        kill -0 "$main" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "tickertape-agent had to be killed" >>/var/log/systemctl
    kill -9 "$main"
}
case "$1 $*" in
start*tickertape-agent*) start ;;
try-restart*tickertape-agent*) stop && start ;;
stop*tickertape-agent*) stop || true ;;
esac
END
chmod 755 "$root/usr/bin/systemctl"

# A collector that notes the number of its last point, so that a missing number is a lost point.
mkdir -p "$root/opt/collectors/0" "$root/etc/tickertape" "$root/var/lib/tickertape" "$root/opt/said"
cat >"$root/opt/collectors/0/numbers" <<'END'
#!/bin/sh
said=/opt/said/last
i=$(cat $said 2>/dev/null || echo 0)
go_on=yes
trap 'go_on=no' TERM
while [ $go_on = yes ]; do
    i=$((i + 1))
    echo "upgrade.m $((1700000000 + i)) $i"
    echo $i >$said.new
    mv $said.new $said
    sleep 0.02
done
END
chmod 755 "$root/opt/collectors/0/numbers"
start_server() { # [PORT]
    "$fake_tsd" --print ${1:+--port "$1"} >>"$work/received" 2>"$work/address" &
    server=$!
    wait_until "the fake TSD listens" grep -qE '127\.0\.0\.1:[0-9]+' "$work/address" "$work/received"
    port=$(cat "$work/address" "$work/received" | sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' | head -n 1)
}
start_server
kill "$server"
wait "$server" || true
server='' # now nobody listens there
cat >"$root/etc/tickertape/agent.conf" <<END
collector-dir = /opt/collectors
target = 127.0.0.1:$port
spool = /var/lib/tickertape/agent
host-tag = h
self-metrics = 0
END

said() { cat "$root/opt/said/last" 2>/dev/null || echo 0; }
has_said() { [ "$(said)" -ge "$1" ]; }
waiting() { # how many points wait in the spool
    in_root tickertape spool /var/lib/tickertape/agent 2>/dev/null | sed -n 's/.* \([0-9][0-9]*\) points wait.*/\1/p'
}
has_spooled() { [ "$(waiting)" -ge "$1" ] 2>/dev/null; }
is_active() { # with the program that is installed
    process=$(cat "$root/run/agent.pid" 2>/dev/null) && kill -0 "$process" 2>/dev/null &&
        [ "$(stat -Lc %i "/proc/$process/exe")" = "$(stat -c %i "$root/usr/bin/tickertape")" ]
}
step() { # PACKAGE VERSION: installs it while points keep coming
    in_root dpkg -i "/$1" >>"$work/dpkg" 2>&1 || die "$(cat "$work/dpkg")"
    [ "$(in_root dpkg-query -W -f '${Version}' tickertape-collectors)" = "$2" ] || die "$2 is not installed"
    is_active || die "the agent does not run the program of $2: $(cat "$root/var/log/systemctl")"
    before=$(said)
    wait_until "points come after $2" has_said $((before + 50))
    wait_until "they are in the spool" has_spooled $((before + 25))
    is_active || die "the agent of $2 has ended"
}

in_root dpkg -i /old.deb >"$work/dpkg" 2>&1 || cannot "the package cannot be installed here: $(tail -n 3 "$work/dpkg")"
in_root systemctl start tickertape-agent.service
wait_until "100 points have come" has_said 100
wait_until "they are in the spool" has_spooled 75
is_active || die "the agent does not run"
step new.deb "$new_version"
step old.deb "$old_version" # the downgrade
step new.deb "$new_version"
grep -q 'had to be killed' "$root/var/log/systemctl" && die "the agent did not end in time"

start_server "$port"
in_root dpkg --remove tickertape-collectors >>"$work/dpkg" 2>&1 || die "$(cat "$work/dpkg")"
[ ! -e "$root/run/agent.pid" ] || die "the agent still runs without its package"
# The next agent sends the points that the last one could not send in its time.
in_root dpkg -i /new.deb >>"$work/dpkg" 2>&1
in_root sh -c 'sed -i "s/^collector-dir.*/collector-dir = \/opt\/none/" /etc/tickertape/agent.conf; mkdir -p /opt/none/0'
in_root systemctl start tickertape-agent.service
last=$(said)
has_all() {
    sed -n 's/^put upgrade\.m [0-9]* \([0-9]*\) .*/\1/p' "$work/received" | sort -nu >"$work/arrived"
    [ "$(wc -l <"$work/arrived")" -ge "$last" ]
}
wait_until "all $last points have arrived" has_all
seq "$last" | cmp - "$work/arrived" || die "other points arrived"
echo "$old_version and $new_version: all $last points arrived"
