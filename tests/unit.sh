#!/bin/bash
# Runs unit-test programs and adds up what they say.
#
# usage: unit.sh PROGRAM...
#
# Ends with "unit tests: N passed, N failed"; the status is 1 if any failed.
# With TALLY=FILE the numbers are also appended there, for .ci/run.
#
# Criterion does not see memory that a test leaks: LeakSanitizer speaks when
# the test's process ends, after its result was told.  So its words go to
# files, and a file that is there is a failure.
set -u

logs=$(mktemp -d)
# Not below $TMPDIR: a database's path must not be long.
UNIT_FOLDER=$(mktemp -d /tmp/litesafe-unit-XXXXXX)
export UNIT_FOLDER
trap 'rm -rf "$logs" "$UNIT_FOLDER"' EXIT
trap 'exit 1' HUP INT TERM
chmod 777 "$logs" "$UNIT_FOLDER" # some tests become other users
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:log_path=$logs/sanitizer"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-}:print_stacktrace=1"
passed=0
failed=0

for program; do
	echo "-- ${program##*/}"
	# Criterion's own limit is not always kept.
	timeout -k 10 600 "$program" --timeout 120 >"$logs/out" 2>&1
	status=$?
	cat "$logs/out"

	summary=$(sed 's/\x1b\[[0-9;]*m//g' "$logs/out" |
		grep -o 'Synthesis: Tested: .*')
	# Tested: 8 | Passing: 8 | Failing: 0 | Crashing: 0
	read -r tested passing < <(echo "$summary" |
		sed -nE 's/.*Tested: ([0-9]+) \| Passing: ([0-9]+).*/\1 \2/p')
	tested=${tested:-0} passing=${passing:-0}
	bad=$((tested - passing))
	if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
		echo "${program##*/}: ended with status $status"
		bad=1
	fi
	for log in "$logs"/sanitizer.*; do
		[ -f "$log" ] || continue
		cat "$log"
		rm "$log"
		bad=$((bad + 1))
	done
	passed=$((passed + passing))
	failed=$((failed + bad))
	unset tested passing
done

echo "unit tests: $passed passed, $failed failed"
[ -z "${TALLY:-}" ] || echo "$passed $failed 0" >>"$TALLY"
[ "$failed" = 0 ]
