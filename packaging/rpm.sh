#!/bin/bash
# The RPM packages, source and binary, from the tarball of `make dist`.
#
# usage: rpm.sh VERSION TARBALL
#
# They are left beside the tarball.  Where rpm knows nothing of the packages that
# are installed (it is Debian's), the BuildRequires, which have Fedora's names,
# are not asked for.  MULTI_BUFFER=no, which is make's word where that library is
# not there or not wanted, builds without it.
set -euo pipefail

umask 022
version=$1
tarball=$(realpath "$2")
folder=$(dirname "$tarball")
spec=$(realpath "$(dirname "$0")")/rpm/litesafe.spec

grep -qx "Version: *$version" "$spec" || {
	echo "rpm.sh: packaging/rpm/litesafe.spec is not of version $version" >&2
	exit 1
}
nodeps=()
rpm -q --quiet rpm 2>/dev/null || {
	nodeps=(--nodeps)
	echo "rpm.sh: this is no system of rpm packages:" \
		"the BuildRequires are not checked"
}
without=()
[ "${MULTI_BUFFER:-yes}" = yes ] || without=(--without multi_buffer)
rm -rf "$folder/rpm"
mkdir -p "$folder/rpm"
# Who called this make must not reach the one inside.
env -u B -u KIND -u BUILD -u CI -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u TALLY \
	rpmbuild -ba "${nodeps[@]}" "${without[@]}" --define "_topdir $folder/rpm" \
	--define "_sourcedir $folder" "$spec"
rm -f "$folder"/litesafe*.rpm
mv "$folder"/rpm/SRPMS/*.rpm "$folder"/rpm/RPMS/*/*.rpm "$folder"
rm -rf "$folder/rpm"
ls "$folder"/litesafe*.rpm
