#!/bin/bash
# Which lines the tests ran, by gcov: a table of all sources, worst first.
#
# usage: cover.sh BUILD-FOLDER ROOM...
set -eu

build=$1
shift
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gcov=gcov
case $(${CC:-gcc} --version | head -1) in
*clang*) gcov='llvm-cov gcov' ;;
esac

for room; do
	for data in "$build/$room"/*.gcda; do
		[ -f "$data" ] || continue
		(cd "$work" && $gcov -n -s "$root" "$root/$data") || true
	done
done 2>/dev/null | awk -F"[':%]" '
	/^File/ { file = $2 }
	/^Lines executed/ && file ~ /^[a-z]+\/[a-z0-9_]+\.c$/ {
		split($0, part, " of ")
		printf "%6.1f %%  %5d lines  %s\n", $2, part[2], file
		all += part[2]; ran += part[2] * $2 / 100
		file = ""
	}
	END {
		if (all)
			printf "%6.1f %%  %5d lines  all\n", 100 * ran / all, all
	}' | sort -u | sort -n
