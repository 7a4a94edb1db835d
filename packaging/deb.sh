#!/bin/bash
# The Debian packages, source and binary, from the tarball of `make dist`.
#
# usage: deb.sh VERSION TARBALL
#
# They are left beside the tarball.  DEB_BUILD_OPTIONS=nocheck builds without
# tests, as always, and here without what only they need, too (README.source).
# MULTI_BUFFER=no, which is make's word where there is no libipsec-mb-dev or it is
# not wanted, builds without that.
# The tree is unpacked as dpkg-source wants it: debian/ at the
# top, the tarball as *.orig.tar.gz.
set -euo pipefail

umask 022
version=$1
tarball=$(realpath "$2")
folder=$(dirname "$tarball")
tree=$folder/deb/litesafe-$version

needed=deb
case " ${DEB_BUILD_PROFILES:-} ${DEB_BUILD_OPTIONS:-} " in
*" nocheck "*)
	needed=deb-nocheck
	export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:-} nocheck"
	export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-} nocheck"
	;;
esac
[ "${MULTI_BUFFER:-yes}" = yes ] || export \
	DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:-} pkg.litesafe.nomultibuffer"
# With what brings it, which dpkg-buildpackage does not say.
"$(dirname "$0")/../tests/setup.sh" check $needed

rm -rf "$folder/deb" "$folder"/litesafe*_"$version"*
mkdir -p "$folder/deb"
tar -C "$folder/deb" -xf "$tarball"
cp "$tarball" "$folder/deb/litesafe_$version.orig.tar.gz"
cp -R "$tree/packaging/debian" "$tree/debian"

cd "$tree"
packaged=$(dpkg-parsechangelog -S Version)
[ "${packaged%-*}" = "$version" ] || {
	echo "deb.sh: packaging/debian/changelog is of $packaged," \
		"the Makefile of $version" >&2
	exit 1
}
# Who called this make must not reach the one inside.
env -u B -u KIND -u BUILD -u CI -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u TALLY \
	dpkg-buildpackage -us -uc
cd "$folder"
rm -rf "$tree"
mv deb/* .
rmdir deb
ls litesafe*_"$version"*
