#!/bin/bash
# Runs scenarios against the real program and counts.
#
# usage: run.sh [NAME[:SCENARIO]]...
#
# NAME is a file NAME.sh here or in long/; without any, all files here run.
# B is the build folder that has litesafe and support/.  JOBS files run side by
# side (1), each with its lines together.  Ends with
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

# tell RESULT NAME SECONDS
tell() {
	printf '  %-7s %-50s %5s s\n' "$1" "$2" "$3"
}

# Prints what became of it, and counts.
run_scenario() {
	local file=$1 name=$2 log=$3 label begin end status
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
		tell ok "$label" $took
		sed -n 's/^MEASURED: /          /p' "$log"
		echo 1 0 0 >>"$COUNTS"
		;;
	77)
		tell skipped "$label" $took
		sed -n 's/^SKIPPED: /          /p' "$log"
		echo 0 0 1 >>"$COUNTS"
		;;
	*)
		tell FAILED "$label" $took
		[ $status != 124 ] || echo "          it took too long"
		sed 's/^/          /' "$log"
		echo 0 1 0 >>"$COUNTS"
		;;
	esac
}

# The scenarios of a file, in the order in which they stand there.
scenarios_of() {
	sed -nE 's/^scenario_([a-z0-9_]+)\(\).*/\1/p' "$1"
}

# run_file FILE[:SCENARIO]
run_file() {
	local file=${1%%:*} only='' name log
	[ "$file" = "$1" ] || only=${1#*:}
	log=$(mktemp)
	echo "-- $(basename "$file" .sh)"
	for name in $(scenarios_of "$file"); do
		[ -n "$only" ] && [ "$name" != "$only" ] ||
			run_scenario "$file" "$name" "$log"
	done
	rm -f "$log"
}

if [ "${1:-}" = --file ]; then
	[ "$JOBS" -gt 1 ] || {
		run_file "$2"
		exit
	}
	lines=$(run_file "$2")
	# One line of the others never stands among these.
	exec 9>>"$COUNTS"
	flock 9
	printf '%s\n' "$lines"
	exit
fi

B=$(cd "${B:-build/release}" && pwd)
export LITESAFE=${LITESAFE:-$B/litesafe}
export SUPPORT=$B/support
export JOBS=${JOBS:-1}
[ -x "$LITESAFE" ] || {
	echo "run.sh: no program '$LITESAFE'; run make first" >&2
	exit 1
}

# find_files [NAME[:SCENARIO]]...: their paths, each on a line.
find_files() {
	local argument name file
	[ $# -gt 0 ] || {
		printf '%s\n' "$here"/*.sh | grep -vE '/(lib|run)\.sh$'
		return
	}
	for argument; do
		name=${argument%%:*}
		file=$here/$name.sh
		[ -f "$file" ] || file=$here/long/$name.sh
		[ -f "$file" ] || {
			echo "run.sh: no scenarios '$name'" >&2
			return 1
		}
		echo "$file${argument#"$name"}"
	done
}

files=$(find_files "$@") || exit 2
COUNTS=$(mktemp)
export COUNTS
trap 'rm -f "$COUNTS"' EXIT
trap 'exit 130' INT TERM
printf '%s\n' "$files" |
	xargs -d '\n' -n 1 -P "$JOBS" bash "$here/run.sh" --file || {
	echo 'run.sh: not all files were run to their end' >&2
	echo 0 1 0 >>"$COUNTS"
}

read -r passed failed skipped <<<"$(awk '{ p += $1; f += $2; s += $3 }
	END { print p + 0, f + 0, s + 0 }' "$COUNTS")"
echo "scenarios: $passed passed, $failed failed, $skipped skipped"
[ -z "${TALLY:-}" ] || echo "$passed $failed $skipped" >>"$TALLY"
[ $((passed + failed)) -gt 0 ] && [ "$failed" = 0 ]
