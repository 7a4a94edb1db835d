#!/bin/bash
# Runs scenarios against the real program and counts.
#
# usage: run.sh [NAME[:SCENARIO]]...
#
# NAME is a file NAME.sh here or in long/; without any, all files here run.
# B is the build folder that has litesafe and support/.  Ends with
# "scenarios: N passed, N failed, N skipped"; the status is 1 if any failed.
# With TALLY=FILE the numbers are also appended there, for .ci/run.
set -u

here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C
export TZ=UTC
# Whatever this machine's is.
export LITESAFE_CONFIG=/dev/null
umask 022

# One scenario, in a folder and a process of its own.
run_one() {
	local file=$1 name=$2
	room=$(mktemp -d "${TMPDIR:-/tmp}/litesafe-scenario.XXXXXX")
	chmod 755 "$room"
	LOGS=$room/logs
	mkdir "$LOGS" "$room/work"
	# shellcheck source=tests/scenario/lib.sh
	. "$here/lib.sh"
	# shellcheck disable=SC1090
	. "$file"
	trap 'tidy; rm -rf "$room"' EXIT
	cd "$room/work" || exit 1
	set -e
	"scenario_$name"
}

if [ "${1:-}" = --one ]; then
	run_one "$2" "$3"
	exit
fi

B=$(cd "${B:-build/release}" && pwd)
export LITESAFE=${LITESAFE:-$B/litesafe}
export SUPPORT=$B/support
[ -x "$LITESAFE" ] || {
	echo "run.sh: no program '$LITESAFE'; run make first" >&2
	exit 1
}

passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

# tell RESULT NAME SECONDS
tell() {
	printf '  %-7s %-50s %5s s\n' "$1" "$2" "$3"
}

run_scenario() {
	local file=$1 name=$2 label begin end status
	label=$(basename "$file" .sh):$name
	begin=$(date +%s%N)
	timeout -k 10 "${SCENARIO_SECONDS:-900}" \
		bash "$here/run.sh" --one "$file" "$name" >"$log" 2>&1 </dev/null
	status=$?
	end=$(date +%s%N)
	local took=$(((end - begin) / 100000000))
	took=$((took / 10)).$((took % 10))
	case $status in
	0)
		passed=$((passed + 1))
		tell ok "$label" $took
		sed -n 's/^MEASURED: /          /p' "$log"
		;;
	77)
		skipped=$((skipped + 1))
		tell skipped "$label" $took
		sed -n 's/^SKIPPED: /          /p' "$log"
		;;
	*)
		failed=$((failed + 1))
		tell FAILED "$label" $took
		[ $status != 124 ] || echo "          it took too long"
		sed 's/^/          /' "$log"
		;;
	esac
}

# The scenarios of a file, in the order in which they stand there.
scenarios_of() {
	sed -nE 's/^scenario_([a-z0-9_]+)\(\).*/\1/p' "$1"
}

run_file() {
	local file=$1 only=${2:-} name
	echo "-- $(basename "$file" .sh)"
	for name in $(scenarios_of "$file"); do
		[ -n "$only" ] && [ "$name" != "$only" ] ||
			run_scenario "$file" "$name"
	done
}

if [ $# = 0 ]; then
	for file in "$here"/*.sh; do
		case $file in
		*/lib.sh | */run.sh) ;;
		*) run_file "$file" ;;
		esac
	done
else
	for argument; do
		name=${argument%%:*}
		file=$here/$name.sh
		[ -f "$file" ] || file=$here/long/$name.sh
		[ -f "$file" ] || {
			echo "run.sh: no scenarios '$name'" >&2
			exit 2
		}
		only=
		[ "$name" = "$argument" ] || only=${argument#*:}
		run_file "$file" "$only"
	done
fi

echo "scenarios: $passed passed, $failed failed, $skipped skipped"
[ -z "${TALLY:-}" ] || echo "$passed $failed $skipped" >>"$TALLY"
[ $((passed + failed)) -gt 0 ] && [ "$failed" = 0 ]
