# The promise itself: under hard writing every backup is one committed state,
# and no application notices.  long/ledger_100.sh is the same for longer.
# shellcheck shell=bash disable=SC2154

# Growth, shrinking and VACUUM, which an application does to itself now and
# then; in the background, so that a backup is under way.
start_upkeep() {
	(
		set -e
		while [ ! -e "$LOGS/enough" ]; do
			ask "$1" 'CREATE TABLE IF NOT EXISTS ballast(x);
				INSERT INTO ballast VALUES(randomblob(1500000))'
			ask "$1" 'DELETE FROM transfer WHERE id <
				(SELECT max(id) - 500 FROM transfer)'
			ask "$1" 'DROP TABLE ballast'
			ask "$1" VACUUM
			echo round
			sleep 0.1
		done
	) >"$LOGS/upkeep" 2>&1 </dev/null &
	writers+=($!)
	: >"$LOGS/writer-$((${#writers[@]} - 1))"
}

stop_upkeep() {
	: >"$LOGS/enough"
	wait "${writers[-1]}" || fail "upkeep: $(cat "$LOGS/upkeep")"
	unset 'writers[-1]'
	grep -q round "$LOGS/upkeep" || fail "no VACUUM was done"
}

# backups NUMBER DATABASE [OPTION...]: each is right, and no older than what was
# committed when it began.
backups() {
	local n number=$1 database=$2 last=0 commits before after
	shift 2
	for ((n = 1; n <= number; n++)); do
		rm -f a.tar.zst new.db
		before=$(commits_in "$database")
		run litesafe backup "$database" -o a.tar.zst "$@"
		expect_exit 0
		after=$(commits_in "$database")
		run litesafe restore a.tar.zst --to new.db --check full
		expect_exit 0
		ledger_is_right new.db
		commits=$(commits_in new.db)
		[ "$commits" -ge "$before" ] && [ "$commits" -le "$after" ] ||
			fail "backup $n has $commits commits; there were" \
				"$before before it, and $after after it"
		[ "$commits" -ge "$last" ] || fail "backup $n is older"
		last=$commits
	done
}

scenario_four_writers_and_a_vacuum() {
	mkdir app
	chmod 700 app
	start_writer app/app.db --journal wal --grow --rate 500
	start_writer app/app.db --note 2000
	start_writer app/app.db --autocheckpoint 50 --rate 300
	start_writer app/app.db --rate 100
	start_upkeep app/app.db
	backups "${1:-8}" app/app.db
	stop_upkeep
	stop_writers
	ledger_is_right app/app.db
	expect_files app app.db
	[ "$(stat -c '%u:%g %a' app/app.db)" = "$(id -u):$(id -g) 644" ] ||
		fail "owner or mode of the database changed"
}

# Here a reader does keep writers from committing; they wait, not for long, and
# are told in the report.
scenario_two_writers_with_a_rollback_journal() {
	mkdir app
	start_writer app/app.db --journal delete --rate 20 --busy 60000
	start_writer app/app.db --rate 10 --busy 60000
	backups "${1:-4}" app/app.db --busy-timeout 60s
	run litesafe backup app/app.db -o a.tar.zst --force -v --busy-timeout 60s
	expect_exit 0
	expect_out 'writers could not commit for'
	run litesafe backup app/app.db -o a.tar.zst --force --json \
		--busy-timeout 60s
	expect_exit 0
	expect_out '"spooled":true'
	expect_out '"pin_seconds":'
	stop_writers
	ledger_is_right app/app.db
	expect_files app app.db
}

# One application, the same SQL twice: with backups in between, also in the
# middle of a transaction, and without.  Its folder must come out the same,
# byte for byte and owner for owner.
tell() {
	local line
	printf '%s;\nSELECT %s;\n' "$1" "'told'" >&"${APP[1]}"
	while read -r -t 30 line <&"${APP[0]}"; do
		[ "$line" != told ] || return 0
		[[ $line != *rror* ]] || fail "the application: $line"
	done
	fail "the application does not answer"
}

# application FOLDER MODE BETWEEN: BETWEEN is called between its steps.
application() {
	local n input database=$1/app.db
	coproc APP { exec sqlite3 -batch "$database" 2>&1; }
	holder_pid=$!
	tell "PRAGMA journal_mode=$2"
	tell 'PRAGMA wal_autocheckpoint=20'
	tell 'CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)'
	for n in 1 2 3; do
		tell "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1
			FROM c WHERE i < 400) INSERT INTO t(a, b)
			SELECT i * $n, zeroblob(i) FROM c"
		$3
		tell 'BEGIN'
		tell "DELETE FROM t WHERE id % 3 = $((n % 3))"
		$3
		tell 'COMMIT'
		tell 'VACUUM'
	done
	tell 'PRAGMA user_version=7'
	input=${APP[1]}
	exec {input}>&-
	wait "$holder_pid" || fail "the application: status $?"
}

back_up_between() {
	rm -f a.tar.zst
	run litesafe backup with/app.db -o a.tar.zst
	expect_exit 0
}

scenario_the_folder_byte_for_byte() {
	local mode
	for mode in wal delete truncate persist; do
		mkdir with without
		application without $mode true
		application with $mode back_up_between
		# A journal that stays has random numbers in it.
		rm with/app.db-journal without/app.db-journal 2>/dev/null ||
			[ $mode != persist ] || fail "no journal is left"
		[ "$(fingerprint with)" = "$(fingerprint without)" ] ||
			fail "$mode: not what SQLite alone would have left:" \
				"$(fingerprint without)" "$(fingerprint with)"
		rm -r with without
	done
}

# The application stays; its side files are its own, not new ones, not ours.
scenario_an_application_of_another_user() {
	need_root
	mkdir app
	chown 65534:65534 app
	as_nobody "$SUPPORT/mkdb" app/app.db
	local before uid=65534
	coproc HOLDER { exec setpriv --reuid=$uid --regid=$uid --clear-groups \
		"$SUPPORT/holder" app/app.db idle 2>&1; }
	holder_pid=$!
	read -r before <&"${HOLDER[0]}"
	[ "$before" = ready ] || fail "$before"
	before=$(stat -c '%n %i %u:%g %a' app/*)
	run litesafe backup app/app.db -o a.tar.zst
	expect_exit 0
	[ "$(stat -c '%n %i %u:%g %a' app/*)" = "$before" ] ||
		fail "not the same files: $(stat -c '%n %i %u:%g %a' app/*)"
	stop_holder
	expect_files app app.db
	# Nobody is there: side files come and go, and what stays is nobody's.
	before=$(fingerprint app)
	run litesafe backup app/app.db -o a.tar.zst --force
	expect_exit 0
	[ "$(fingerprint app)" = "$before" ] || fail "the folder changed"
	as_nobody "$SUPPORT/mkdb" app/dead.db --leave wal
	run litesafe backup app/dead.db -o a.tar.zst --force
	expect_exit 0
	[ -z "$(find app ! -uid 65534)" ] ||
		fail "$(find app ! -uid 65534) is not the application's"
	as_nobody sqlite3 app/dead.db 'PRAGMA integrity_check' >/dev/null
}

# Processes that come, commit and go, as another user than the backup's: each
# of them makes the side files anew or removes them.  None may fail because
# root was there at the same moment.
scenario_short_lived_applications() {
	need_root
	mkdir app
	chown 65534:65534 app
	as_nobody "$SUPPORT/mkdb" app/app.db
	as_nobody sqlite3 app/app.db 'CREATE TABLE visit(x)'
	local n pids=() pid
	for n in 1 2; do
		# shellcheck disable=SC2016 # the variables are of that shell
		as_nobody bash -c 'for ((i = 0; i < 60; i++)); do
			sqlite3 -bail -cmd ".timeout 20000" app/app.db \
				"INSERT INTO visit VALUES($i)" || exit 1
		done' >"$LOGS/visitor-$n" 2>&1 &
		pids+=($!)
	done
	for n in 1 2 3 4 5 6 7 8; do
		run litesafe backup app/app.db -o a.tar.zst --force
		expect_exit 0
		run litesafe verify a.tar.zst
		expect_exit 0
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "an application saw: $(cat "$LOGS"/visitor-*)"
	done
	[ "$(ask app/app.db 'SELECT count(*) FROM visit')" = 120 ] ||
		fail "a commit is lost"
	[ -z "$(find app ! -uid 65534)" ] ||
		fail "$(find app ! -uid 65534) is not the application's"
}
