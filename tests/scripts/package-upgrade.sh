#!/bin/sh
# SPDX-License-Identifier: MIT
# Upgrades and downgrades the .deb under a running agent whose spool holds points, because its target is away. Every point arrives, and
# after each step the service runs the program of the installed package. For root; ends with 77 where it cannot work.
#
# dpkg works in a copy of this machine's files (an overlay that leaves nothing behind). Where systemd-nspawn (Debian: systemd-container)
# is installed and works, a systemd runs there and starts the agent by its unit. Elsewhere, or with TICKERTAPE_SYSTEMD=no, a stand-in for
# systemctl does what the unit says (ExecStart, TimeoutStopSec). The stand-in leaves out Type=notify, the watchdog and the sandbox of the
# unit. The last line of the output names the one that ran.
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
server='' restarts='' nspawn='' init='' # init: the systemd of the copy, if it has one
end() {
    code=$?
    trap - EXIT
    [ -z "$nspawn" ] || stop_systemd
    agent=$(cat "$root/run/agent.pid" 2>/dev/null || true)
    for process in $server $agent; do kill -9 "$process" 2>/dev/null || true; done
    umount --recursive --lazy "$work/files" 2>/dev/null || true
    rm -rf --one-file-system "$work" # never this machine's /dev
    exit $code
}
trap end EXIT
trap 'exit 1' INT TERM
die() {
    echo "package-upgrade: $*" >&2
    service_log | tail -n 20 >&2
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
in_root() {
    set -- /usr/bin/env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
    if [ -n "$init" ]; then
        nsenter --target "$init" --mount --uts --ipc --pid --cgroup "$@"
    else
        chroot "$root" "$@"
    fi
}

mkdir "$work/files"
mount -t tmpfs -o size=1g tmpfs "$work/files"
mkdir "$root" "$work/files/upper" "$work/files/own"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/files/upper,workdir=$work/files/own" "$root" 2>/dev/null ||
    cannot "overlays are not allowed here"
in_root dpkg --purge tickertape-collectors >/dev/null 2>&1 || true
mkdir -p "$root/usr/local/sbin"
rm -f "$root/var/lib/man-db/auto-update" # a new index of all man pages would take most of the time

# Without the services of this machine.
start_systemd() {
    [ "${TICKERTAPE_SYSTEMD-}" != no ] || return 1
    command -v systemd-nspawn >/dev/null || return 1
    for service in systemd-networkd-wait-online NetworkManager-wait-online ifupdown-wait-online; do
        ln -sf /dev/null "$root/etc/systemd/system/$service.service" || return 1
    done
    systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --console=pipe --link-journal=no --resolv-conf=off \
        --timezone=off --boot -- --unit=sysinit.target </dev/null >"$work/console" 2>&1 &
    nspawn=$!
    for _ in $(seq 600); do
        init=$(tr -d ' ' <"/proc/$nspawn/task/$nspawn/children" 2>/dev/null) || init=''
        [ -z "$init" ] || ! in_root systemctl --quiet is-active sysinit.target 2>/dev/null || return 0
        kill -0 "$nspawn" 2>/dev/null || break
        sleep 0.1
    done
    echo "package-upgrade: systemd does not start here, so a stand-in is tried: $(tail -n 3 "$work/console")" >&2
    stop_systemd
    return 1
}
stop_systemd() { # which ends its units
    kill "$nspawn" 2>/dev/null || true
    for _ in $(seq 300); do
        kill -0 "$nspawn" 2>/dev/null || break
        sleep 0.1
    done
    for process in $init $nspawn; do kill -9 "$process" 2>/dev/null || true; done
    wait "$nspawn" 2>/dev/null || true
    nspawn='' init=''
}

# Both log the calls of systemctl by the scripts of the packages.
if start_systemd; then
    manager="systemd $(in_root systemctl --version | sed -n '1s/^systemd \([^ ]*\).*/\1/p')"
    cat >"$root/usr/local/sbin/systemctl" <<'END'
#!/bin/sh
[ -z "${DPKG_MAINTSCRIPT_NAME-}" ] || echo "systemctl $*" >>/var/log/asked
exec /bin/systemctl "$@"
END
    service_log() { in_root journalctl --boot --no-pager --output=cat --unit=tickertape-agent.service; }
    has_killed() { service_log | grep -q 'Killing'; }
    has_failed() {
        [ "$(in_root systemctl show --property=NRestarts --property=Result tickertape-agent.service | sort | tr '\n' ' ')" != \
            "NRestarts=0 Result=success " ]
    }
    restart_time() { # of the last restart
        in_root systemctl show --property=ActiveExitTimestampMonotonic --property=ActiveEnterTimestampMonotonic tickertape-agent.service |
            awk -F= '{ at[$1] = $2 } END { printf " %d ms", (at["ActiveEnterTimestampMonotonic"] - at["ActiveExitTimestampMonotonic"]) / 1000 }'
    }
else
    manager="a stand-in for systemd"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/run"
    mkdir -p "$root/run/systemd/system" "$root/run/tickertape" "$root/var/lib/tickertape"
    cat >"$root/usr/local/sbin/systemctl" <<'END'
#!/bin/sh
[ -z "${DPKG_MAINTSCRIPT_NAME-}" ] || echo "systemctl $*" >>/var/log/asked
unit=/usr/lib/systemd/system/tickertape-agent.service
start() {
    [ ! -e /run/agent.pid ] || ! kill -0 "$(cat /run/agent.pid)" || return 0
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
    echo "Killing $main" >>/var/log/agent
    kill -9 "$main"
}
case "$1 $*" in
start*tickertape-agent*) start ;;
try-restart*tickertape-agent*) stop && start ;;
stop*tickertape-agent*) stop || true ;;
disable*) exit 1 ;; # as for a unit without a file
show*MainPID*) cat /run/agent.pid 2>/dev/null || echo 0 ;;
esac
END
    service_log() { cat "$root/var/log/agent" 2>/dev/null; }
    has_killed() { service_log | grep -q '^Killing'; }
    has_failed() { false; } # a program that has ended is not active
    restart_time() { :; }
fi
chmod 755 "$root/usr/local/sbin/systemctl"

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

# A collector that notes the number of its last point, so that a missing number is a lost point.
mkdir -p "$root/opt/collectors/0" "$root/etc/tickertape" "$root/opt/said"
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
main_process() { in_root systemctl show --property=MainPID --value tickertape-agent.service; }
is_active() { # with the program that is installed
    in_root test "/proc/$(main_process)/exe" -ef /usr/bin/tickertape && ! has_failed
}
step() { # PACKAGE VERSION: installs it while points keep coming
    is_active || die "the agent has ended before $2"
    : >"$root/var/log/asked"
    in_root dpkg -i "/$1" >>"$work/dpkg" 2>&1 || die "$(cat "$work/dpkg")"
    [ "$(in_root dpkg-query -W -f '${Version}' tickertape-collectors)" = "$2" ] || die "$2 is not installed"
    is_active || die "the agent does not run the program of $2; the packages asked for: $(cat "$root/var/log/asked")"
    # With a stop instead, nothing would run while dpkg replaces the files.
    ! grep -q '^systemctl stop' "$root/var/log/asked" || die "the packages stopped the agent, instead of restarting it"
    restarts="$restarts$(restart_time)"
    before=$(said)
    wait_until "points come after $2" has_said $((before + 50))
    wait_until "they are in the spool" has_spooled $((before + 25))
    is_active || die "the agent of $2 has ended"
}

in_root dpkg -i /old.deb >"$work/dpkg" 2>&1 || cannot "the package cannot be installed here: $(tail -n 3 "$work/dpkg")"
in_root systemctl start tickertape-agent.service
wait_until "100 points have come" has_said 100
wait_until "they are in the spool" has_spooled 75
step new.deb "$new_version"
step old.deb "$old_version" # the downgrade
step new.deb "$new_version"

start_server "$port"
in_root dpkg --remove tickertape-collectors >>"$work/dpkg" 2>&1 || die "$(cat "$work/dpkg")"
[ "$(main_process)" = 0 ] || die "the agent still runs without its package"
! has_killed || die "the agent or its collector did not end in time"
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
echo "$old_version and $new_version, under $manager: all $last points arrived${restarts:+; the restarts took$restarts}"
