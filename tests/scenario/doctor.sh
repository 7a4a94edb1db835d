# doctor in front of real situations: the right finding, the right process, and
# the application's folder as it was.
# shellcheck shell=bash disable=SC2154

# examine DATABASE [OPTION...]: looks, and nothing changes.
examine() {
	local before
	before=$(fingerprint "$(dirname "$1")")
	run litesafe doctor --json "$@"
	[ "$(fingerprint "$(dirname "$1")")" = "$before" ] ||
		fail "the folder changed"
}

# found ID SEVERITY [PID...]: of the last examination, with just these pids.
found() {
	local id=$1 severity=$2 one pids
	shift 2
	one=$(grep -o "\"id\":\"$id\",.*" "$LOGS/out" | sed 's/},{"id":.*//')
	[ -n "$one" ] || fail "there is no finding '$id'"
	[[ "$one" == *"\"severity\":\"$severity\""* ]] ||
		fail "the severity of '$id' is not '$severity'"
	pids=${one#*\"pids\":[}
	pids=${pids%%]*}
	[ $# = 0 ] || [ "$pids" = "$(IFS=,; echo "$*")" ] ||
		fail "the processes of '$id' are '$pids', not '$*'"
	finding=$one
}

not_found() {
	! grep -q "\"id\":\"$1\"" "$LOGS/out" || fail "there is a finding '$1'"
}

# pause_writer: it stops before its next transaction.
pause_writer() {
	local i
	kill -USR1 "${writers[0]}"
	for ((i = 0; i < 300; i++)); do
		! grep -q '^State:.T' "/proc/${writers[0]}/status" || return 0
		sleep 0.02
	done
	fail "the writer does not pause"
}

scenario_a_calm_database() {
	mkdir app
	mkdb app/app.db
	examine app/app.db
	expect_exit 0
	found state info
	found wal-absent info
	not_found torn-copy
	not_found in-use
	run litesafe doctor app/app.db --strict
	expect_exit 0
	expect_out '0 errors, 0 warnings'
	run litesafe doctor -q app/app.db
	[ ! -s "$LOGS/out" ] || fail "-q and yet it speaks"
}

scenario_a_reader_that_starves_the_checkpoint() {
	mkdir app
	mkdb app/app.db
	# Something in the WAL, so that the reader gets a mark.
	start_writer app/app.db --rate 50
	start_holder app/app.db read
	sleep 0.2
	pause_writer
	examine app/app.db
	expect_exit 0
	found checkpoint-starved warning "$holder_pid"
	[[ "$finding" =~ \"frames\":[1-9] ]] || fail "how many frames?"
	[[ "$finding" == *'"command":"holder"'* ]] || fail "no name"
	found in-use info
	run litesafe doctor app/app.db --strict
	expect_exit 1
	expect_out "process $holder_pid 'holder'"
	# All that cron mails names the database, the finding and the process.
	run litesafe doctor -q --strict app/app.db
	expect_exit 1
	[ ! -s "$LOGS/out" ] || fail "-q and yet it reports"
	expect_err "'app/app.db': checkpoint-starved: process $holder_pid "
	stop_holder
	examine app/app.db
	not_found checkpoint-starved
	kill -CONT "${writers[0]}"
	stop_writers
}

scenario_a_long_write() {
	local journal
	for journal in wal delete; do
		rm -rf app
		mkdir app
		mkdb app/app.db --journal $journal
		start_holder app/app.db write
		examine app/app.db
		found write-lock warning "$holder_pid"
		not_found hot-journal
		stop_holder
		examine app/app.db
		not_found write-lock
	done
}

# Many short transactions are no long one.
scenario_a_busy_writer_is_no_warning() {
	mkdir app
	mkdb app/app.db
	start_writer app/app.db
	run litesafe doctor --json app/app.db
	expect_exit 0
	! grep -q '"id":"write-lock","severity":"warning"' "$LOGS/out" ||
		fail "short transactions were taken for a long one"
	found in-use info "${writers[0]}"
	stop_writers
}

scenario_exclusive_locking_mode() {
	mkdir app
	mkdb app/app.db --journal delete
	start_holder app/app.db exclusive-wal
	examine app/app.db
	found exclusive-lock warning "$holder_pid"
	[[ "$finding" == *locking_mode=EXCLUSIVE* ]] || fail "not recognised"
	not_found dead-wal
	stop_holder
}

scenario_a_commit_that_waits_for_a_reader() {
	mkdir app
	mkdb app/app.db --journal delete
	start_holder app/app.db read
	sqlite3 -cmd '.timeout 20000' app/app.db \
		'CREATE TABLE waits(a)' &
	local writer=$! i
	for ((i = 0; i < 200; i++)); do
		run litesafe doctor --json app/app.db
		! grep -q 'a writer waits' "$LOGS/out" || break
		sleep 0.05
	done
	found reading warning
	[[ "$finding" == *"$holder_pid"* ]] || fail "who reads?"
	found write-lock warning "$writer"
	stop_holder
	wait "$writer"
}

scenario_a_dead_application_with_and_without_shm() {
	mkdir app
	mkdb app/app.db --leave wal
	examine app/app.db
	found dead-wal warning
	[[ "$finding" == *'"pids":[]'* ]] || fail "the dead have no pid"
	not_found in-use
	rm app/app.db-shm
	examine app/app.db
	found dead-wal warning
	not_found stale-wal
	not_found wal-absent
	expect_files app app.db app.db-wal
	# Taken in, but kept: nothing is owed any more.
	printf '%s\n' 'SELECT 1 FROM sqlite_schema;' '.filectrl persist_wal 1' \
		'PRAGMA wal_checkpoint;' | sqlite3 app/app.db >/dev/null
	[ -s app/app.db-wal ] || fail "the -wal did not stay"
	examine app/app.db
	not_found dead-wal
	not_found stale-wal
}

scenario_killed_in_full_flight() {
	mkdir app
	start_writer app/app.db --journal wal --grow --note 500
	sleep 0.5
	kill_writers
	examine app/app.db
	not_found stale-wal
	not_found torn-copy
	not_found wal-ignored
	cp -p app/app.db app/app.db-wal .
	ledger_is_right app.db
}

scenario_a_copy_without_its_wal() {
	mkdir app copy
	start_writer app/app.db --journal wal --autocheckpoint 0 --rate 100
	cp app/app.db copy/app.db
	examine copy/app.db
	found torn-copy warning
	stop_writers
}

# The other ways in which a copy is not whole.
scenario_a_copy_that_is_cut_off_or_mixed() {
	mkdir app
	mkdb app/app.db
	local size
	size=$(stat -c %s app/app.db)
	truncate -s $((size - 4096)) app/app.db
	examine app/app.db
	found torn-copy error
	mkdb app/other.db
	truncate -s $((size + 100)) app/other.db
	examine app/other.db
	found torn-copy error
	mkdb app/more.db
	head -c 4096 /dev/urandom >>app/more.db
	examine app/more.db
	found torn-copy error
	# Room that was made ahead is not content.
	mkdb app/room.db
	truncate -s $((size + 81920)) app/room.db
	examine app/room.db
	not_found torn-copy
}

scenario_a_check_of_what_nobody_uses() {
	mkdir app
	mkdb app/app.db --rows 2000
	examine app/app.db --check=full
	found checked info
	[[ "$finding" == *'no fault'* ]] || fail "it is whole"
	# Half of an older state, as a slow copy has it.
	cp app/app.db old.db
	ask app/app.db 'UPDATE item SET name = hex(randomblob(60)); VACUUM'
	settled app/app.db >/dev/null
	dd if=old.db of=app/app.db bs=4096 seek=3 skip=3 count=40 conv=notrunc \
		status=none
	examine app/app.db --check=quick
	found damaged error
	# What stands beside it belongs to it.
	mkdb app/other.db --leave wal
	examine app/other.db --check=quick
	found checked info
	[[ "$finding" == *'not checked'* ]] || fail "the -wal was left out"
	start_holder app/other.db read
	examine app/other.db --check=quick
	found checked info
	[[ "$finding" == *'not checked'* ]] || fail "checked beside a user"
	stop_holder
}

scenario_a_stale_wal() {
	mkdir app
	# Another page size.
	mkdb app/app.db --leave wal
	mkdb other.db --page-size 1024
	cp other.db app/app.db
	examine app/app.db
	found stale-wal error
	# A smaller and older state: pages that are nowhere.
	rm -rf app/*
	mkdb old.db --rows 20
	mkdb app/app.db --rows 5000
	start_writer app/app.db --autocheckpoint 0
	kill_writers
	cp old.db app/app.db
	touch -r app/app.db app/app.db-wal
	examine app/app.db
	found stale-wal error
	[[ "$finding" == *'in neither file'* ]] || fail "by another sign"
}

# Restored over, with the log of the state before still there.
scenario_a_stale_wal_beside_a_restored_database() {
	mkdir app
	mkdb app/app.db --rows 100 --leave wal
	mkdb other.db --rows 3000 --journal wal
	touch -d '1 hour ago' app/app.db-wal
	cp other.db app/app.db
	examine app/app.db
	found stale-wal error
}

scenario_a_wal_that_is_none() {
	mkdir app
	mkdb app/app.db
	head -c 8192 /dev/urandom >app/app.db-wal
	examine app/app.db
	found wal-ignored warning
}

scenario_a_deleted_wal() {
	mkdir app
	start_writer app/app.db --journal wal --rate 20
	pause_writer
	rm app/app.db-wal
	examine app/app.db
	found wal-deleted error "${writers[0]}"
	kill_writers
}

scenario_a_database_replaced_under_its_application() {
	mkdir app
	mkdb app/app.db
	start_holder app/app.db idle
	mkdb new.db
	mv new.db app/app.db
	examine app/app.db
	found file-replaced error "$holder_pid"
	kill "$holder_pid"
	wait "$holder_pid" || true
	holder_pid=
	examine app/app.db
	not_found file-replaced
}

# Programs that come and go: nothing that is read meanwhile fits together, and
# nothing is said about it.
scenario_short_visits_are_no_damage() {
	local journal i
	for journal in wal delete; do
		rm -rf app
		mkdir app
		mkdb app/app.db --journal $journal
		(
			while :; do
				sqlite3 app/app.db "INSERT INTO item(name)
					VALUES('x'); VACUUM" 2>/dev/null || true
			done
		) &
		writers=($!)
		for ((i = 0; i < 12; i++)); do
			run litesafe doctor --json app/app.db
			expect_exit 0
			! grep -q '"severity":"error"' "$LOGS/out" ||
				fail "somebody came and went"
			not_found hot-journal
		done
		kill_writers
	done
}

scenario_a_hole_as_large_as_can_be() {
	mkdir app
	mkdb app/app.db
	truncate -s 4T app/app.db || skip "no sparse files here"
	run timeout 20 "$LITESAFE" doctor --json app/app.db
	expect_exit 0
	not_found torn-copy
}

scenario_names() {
	mkdir app
	mkdb app/app.db
	ln app/app.db app/other.db
	examine app/app.db
	found hard-link error
	rm app/other.db
	ln app/app.db app/app.db.before-20261121T015800Z
	examine app/app.db
	found restore-twin error
	[[ "$finding" == *app.db.before-20261121T015800Z* ]] ||
		fail "which name?"
	not_found hard-link
	ln -s app.db app/link.db
	examine app/link.db
	expect_out "$PWD/app/app.db\""
}

scenario_ownership() {
	need_root
	mkdir app
	mkdb app/app.db --leave wal
	chown 65534:65534 app/app.db app/app.db-wal
	examine app/app.db
	found side-file-owner error
	chown 65534:65534 app/app.db-shm
	examine app/app.db
	not_found side-file-owner
	rm app/app.db-wal app/app.db-shm
	# Somebody else, who may write the folder.
	chown 0:0 app/app.db
	chmod 777 . app
	run as_nobody "$LITESAFE" doctor --json app/app.db
	expect_exit 0
	found ownership-trap warning
	found folder-open warning
	run litesafe doctor --json app/app.db
	not_found ownership-trap
	expect_files app app.db
}

scenario_journals() {
	mkdir app
	mkdb app/app.db --journal delete --leave journal
	examine app/app.db
	found hot-journal warning
	rm app/*
	mkdb app/app.db --journal persist
	examine app/app.db
	found journal-left info
	not_found hot-journal
	rm app/*
	mkdb app/app.db --journal delete
	start_holder app/app.db memory
	examine app/app.db
	found journal-absent info "$holder_pid"
	found exclusive-lock warning "$holder_pid"
	stop_holder
}

scenario_a_large_wal() {
	mkdir app
	mkdb app/app.db --rewrite 300 --leave wal
	[ "$(stat -c %s app/app.db-wal)" -gt $((17 << 20)) ] ||
		fail "not large: $(stat -c %s app/app.db-wal)"
	examine app/app.db
	found wal-large warning
}

# Checkpoints switched off.
scenario_a_wal_behind() {
	mkdir app
	start_writer app/app.db --journal wal --autocheckpoint 0
	local i
	for ((i = 0; i < 200; i++)); do
		run litesafe doctor --json app/app.db
		! grep -q '"id":"wal-behind"' "$LOGS/out" || break
		sleep 0.1
	done
	found wal-behind warning
	stop_writers
}

scenario_a_full_disk() {
	small_disk disk 3m
	mkdb disk/app.db
	examine disk/app.db
	found space-low warning
}

# The holder is outside of the pid namespace in which doctor looks.
scenario_a_process_that_cannot_be_seen() {
	need_root
	unshare --pid --fork --mount-proc true 2>/dev/null ||
		skip "no pid namespaces here"
	mkdir app
	mkdb app/app.db
	start_holder app/app.db write
	run unshare --pid --fork --mount-proc \
		"$LITESAFE" doctor --json app/app.db
	expect_exit 0
	found write-lock warning ""
	[[ "$finding" == *'cannot see'* ]] || fail "it must say so"
	found unseen-process info
	stop_holder
}

scenario_bad_input() {
	mkdir app
	mkdb app/app.db
	mkfifo pipe
	printf '%8192s' '' >text
	: >empty
	local each
	for each in none app pipe text empty; do
		run litesafe doctor $each
		refused 11 "'"
		run litesafe doctor app/app.db $each --json
		expect_exit 3
		found state info
		[ "$(json_of summary exit_code)" = 3 ] || fail "the summary"
	done
	run litesafe doctor none text
	expect_exit 11
	run litesafe doctor
	refused 2 ''
	run litesafe doctor app/app.db --watch=0.01
	refused 2 'watch'
}

scenario_watch() {
	mkdir app
	mkdb app/app.db
	start_holder app/app.db write
	local i
	# What a script starts in the background ignores SIGINT otherwise.
	env --default-signal=INT "$LITESAFE" doctor --json --watch=0.1 \
		app/app.db >"$LOGS/watch" &
	local watcher=$!
	for ((i = 0; i < 300; i++)); do
		[ "$(grep -c '"write-lock"' "$LOGS/watch")" -lt 3 ] || break
		sleep 0.05
	done
	stop_holder
	for ((i = 0; i < 300; i++)); do
		! tail -1 "$LOGS/watch" | grep -q wal-absent || break
		sleep 0.05
	done
	kill -INT "$watcher"
	wait "$watcher" || fail "SIGINT is how it ends: $?"
	tail -1 "$LOGS/watch" | grep -q '"type":"summary".*"ok":true' ||
		fail "no summary"
	tail -2 "$LOGS/watch" | head -1 | grep -qv write-lock ||
		fail "the lock is gone"
	"$LITESAFE" doctor --watch=0.1 app/app.db >"$LOGS/watch" &
	watcher=$!
	for ((i = 0; i < 300; i++)); do
		[ "$(grep -c 'again every 100 ms' "$LOGS/watch")" -lt 3 ] || break
		sleep 0.05
	done
	kill -TERM "$watcher"
	i=0
	wait "$watcher" || i=$?
	[ "$i" = 143 ] || fail "SIGTERM is another end: $i"
	! grep -q $'\033' "$LOGS/watch" || fail "no terminal, and yet escapes"
}
