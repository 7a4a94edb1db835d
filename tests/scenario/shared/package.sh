# What the scenarios of packages share.  Sourced by them.
#
# shellcheck shell=bash disable=SC2154,SC2034

top=$(cd "$here/../.." && pwd)
packages=$top/build/packages

# quietly WHAT COMMAND...: its output is shown only when it fails.
quietly() {
	local what=$1
	shift
	"$@" >"$LOGS/quiet" 2>&1 </dev/null || {
		tail -20 "$LOGS/quiet" | cut -c 1-200
		fail "$what"
	}
}

need_tools() {
	local each
	for each; do
		command -v "$each" >/dev/null || skip "needs $each"
	done
}

# clone FOLDER: of what is committed here.
clone() {
	need_tools git
	git -c safe.directory='*' clone -q "$top" "$1" 2>/dev/null ||
		skip "the sources are no clone of git"
}

make_in() {
	local folder=$1
	shift
	env -u B -u BUILD -u KIND -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u TALLY \
		make -C "$folder" "$@"
}
