#!/bin/sh
# SPDX-License-Identifier: MIT
# systemd finds nothing wrong with an instance of the unit template. usage: systemd-unit.sh FOLDER-OF-THE-TEMPLATE
# Exit code 77: there is no systemd-analyze here.
set -eu
command -v systemd-analyze >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The program is not installed here, and systemd would report that.
unit=$work/tickertape-collector@authfailures.service
sed 's,^ExecStart=.*,ExecStart=/bin/true,' "$1/tickertape-collector@.service" >"$unit"
mkdir "$unit.d"
cp "$1/authfailures.conf" "$unit.d"
said=$(SYSTEMD_UNIT_PATH=$work: systemd-analyze verify --man=no "$unit" 2>&1) || {
    echo "$said" >&2
    exit 1
}
case $said in *authfailures* | *tickertape*) # faults elsewhere are not ours
    echo "$said" >&2
    exit 1
    ;;
esac
agent=$work/tickertape-agent.service
sed 's,^ExecStart=.*,ExecStart=/bin/true,' "$1/tickertape-agent.service" >"$agent"
said=$(SYSTEMD_UNIT_PATH=$work: systemd-analyze verify --man=no "$agent" 2>&1) || {
    echo "$said" >&2
    exit 1
}
case $said in *tickertape-agent*)
    echo "$said" >&2
    exit 1
    ;;
esac
# From 0, safe, to 10.
exposure=$(systemd-analyze security --offline=true "$unit" | sed -n 's/.*exposure level.*: \([0-9]*\)\.[0-9].*/\1/p')
[ "$exposure" -le 2 ] || {
    echo "systemd calls its exposure $exposure" >&2
    exit 1
}
