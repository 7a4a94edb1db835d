#!/bin/bash
# What other programs find in the sources without running them.
#
# usage: FLAGS="..." lint.sh SOURCE.c... -- SCRIPT...
#
# A program that is not installed is named and passed over; .ci/run installs
# them all.
set -u

faults=0
sources=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	sources+=("$1")
	shift
done
shift

# with PROGRAM ARGUMENT...: a fault when it finds something.
with() {
	if ! command -v "$1" >/dev/null; then
		echo "lint: no $1 here: not tried"
		return
	fi
	echo "lint: $1"
	"$@" || faults=$((faults + 1))
}

with shellcheck -x -e SC2015 "$@"
# take_ptr() is more than cppcheck understands: not its word on leaks.
with cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	--enable=warning,performance,portability -I. -D_GNU_SOURCE \
	--suppress=missingIncludeSystem --suppress=memleak \
	--suppress=internalAstError "${sources[@]}"

# shellcheck disable=SC2086 # FLAGS are words
with clang-tidy --quiet "${sources[@]}" -- $FLAGS '-DLITESAFE_VERSION="lint"'

manuals=(packaging/man/*.[1-9])
if [ -f "${manuals[0]}" ]; then
	with mandoc -Tlint -Wwarning "${manuals[@]}"
fi

# An AUTO variable that has no value yet would be cleaned up as garbage.
if grep -nE 'AUTO\([a-z_0-9]+\)[^=]*;' "${sources[@]}"; then
	echo "lint: AUTO() without a value in the same statement"
	faults=$((faults + 1))
fi

# gcc follows paths from function to function.  What it does not know is that
# a cleanup attribute frees, and that a function that failed said so.
if command -v gcc >/dev/null; then
	echo "lint: gcc -fanalyzer"
	for source in "${sources[@]}"; do
		# shellcheck disable=SC2086 # FLAGS are words
		gcc $FLAGS '-DLITESAFE_VERSION="lint"' -O1 -fanalyzer -Werror \
			-Wno-analyzer-use-of-uninitialized-value \
			-Wno-analyzer-malloc-leak -Wno-analyzer-null-argument \
			-o /dev/null -c "$source" || faults=$((faults + 1))
	done
fi

[ "$faults" = 0 ] || exit 1
echo "lint: nothing found"
