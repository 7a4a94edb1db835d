#!/bin/bash
# The tarball of the sources: the same bytes from every clone of a commit,
# whatever its folder, its umask, the time, and who makes it.
#
# usage: dist.sh VERSION TARBALL
#
# In it are the files that git tracks, as they are in the folder now; without
# git (not installed, or in an unpacked tarball), all files but build/.  Their time is
# SOURCE_DATE_EPOCH, else the last commit's, else that of the newest file.
set -euo pipefail
export LC_ALL=C TZ=UTC

version=$1 tarball=$2
cd "$(dirname "$0")/.."

# Of this folder, not of a repository that it lies in.
tracked() {
	[ -e .git ] && command -v git >/dev/null && git rev-parse --git-dir >/dev/null
}

files() {
	if tracked; then
		git ls-files -z
	else
		find . -path ./build -prune -o -path ./debian -prune \
			-o -path ./.git -prune \
			-o -path ./.pc -prune -o ! -type d -printf '%P\0'
	fi | sort -z
}

epoch() {
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	elif tracked; then
		git log -1 --format=%ct
	else
		files | xargs -0 stat -c %Y | sort -n | tail -1
	fi
}

mkdir -p "$(dirname "$tarball")"
# SH: what links point to stays.  -n: gzip keeps neither name nor time.
files | tar --create --no-recursion --format=ustar --sort=none --mtime="@$(epoch)" --owner=0 --group=0 --numeric-owner \
	--mode=u=rwX,go=rX --transform="s,^,litesafe-$version/,SH" \
	--null --files-from=- |
	gzip -9n >"$tarball.part"
mv "$tarball.part" "$tarball"
echo "$tarball"
