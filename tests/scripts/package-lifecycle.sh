#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs, upgrades and removes the packages, and checks that no trace remains. For root, on a machine that may be changed (a
# container, a chroot); not part of the test suite. usage: package-lifecycle.sh --on-this-machine FOLDER-OF-THE-PACKAGES
set -eu
if [ "${1-}" != --on-this-machine ] || [ $# -ne 2 ]; then
    echo "usage: package-lifecycle.sh --on-this-machine FOLDER-OF-THE-PACKAGES" >&2
    exit 2
fi
cd "$2"
deb=$(readlink -f tickertape-collectors_*.deb)
dev=$(readlink -f tickertape-dev_*.deb)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints all files with their sizes and modes, without dpkg's own records and files that change by themselves.
files() {
    find / -xdev \( -path "$work" -o -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run \
        -o -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path "$PWD" \) -prune \
        -o -printf '%p %m %u %l ' \( -type f -printf '%s\n' -o -printf '\n' \) | LC_ALL=C sort
}
has() { dpkg-query -W -f '${Status} ${Version}' "$1"; }

files >"$work/before"
dpkg -i "$deb"
dpkg -i "$deb"
[ "$(/usr/lib/tickertape/collectors/uptime --once | wc -l)" -gt 0 ]
[ "$(tickertape --version | wc -l)" -eq 1 ]
tickertape-install-collectors --help >/dev/null

echo "== upgrade, to a version without sarcpu"
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^Version: .*/&.1/' "$work/next/DEBIAN/control"
rm "$work/next/usr/lib/tickertape/collectors/sarcpu"
sed -i '/collectors\/sarcpu$/d' "$work/next/DEBIAN/md5sums"
dpkg-deb --root-owner-group -b "$work/next" "$work/next.deb"
dpkg -i "$work/next.deb"
has tickertape-collectors
[ ! -e /usr/lib/tickertape/collectors/sarcpu ]
dpkg --verify tickertape-collectors

echo "== an enabled instance goes with the package"
if command -v systemctl >/dev/null; then
    systemctl enable tickertape-collector@uptime.service
fi

echo "== removal"
dpkg -r tickertape-collectors
files >"$work/after"
diff "$work/before" "$work/after"
dpkg -i "$deb"
dpkg -P tickertape-collectors
dpkg -i --force-depends "$dev"
dpkg -i --force-depends "$dev"
dpkg -P tickertape-dev
files >"$work/after"
diff "$work/before" "$work/after"
! dpkg-query -W tickertape-collectors tickertape-dev 2>/dev/null
echo "no trace is left"
