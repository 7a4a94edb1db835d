# What scenarios are written in.  Sourced by run.sh, for each scenario anew.
#
# A scenario is a function scenario_NAME in a file of this folder (or of
# long/).  It runs in an empty folder of its own with `set -e`: the first
# command that fails ends it.  `run` keeps what a command said and how it
# ended; the expect_* functions look at that.
#
#	scenario_missing() {
#		run litesafe backup none.db -o a.tar.zst
#		expect_exit 11
#		expect_err "'none.db'"
#		expect_files .
#	}
#
# shellcheck shell=bash

# measured TEXT: a figure for people, shown of a scenario that passed.
measured() {
	echo "MEASURED: $*"
}

# --- programs ----------------------------------------------------------------

litesafe() {
	"$LITESAFE" "$@"
}

mkdb() {
	"$SUPPORT/mkdb" "$@"
}

churn() {
	"$SUPPORT/churn" "$@" >/dev/null
}

flip() {
	"$SUPPORT/flip" "$@"
}

# same_pages A B [FIELD...]: two databases are equal, page by page.
same_pages() {
	"$SUPPORT/dbpages" "$@" || fail "'$1' and '$2' are not equal"
}

# --- running and expecting ---------------------------------------------------

fail() {
	echo "FAILED: $*"
	if [ -f "$LOGS/command" ]; then
		echo "  the last command was: $(cat "$LOGS/command")"
		echo "  status $status; stdout and stderr:"
		head -c 3000 "$LOGS/out" | sed 's/^/  | /'
		head -c 3000 "$LOGS/err" | sed 's/^/  ! /'
	fi
	exit 1
}

# skip REASON: this cannot be tried here.  Counted, and never as passed.
skip() {
	echo "SKIPPED: $*"
	exit 77
}

# run COMMAND...: keeps stdout, stderr and status; does not fail by itself.
run() {
	printf '%s ' "$@" >"$LOGS/command"
	status=0
	"$@" >"$LOGS/out" 2>"$LOGS/err" </dev/null || status=$?
	if grep -qE '(Address|Leak|Thread|Undefined\w*)Sanitizer|runtime error:' \
		"$LOGS/err"; then
		fail "a sanitizer found something"
	fi
}

# expect_exit STATUS...: any of them.
expect_exit() {
	local each
	for each; do
		[ "$status" != "$each" ] || return 0
	done
	fail "expected exit status $*, got $status"
}

expect_out() {
	grep -qF -- "$1" "$LOGS/out" || fail "stdout does not say: $1"
}

expect_err() {
	grep -qF -- "$1" "$LOGS/err" || fail "stderr does not say: $1"
}

# An error is "litesafe: error: what 'object': why"; a hint may follow; and
# nothing else is said.
expect_one_error() {
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = 1 ] ||
		fail "expected exactly one 'litesafe: error: ...' line"
	! grep -qvE '^litesafe: (error|hint|warning): ' "$LOGS/err" ||
		fail "stderr has lines that are no messages"
	! grep -qE '^litesafe: error: .*\.$' "$LOGS/err" ||
		fail "a message ends with a full stop"
}

# refused STATUS TEXT...: the last command failed so, and said so.
refused() {
	expect_exit "$1"
	shift
	expect_one_error
	local each
	for each; do
		expect_err "$each"
	done
}

# expect_files FOLDER NAME...: these and no others, hidden ones too.
expect_files() {
	local folder=$1 found wanted
	shift
	found=$(find "$folder" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort)
	wanted=$([ $# = 0 ] || printf '%s\n' "$@" | sort)
	[ "$found" = "$wanted" ] ||
		fail "in '$folder' is: $(echo "$found" | tr '\n' ' ')" \
			"- expected: $(echo "$wanted" | tr '\n' ' ')"
}

# expect_at_most FOLDER NAME...: nothing but these, hidden ones too.
expect_at_most() {
	local folder=$1 each
	shift
	while read -r each; do
		[[ " $* " == *" $each "* ]] || fail "'$folder/$each' was left behind"
	done < <(find "$folder" -mindepth 1 -maxdepth 1 -printf '%f\n')
}

# fingerprint FOLDER: names, owners, modes, sizes and content of what is in it.
fingerprint() {
	(cd "$1" && find . -mindepth 1 -printf '%p %y %u:%g %m %s %n\n' | sort &&
		find . -type f -exec sha256sum {} + | sort)
}

# json FIELD: a number or text in the last JSON line of stdout.
json() {
	tail -1 "$LOGS/out" | grep -o "\"$1\":[^,}]*" | head -1 |
		sed 's/^[^:]*://; s/^ *"//; s/"$//'
}

# json_of TYPE FIELD: the same of the last line of that type.
json_of() {
	grep "\"type\":\"$1\"" "$LOGS/out" | tail -1 |
		grep -o "\"$2\":[^,}]*" | head -1 |
		sed 's/^[^:]*://; s/^ *"//; s/"$//'
}

# --- repositories ------------------------------------------------------------

# make_repository: R here, this machine's state in S; nothing else is meant by
# commands without -r and --state.
make_repository() {
	run litesafe init -r R
	expect_exit 0
	export LITESAFE_REPOSITORY=$PWD/R LITESAFE_STATE=$PWD/S
}

# night_job LINE...: litesafe.conf here, which commands read from now on: a job
# "night" of one.db, into R, with these lines.
night_job() {
	{
		cat <<-END
			[global]
			repository = $PWD/R
			state = $PWD/S
			[job night]
			database = $PWD/one.db
		END
		printf '%s\n' "$@"
	} >litesafe.conf
	chmod 600 litesafe.conf
	export LITESAFE_CONFIG=$PWD/litesafe.conf
}

# make_night_job LINE...: the same, with the repository and the database.
make_night_job() {
	[ -d R ] || make_repository
	unset LITESAFE_REPOSITORY
	[ -e one.db ] || mkdb one.db
	night_job "$@"
}

# checkpoints DATABASE: by others, of every mode, until `over` appears; what
# SQLite answers is in `checkpointed`.
checkpoints() {
	local mode
	while [ ! -e over ]; do
		for mode in PASSIVE FULL RESTART TRUNCATE; do
			sqlite3 -cmd '.timeout 1000' "$1" \
				"PRAGMA wal_checkpoint($mode)" >>checkpointed \
				2>/dev/null || true
		done
	done
}

# make_configuration: the file conf here, with one job; none but we may read it.
make_configuration() {
	printf '%s\n' '[global]' "repository = $PWD/R" '[job nightly]' \
		"database = $PWD/app.db" >conf
	chmod 600 conf
}

# snapshot DATABASE [OPTION...]: takes one; leaves $id and $kind.
# shellcheck disable=SC2034 # for the scenarios
snapshot() {
	run litesafe backup "$@" --json
	expect_exit 0
	id=$(json_of snapshot id)
	kind=$(json_of snapshot kind)
}

# settled DATABASE: the SHA-256 of its state as one file.
settled() {
	ask "$1" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	sha256sum <"$1" | cut -d' ' -f1
}

# comes_back SET SNAPSHOT SHA256: it restores to exactly these bytes.
comes_back() {
	rm -f back.db
	run litesafe restore "$1" --snapshot "$2" --to back.db
	expect_exit 0
	[ "$(sha256sum <back.db | cut -d' ' -f1)" = "$3" ] ||
		fail "snapshot $2 came back with other bytes"
}

# archive_of SNAPSHOT: the path of its archive.
archive_of() {
	local found
	found=$(find R -name "*-${1:0:8}.tar.zst")
	[ -n "$found" ] || fail "there is no archive of snapshot $1"
	echo "$found"
}

# --- databases ---------------------------------------------------------------

# ask DATABASE SQL
ask() {
	sqlite3 -bail -cmd '.timeout 10000' "$1" "$2"
}

# The ledger of support/writer adds up, and SQLite finds nothing wrong.
ledger_is_right() {
	local answer
	answer=$(ask "$1" 'SELECT sum(balance) = 200 * 1000 FROM account;
		PRAGMA integrity_check; PRAGMA foreign_key_check') || true
	[ "$answer" = $'1\nok' ] || fail "the ledger in '$1' is wrong: $answer"
}

commits_in() {
	ask "$1" 'SELECT sum(commits) FROM writer'
}

# start_writer DATABASE [OPTION...]: returns once it commits.
start_writer() {
	local number=${#writers[@]} i
	# The last one's "ready" is none of this one.
	rm -f "$LOGS/writer-$number"
	"$SUPPORT/writer" "$@" --id $((number + 1)) \
		>"$LOGS/writer-$number" 2>&1 </dev/null &
	writers+=($!)
	for ((i = 0; i < 300; i++)); do
		! grep -qs ready "$LOGS/writer-$number" || return 0
		sleep 0.05
	done
	cat "$LOGS/writer-$number"
	fail "the writer did not begin"
}

# Ends all writers in good order; none may have seen an error.  One after the
# other: of two connections that close at the same moment, SQLite takes neither
# for the last one, and leaves the side files.
stop_writers() {
	local pid number=0
	for pid in "${writers[@]}"; do
		kill -TERM "$pid"
		wait "$pid" || fail "writer: $(cat "$LOGS/writer-$number")"
		number=$((number + 1))
	done
	writers=()
}

# Ends them as a crash would.
kill_writers() {
	local pid
	for pid in "${writers[@]}"; do
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null || true
	done
	writers=()
}

# start_holder DATABASE KIND; stop_holder: somebody who does not let go.
start_holder() {
	local line
	coproc HOLDER { exec "$SUPPORT/holder" "$@" 2>&1; }
	holder_pid=$!
	read -r line <&"${HOLDER[0]}" || true
	[ "$line" = ready ] || fail "holder: $line"
}

stop_holder() {
	local input=${HOLDER[1]}
	exec {input}>&-
	wait "$holder_pid" || fail "holder: status $?"
}

# --- what the machine must let us do -----------------------------------------

need_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# as_user UID GID COMMAND...: with no other group.
as_user() {
	local uid=$1 gid=$2
	shift 2
	setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"
}

# as_nobody COMMAND...: as a user who owns nothing here.
as_nobody() {
	as_user 65534 65534 "$@"
}

need_strace() {
	strace -f -o /dev/null true 2>/dev/null ||
		skip "strace is not installed or ptrace is not permitted"
}

# need_space MEGABYTES
need_space() {
	local free
	free=$(df -Pm . | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$1" ] || skip "needs $1 MiB of disk here, there are $free"
}

# small_disk FOLDER SIZE: a filesystem of its own, gone at the end.
small_disk() {
	need_root
	mkdir -p "$1"
	mount -t tmpfs -o "size=$2,mode=755" tmpfs "$1" 2>/dev/null ||
		skip "cannot mount a tmpfs here"
	mounts+=("$PWD/$1")
}

# Whatever ends a scenario, nothing of it stays.
tidy() {
	local each
	for each in "${writers[@]}" "${others[@]}" "${holder_pid:-}"; do
		[ -z "$each" ] || { disown "$each"; kill -KILL "$each"; } 2>/dev/null || true
	done
	for each in "${mounts[@]}"; do
		umount -l "$each" 2>/dev/null || true
	done
}

writers=()
others=()
mounts=()
status=0
