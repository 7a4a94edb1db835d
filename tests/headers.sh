#!/bin/bash
# Every header compiles alone, with both compilers.
#
# usage: FLAGS="..." headers.sh HEADER...
set -u

faults=0
for cc in gcc clang; do
	if ! command -v "$cc" >/dev/null; then
		echo "headers: no $cc here: not tried"
		continue
	fi
	for header; do
		# shellcheck disable=SC2086 # FLAGS are words
		echo "#include \"$header\"" |
			eval "$cc $FLAGS -Werror -fsyntax-only -x c -" || {
			echo "headers: $header does not stand alone ($cc)"
			faults=$((faults + 1))
		}
	done
done
[ "$faults" = 0 ] || exit 1
echo "headers: $# headers stand alone"
