#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the packages and looks into them. usage: package.sh SOURCE FOLDER, where they are made; takes a minute or two.
set -eu
source=$1 out=$2
failures=0
complain() {
    echo "package: $*" >&2
    failures=$((failures + 1))
}
"$source/scripts/package" "$out"
cd "$out"
sha256sum --quiet --check SHA256SUMS || complain "the checksums are wrong"
[ "$(ls -- *.deb *.tar.gz | wc -l)" -eq "$(wc -l <SHA256SUMS)" ] || complain "not all has a checksum"

rm -rf unpacked
mkdir unpacked
for package in collectors dev; do
    deb=$(ls tickertape-${package}_*.deb)
    dpkg-deb -x "$deb" unpacked/$package
    dpkg-deb -c "$deb" | while read -r _ owner _ _ _ path _; do
        [ "$owner" = root/root ] || echo "$deb: $path belongs to $owner"
        case $path in ./ | ./usr/*) ;; *) echo "$deb: $path is not below /usr" ;; esac
    done >wrong
    [ ! -s wrong ] || complain "$(cat wrong)"
    rm wrong
    [ -s "unpacked/$package/usr/share/doc/tickertape-$package/copyright" ] || complain "$deb has no copyright"
    "$source/scripts/links" "unpacked/$package/usr/share/doc/tickertape-$package" || complain "$deb: links in the docs lead nowhere"
    dpkg-deb -e "$deb" unpacked/$package.control
    (cd unpacked/$package && md5sum --quiet --check "../$package.control/md5sums") || complain "$deb: wrong md5sums"
done
mkdir unpacked/portable
tar -C unpacked/portable -xzf ./*.tar.gz --strip-components 1

# Each program, in both packages, needs only the C library of Debian 12 or an older one; `tickertape` of the .deb also needs the
# system's OpenSSL and zlib.
commit=$(git -C "$source" rev-parse --short=12 HEAD 2>/dev/null || true)
for file in "$source"/collectors/*.cpp tickertape; do
    name=$(basename "$file" .cpp)
    both="unpacked/collectors/usr/lib/tickertape/collectors/$name unpacked/portable/collectors/$name"
    [ "$name" != tickertape ] || both="unpacked/collectors/usr/bin/$name unpacked/portable/$name"
    for program in $both; do
        case $("$program" --version) in *"$commit"*) ;; *) complain "$program --version does not name $commit" ;; esac
        others=$(objdump -p "$program" | awk '$1 == "NEEDED" && $2 !~ /^(libc\.so\.6|libm\.so\.6|ld-linux.*)$/ { print $2 }')
        case $program in
        */usr/bin/tickertape) [ "$(echo "$others" | sed 's/\.so.*//' | sort | tr '\n' ' ')" = "libcrypto libssl libz " ] ;;
        *) [ -z "$others" ] ;;
        esac || complain "$program needs $others"
        glibc=$(objdump -T "$program" | sed -n 's/.*(GLIBC_\([0-9.]*\)).*/\1/p' | sort -Vu | tail -n 1)
        echo "$program needs glibc $glibc, for" \
            "$(objdump -T "$program" | sed -n "s/.*(GLIBC_$glibc) *//p" | sort -u | tr '\n' ' ')"
        if [ "$(. /etc/os-release && echo "${ID-}${VERSION_ID-}")" = debian12 ] &&
            [ "$(printf '%s\n2.36\n' "$glibc" | sort -V | tail -n 1)" != 2.36 ]; then
            complain "$program needs glibc $glibc, and Debian 12 has 2.36"
        fi
        depends=$(sed -n 's/^Depends: libc6 (>= \([^)]*\)).*/\1/p' unpacked/collectors.control/control)
        [ "$(printf '%s\n%s\n' "$glibc" "$depends" | sort -V | tail -n 1)" = "$depends" ] ||
            complain "$program needs glibc $glibc, and the package asks for $depends"
    done
done

grep '^Depends:.*, libssl3[a-z0-9]* (>= 3\.' unpacked/collectors.control/control | grep -q ', zlib1g (>= ' ||
    complain "the package does not ask for OpenSSL and zlib: $(grep ^Depends unpacked/collectors.control/control)"

[ -n "$(unpacked/portable/collectors/uptime --once)" ] || complain "the portable uptime does not run"

# The script that installs the collectors into tcollector finds them in its own folder.
for script in unpacked/portable/install-collectors unpacked/collectors/usr/bin/tickertape-install-collectors; do
    rm -rf unpacked/tcollector
    mkdir -p unpacked/tcollector/0
    "$script" unpacked/tcollector >/dev/null
    [ "$(ls unpacked/tcollector/0)" = "$(ls unpacked/portable/collectors)" ] || complain "$script does not install all"
done
for page in man1/tickertape.1 man1/tickertape-push.1 man5/tickertape.conf.5 man5/tickertape-put-lines.5 man8/tickertape-uptime.8; do
    zcat "unpacked/collectors/usr/share/man/$page.gz" | grep -q '^\.TH ' || complain "the package has no $page"
    [ -s "unpacked/portable/share/man/$page" ] || complain "the archive has no $page"
done
[ -s unpacked/collectors/usr/share/bash-completion/completions/sarcpu ] || complain "the package has no completion for bash"
[ -s unpacked/collectors/usr/share/zsh/vendor-completions/_tickertape ] || complain "the package has no completion for zsh"
command -v lintian >/dev/null || complain "lintian is not installed (scripts/setup --package), so scripts/package did not run it"
unit=unpacked/collectors/usr/lib/systemd/system/tickertape-collector@.service
[ -x "unpacked/collectors/$(sed -n 's,^ExecStart=/\(.*\)%i,\1uptime,p' $unit)" ] || complain "the unit starts nothing"

for file in alerts.yml bosun.conf dashboard.json; do
    [ -s "unpacked/collectors/usr/share/tickertape/monitoring/$file" ] || complain "the package has no $file"
    [ -s "unpacked/portable/monitoring/$file" ] || complain "the archive has no $file"
done

# The SDK, moved to another folder.
PKG_CONFIG_PATH=$(dirname "$(find "$PWD/unpacked/dev" -name tickertape.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # options
c++ -std=c++20 "$source/tests/consumer/counts.cpp" -o unpacked/counts $(pkg-config --cflags --libs tickertape-testkit)
[ "$(unpacked/counts)" = "shop.requests 1700000000 3" ] || complain "the SDK of the package does not work"

[ $failures -eq 0 ] || exit 1
rm -rf unpacked
