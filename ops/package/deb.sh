#!/usr/bin/env bash
# Makes a Debian package of what was built.
#
#   ops/package/deb.sh BUILD OUT      BUILD: a build folder with fermata and fermatad; OUT: where the
#                                     package goes. Prints its path.
#
# Nothing but dpkg's own tools (package dpkg-dev) and binutils. The same sources and build give the
# same bytes: times in the package are those of the commit.
set -euo pipefail

readonly ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly PACKAGE=$ROOT/ops/package

die() { printf 'package: %s\n' "$*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: $0 BUILD OUT"
for tool in dpkg-deb dpkg-shlibdeps strip gzip; do
    command -v "$tool" >/dev/null || die "needs $tool (packages dpkg-dev, binutils)"
done
readonly BUILD=$(cd "$1" && pwd)
mkdir -p "$2"
readonly OUT=$(cd "$2" && pwd)
for program in fermata fermatad; do
    [ -x "$BUILD/$program" ] || die "$BUILD/$program is not there: make build first"
done

# 0.1.0+20260104.0123456789ab: later commits are newer versions.
commit=$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH=$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH
number=$(sed -n 's/^project(fermata VERSION \([0-9.]*\).*/\1/p' "$ROOT/CMakeLists.txt")
readonly VERSION=$number+$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$commit
readonly ARCHITECTURE=$(dpkg --print-architecture)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readonly STAGE=$work/stage
umask 022

put() { install -D -m "$1" "$2" "$STAGE/$3"; }

for program in fermata fermatad; do
    put 755 "$BUILD/$program" "usr/bin/$program"
    strip --strip-unneeded "$STAGE/usr/bin/$program"
done
for unit in "$ROOT"/systemd/*.service "$ROOT"/systemd/*.timer; do
    put 644 "$unit" "lib/systemd/system/$(basename "$unit")"
done
put 644 "$ROOT/systemd/fermata.sysusers" usr/lib/sysusers.d/fermata.conf
put 644 "$ROOT/systemd/fermata.tmpfiles" usr/lib/tmpfiles.d/fermata.conf
put 755 "$ROOT/systemd/journal-nightly.sh" usr/lib/fermata/journal-nightly
put 644 "$ROOT/systemd/cores.conf" usr/share/doc/fermata/examples/cores.conf
put 640 "$ROOT/systemd/retention.conf" etc/fermata/retention.conf
put 640 "$ROOT/config/paper.yaml" etc/fermata/paper.yaml
[ ! -e "$ROOT/config/venue.yaml" ] || put 640 "$ROOT/config/venue.yaml" etc/fermata/venue.yaml
for page in "$ROOT"/docs/*.md; do put 644 "$page" "usr/share/doc/fermata/$(basename "$page")"; done
mkdir -p "$STAGE/usr/share/man/man1" "$STAGE/usr/share/man/man8" "$STAGE/usr/share/bash-completion/completions"
"$BUILD/fermata" man | gzip -9n >"$STAGE/usr/share/man/man1/fermata.1.gz"
gzip -9nc "$PACKAGE/fermatad.8" >"$STAGE/usr/share/man/man8/fermatad.8.gz"
"$BUILD/fermata" completion bash >"$STAGE/usr/share/bash-completion/completions/fermata"
mkdir -p "$STAGE/usr/share/zsh/vendor-completions" "$STAGE/usr/share/fish/vendor_completions.d"
"$BUILD/fermata" completion zsh >"$STAGE/usr/share/zsh/vendor-completions/_fermata"
"$BUILD/fermata" completion fish >"$STAGE/usr/share/fish/vendor_completions.d/fermata.fish"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: fermata\n\nFiles: *\n'
    sed -n 's/^Copyright/Copyright:/p' "$ROOT/LICENSE" | head -n 1
    printf 'License: %s\n' "$(sed -n '1{s/ .*//;p}' "$ROOT/LICENSE")"
    sed 's/^$/./; s/^/ /' "$ROOT/LICENSE"
} >"$STAGE/usr/share/doc/fermata/copyright"
{
    printf 'fermata (%s) stable; urgency=medium\n\n  * Built from commit %s.\n\n' "$VERSION" "$commit"
    printf ' -- Fermata <root@localhost>  %s\n' "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$STAGE/usr/share/doc/fermata/changelog.gz"

# What the programs link against, in Debian's names and versions.
mkdir -p "$work/debian"
printf 'Source: fermata\n\nPackage: fermata\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O "$STAGE/usr/bin/fermata" "$STAGE/usr/bin/fermatad" 2>"$work/shlibdeps.log") ||
    { cat "$work/shlibdeps.log" >&2; die "dpkg-shlibdeps failed"; }
depends=${depends#shlibs:Depends=}

mkdir -p "$STAGE/DEBIAN"
cat >"$STAGE/DEBIAN/control" <<CONTROL
Package: fermata
Version: $VERSION
Architecture: $ARCHITECTURE
Maintainer: Fermata <root@localhost>
Section: misc
Priority: optional
Installed-Size: $(du -k -s --exclude=DEBIAN "$STAGE" | cut -f 1)
Depends: $depends, systemd (>= 252), tzdata
Suggests: postgresql
Description: event-driven trading daemon
 Fermata runs strategies over history and on the machine's clock through the
 same pipeline: simulated or FIX venues, a risk gate in front of every order,
 a journal from which every run can be done again, and a kill switch.
 .
 Nothing is started before /etc/fermata/fermatad.yaml is there and
 fermatad.service is enabled.
CONTROL
(cd "$STAGE" && find etc -type f | sort | sed 's|^|/|') >"$STAGE/DEBIAN/conffiles"
(cd "$STAGE" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$STAGE/DEBIAN/md5sums"
for script in postinst prerm postrm; do install -m 755 "$PACKAGE/$script" "$STAGE/DEBIAN/$script"; done
find "$STAGE" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

readonly FILE=$OUT/fermata_${VERSION}_$ARCHITECTURE.deb
dpkg-deb --root-owner-group -Zxz -z3 --build "$STAGE" "$FILE" >/dev/null
printf '%s\n' "$FILE"
