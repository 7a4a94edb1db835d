# Where messages go besides the terminal: a file, syslog, the journal.  And who
# would misuse a log, or fill the disk that it is on.
# shellcheck shell=bash disable=SC2154

begin() {
	mkdb app.db --rows 20
	# Not what the one who runs this has set.
	unset LITESAFE_LOG_FILE LITESAFE_SYSLOG JOURNAL_STREAM
}

stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z [0-9]+'

# log_says FILE TEXT: a line of it begins so, behind time and process.
log_says() {
	sed -E "s/^$stamp //" "$1" | grep -qF -- "$2" ||
		fail "'$1' does not say: $2
$(cat "$1")"
}

# Each line has a time and a process, and nothing that moves a cursor.
log_is_well_made() {
	! grep -vqE "^$stamp .+" "$1" || fail "a line of '$1' has another form"
	! LC_ALL=C grep -q '[[:cntrl:]]' "$1" || fail "'$1' has control bytes"
}

scenario_a_file() {
	begin
	umask 022
	run litesafe backup app.db -o a.tar.zst --log-file log --color always
	expect_exit 0
	[ "$(sed -E "s/^$stamp //" log)" = "$(cat "$LOGS/out")" ]
	[ "$(stat -c %a log)" = 640 ] || fail "mode $(stat -c %a log)"
	run litesafe backup app.db -o a.tar.zst --log-file log --color always
	expect_exit 12
	log_says log "error: the output 'a.tar.zst' exists"
	log_says log 'hint: choose another name'
	[ "$(wc -l <log)" = 3 ]
	log_is_well_made log
}

# What was silenced on the terminal is in the log all the same.
scenario_quiet_and_json() {
	begin
	run litesafe backup app.db -o a.tar.zst --log-file log -q
	expect_exit 0
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ]
	log_says log "app.db: full backup"
	LITESAFE_LOG_FILE=log2 run litesafe backup app.db -o a.tar.zst --json
	expect_exit 12
	log_says log2 "error: the output 'a.tar.zst' exists"
	run litesafe backup -q --log-file log3 --nonsense
	expect_exit 2
	log_says log3 "error: unknown option '--nonsense'"
	run litesafe list -q -r none --log-file log4
	expect_exit 5
	log_says log4 'error: '
}

scenario_the_configuration_names_it() {
	begin
	printf '[global]\nlog-file = %s\n' "$PWD/log" >conf
	chmod 600 conf
	run litesafe backup app.db -o a.tar.zst -c conf
	expect_exit 0
	log_says log 'app.db: full backup'
	echo 'nonsense = 1' >>conf
	LITESAFE_LOG_FILE=other run litesafe backup app.db -o b.tar.zst -c conf
	expect_exit 2
	log_says other 'error: '
	log_says other nonsense
}

scenario_a_log_that_cannot_be() {
	begin
	mkdir folder
	ln -s elsewhere link
	mkfifo fifo
	touch file
	ln file second
	local each
	for each in folder link fifo second none/log app.db/log; do
		run litesafe backup app.db -o a.tar.zst --force --log-file $each
		refused 1 "'$each'"
		grep -q '^app.db: full backup' "$LOGS/out" || fail "no backup"
		run litesafe verify a.tar.zst
		expect_exit 0
	done
	run litesafe backup app.db -o b.tar.zst --log-file ''
	refused 2 --log-file
	[ ! -s file ] && [ ! -e elsewhere ] && [ ! -e b.tar.zst ]
	# What goes wrong besides is worse, and told, too.
	run litesafe backup none.db -o b.tar.zst --log-file folder
	expect_exit 11
	expect_err "'folder'"
	expect_err "'none.db' does not exist"
	run litesafe verify a.tar.zst --log-file folder --json
	expect_exit 1
	[ "$(json_of verify result)" = ok ] || fail "it was not verified"
	[ "$(json exit_code)" = 1 ] || fail "the summary"
	expect_out "the log 'folder'"
	LITESAFE_LOG_FILE=none/log run litesafe backup --help
	expect_exit 0
	LITESAFE_LOG_FILE=none/log run litesafe --version
	expect_exit 0
}

# The value of the option was forgotten, and the database taken for it.
scenario_a_log_that_is_a_database() {
	begin
	litesafe backup app.db -o a.tar.zst -q
	mkdb other.db --leave wal
	local each before
	before=$(sha256sum app.db a.tar.zst other.db*)
	run litesafe backup --log-file app.db -r R
	expect_exit 2
	expect_err "the log 'app.db' is no text"
	expect_err 'too little was named'
	for each in app.db a.tar.zst other.db-wal; do
		run litesafe verify a.tar.zst --log-file $each
		refused 1 "the log '$each' is no text"
	done
	[ "$(sha256sum app.db a.tar.zst other.db*)" = "$before" ] ||
		fail "a log was written into a database or an archive"
}

scenario_a_full_disk() {
	begin
	run litesafe backup app.db -o a.tar.zst --log-file /dev/full -v
	expect_exit 0
	[ "$(cat "$LOGS/err")" = "litesafe: warning: the log is incomplete: write to the log '/dev/full': No space left on device" ]
	run litesafe verify a.tar.zst
	expect_exit 0
	small_disk small 64k
	head -c 65536 /dev/zero >small/other 2>/dev/null || true
	run litesafe backup app.db -o b.tar.zst --log-file small/log
	expect_exit 0
	expect_err 'the log is incomplete'
	expect_err 'No space left'
	[ ! -s small/log ]
}

# logrotate renames it, and the next run makes a new one.
scenario_rotation() {
	begin
	run litesafe backup app.db -o a.tar.zst --log-file log
	mv log log.1
	run litesafe backup app.db -o b.tar.zst --log-file log
	expect_exit 0
	log_says log.1 "'a.tar.zst'"
	log_says log "'b.tar.zst'"
	[ "$(wc -l <log)" = 1 ]
}

scenario_many_runs_at_once() {
	begin
	local n pids=()
	for ((n = 0; n < 8; n++)); do
		litesafe backup app.db -o $n.tar.zst --log-file log -v -q &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || fail "a backup failed"
	done
	log_is_well_made log
	for ((n = 0; n < 8; n++)); do
		log_says log "'$n.tar.zst'"
	done
}

# A name is shown, and makes no line of its own.
scenario_hostile_names() {
	begin
	local name=$'a\n2026-01-01T00:00:00.000Z 1 error: forged\e[2J\xff.db'
	cp app.db "$name"
	run litesafe backup "$name" -o a.tar.zst --log-file log
	expect_exit 12
	run litesafe verify "$name.none" --log-file log
	expect_exit 1
	log_is_well_made log
	! grep -qE "^$stamp error: forged" log || fail "a line was forged"
	! grep -qvE "^$stamp (error|hint): " log || fail "$(cat log)"
}

# In a folder like /tmp a name may be somebody else's.
scenario_a_folder_for_everybody() {
	need_root
	begin
	mkdir -m 1777 public
	echo root:x >secret
	as_nobody ln -s "$PWD/secret" public/link
	as_nobody touch public/file
	as_nobody mkfifo public/fifo
	local each
	for each in link file fifo; do
		run litesafe backup app.db -o a.tar.zst --force \
			--log-file public/$each
		refused 1 "'public/$each'"
	done
	[ "$(cat secret)" = root:x ] && [ ! -s public/file ]
	run litesafe backup app.db -o b.tar.zst --log-file public/mine
	expect_exit 0
}

# A night is not lost for its log; that it has none is a failure of the night.
scenario_jobs_without_their_log() {
	begin
	make_night_job 'keep-last = 3' "after = touch $PWD/hooked"
	mkdir folder
	sed -i "s|^\[job|log-file = $PWD/folder\n&|" litesafe.conf
	run litesafe run
	refused 1 "'$PWD/folder': Is a directory"
	[ -e hooked ] || fail "the job did not succeed"
	[ "$(litesafe list -r R one.db --no-config | wc -l)" = 1 ] ||
		fail "no snapshot"
}

# --- the journal -------------------------------------------------------------

# to_journal COMMAND...: its standard error is a pipe that JOURNAL_STREAM names.
to_journal() {
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@"' \
		- "$@" 2>&1 >"$LOGS/out" | cat >journal
}

scenario_the_journal() {
	begin
	: >a.tar.zst
	to_journal "$LITESAFE" backup app.db -o a.tar.zst --color always
	[ "$(cat journal)" = "<3>litesafe: error: the output 'a.tar.zst' exists
<5>litesafe: hint: choose another name, or replace it with --force" ] ||
		fail "$(cat journal)"
	to_journal "$LITESAFE" backup app.db -o b.tar.zst \
		--log-file /dev/full
	grep -q '^<4>litesafe: warning: the log' journal
	grep -q '^app.db: full backup' "$LOGS/out" || fail "$(cat "$LOGS/out")"

	# It is inherited by what has another standard error.
	JOURNAL_STREAM=1:2 run litesafe backup app.db -o a.tar.zst
	refused 12
}

# --- syslog ------------------------------------------------------------------

# with_syslog KIND COMMAND...: with a daemon at /dev/log that hears, and writes
# what it heard to ./heard; or one that stands still; or none.
with_syslog() {
	need_root
	unshare -m true 2>/dev/null || skip "needs mount namespaces"
	command -v python3 >/dev/null || skip "needs python3"
	cat >daemon.py <<-'END'
		import os, socket, subprocess, sys
		kind, command = sys.argv[1], sys.argv[2:]
		if kind != "none":
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		    s.bind("/dev/log")
		status = subprocess.call(command)
		if kind == "hears":
		    s.setblocking(False)
		    with open("heard", "wb") as f:
		        try:
		            while True:
		                f.write(s.recv(65536) + b"\n")
		        except BlockingIOError:
		            pass
		sys.exit(status)
	END
	# shellcheck disable=SC2016 # for the inner shell
	run unshare -m sh -c 'mount -t tmpfs tmpfs /dev &&
		mknod -m 666 /dev/null c 1 3 && exec "$@"' - \
		python3 daemon.py "$@"
}

heard() {
	grep -qE "^<$1>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} litesafe\[[0-9]+\]: $2" \
		heard || fail "syslog did not hear '$2': $(cat heard)"
}

scenario_syslog() {
	begin
	with_syslog hears "$LITESAFE" backup app.db -o a.tar.zst --syslog -q
	expect_exit 0
	heard 30 'app.db: full backup'
	with_syslog hears "$LITESAFE" backup app.db -o a.tar.zst --syslog
	refused 12
	heard 27 "error: the output 'a.tar.zst' exists"
	heard 29 'hint: choose another name'
	[ "$(wc -l <heard)" = 2 ]
}

# No daemon, or one that does not read, keeps no backup from being made.
scenario_syslog_that_is_not_there() {
	begin
	with_syslog none "$LITESAFE" backup app.db -o a.tar.zst --syslog
	expect_exit 0
	expect_err "warning: the log is incomplete: write to syslog at '/dev/log': No such file"
	[ "$(wc -l <"$LOGS/err")" = 1 ]
	local n names=() begin_seconds=$SECONDS
	for ((n = 0; n < 600; n++)); do
		names+=(a.tar.zst)
	done
	with_syslog stands timeout 60 "$LITESAFE" verify --level stored \
		"${names[@]}" --syslog
	expect_exit 0
	expect_err 'the log is incomplete'
	[ $((SECONDS - begin_seconds)) -lt 20 ] || fail "it waited"
}
