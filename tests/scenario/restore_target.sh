# Where a database is restored to: missing, present, in use, impossible.
# shellcheck shell=bash disable=SC2154

# An archive of a small database, and another one that is older.
archive() {
	mkdb app.db --rows 500
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
}

scenario_owner_and_mode_are_kept() {
	mkdb app.db
	chmod 640 app.db
	[ "$(id -u)" != 0 ] || chown 65534:65534 app.db
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	[ "$(stat -c '%a %u:%g' new.db)" = "$(stat -c '%a %u:%g' app.db)" ] ||
		fail "owner or mode: $(stat -c '%a %u:%g' new.db)"
}

scenario_what_sqlite_keeps_in_the_header_is_kept() {
	local mode
	for mode in wal delete; do
		mkdb $mode.db --journal $mode
		run litesafe backup $mode.db -o $mode.tar.zst
		expect_exit 0
		run litesafe restore $mode.tar.zst --to new-$mode.db
		expect_exit 0
		[ "$(ask new-$mode.db 'PRAGMA user_version; PRAGMA application_id;
			PRAGMA journal_mode' | tr '\n' ' ')" = \
			"4711 1279874386 $mode " ] || fail "header of new-$mode.db"
	done
}

scenario_present_is_refused() {
	archive
	echo precious >new.db
	run litesafe restore a.tar.zst --to new.db
	refused 12 "'new.db'"
	[ "$(cat new.db)" = precious ]
	expect_files . app.db a.tar.zst new.db
}

scenario_replaced_and_kept() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	cp data/live.db old.db
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	local before
	before=$(find data -name 'live.db.before-*')
	[ -f "$before" ] || fail "the old database was not kept"
	same_pages old.db "$before"
	expect_files data live.db "${before##*/}"
	# What is printed must be enough to undo it.
	grep -qF "$before" "$LOGS/out" "$LOGS/err" ||
		fail "'$before' is not named"
}

scenario_replaced_takes_its_wal_in_first() {
	archive
	mkdir data
	mkdb data/live.db --leave wal
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	local before
	before=$(find data -name 'live.db.before-*')
	expect_files data live.db "${before##*/}"
	[ "$(ask "$before" "SELECT count(*) FROM item
		WHERE name LIKE '% last words'")" = 200 ] ||
		fail "what was only in the old WAL is lost"
}

scenario_in_use_is_refused() {
	archive
	local kind
	for kind in idle read write; do
		mkdb live.db
		start_holder live.db $kind
		run litesafe restore a.tar.zst --to live.db --replace
		refused 12 "live.db'" "$holder_pid"
		[ "$(ask live.db 'SELECT count(*) FROM item')" = 200 ]
		stop_holder
		rm -f live.db*
	done
	mkdb live.db --journal delete
	start_holder live.db idle
	run litesafe restore a.tar.zst --to live.db --replace
	refused 12 "live.db'" "$holder_pid"
	stop_holder
}

scenario_a_busy_writer_never_loses_its_database() {
	archive
	start_writer live.db --journal wal --rate 300
	run litesafe restore a.tar.zst --to live.db --replace
	refused 12 "live.db'"
	stop_writers
	ledger_is_right live.db
	expect_files . app.db a.tar.zst live.db
}

scenario_stale_side_files_are_never_applied() {
	archive
	mkdb other.db --leave wal
	mkdir data
	cp other.db-wal data/new.db-wal
	cp other.db-shm data/new.db-shm
	run litesafe restore a.tar.zst --to data/new.db
	expect_exit 0
	[ ! -e data/new.db-wal ] || fail "the stale -wal is still in its place"
	same_pages app.db data/new.db
	[ "$(find data -name '*-wal*' -size +0 | wc -l)" = 1 ] ||
		fail "the stale -wal was not kept"

	rm -rf data/*
	mkdb third.db --journal delete --leave journal
	cp third.db-journal data/new.db-journal
	run litesafe restore a.tar.zst --to data/new.db
	expect_exit 0
	[ ! -e data/new.db-journal ] || fail "the stale -journal is in its place"
	same_pages app.db data/new.db
}

scenario_a_damaged_old_database_moves_aside() {
	archive
	mkdir data
	head -c 100000 /dev/urandom >data/live.db
	local before
	before=$(sha256sum <data/live.db)
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	[ "$(sha256sum <"$(find data -name 'live.db.*' | head -1)")" = \
		"$before" ] || fail "the damaged database was not kept"
}

scenario_folder_missing() {
	archive
	run litesafe restore a.tar.zst --to none/new.db
	refused 1 none
	expect_files . app.db a.tar.zst
}

scenario_is_a_folder() {
	archive
	mkdir folder
	run litesafe restore a.tar.zst --to folder --replace
	refused 2 "'folder'"
	expect_files folder
}

scenario_is_the_archive() {
	archive
	local before
	before=$(sha256sum a.tar.zst)
	run litesafe restore a.tar.zst --to a.tar.zst
	refused 12 a.tar.zst
	run litesafe restore a.tar.zst --to a.tar.zst --replace
	expect_exit 0 12
	[ "$status" = 0 ] || [ "$(sha256sum a.tar.zst)" = "$before" ] ||
		fail "the archive is gone"
}

scenario_disk_full() {
	small_disk data 1m
	mkdb app.db --bytes 8000000
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to data/new.db
	refused 9 data
	expect_files data
}

scenario_disk_full_at_the_nth_write() {
	need_strace
	archive
	mkdir data
	local n
	for ((n = 1; n < 60; n++)); do
		rm -f data/*
		run strace -f -q -o /dev/null -e trace=write,pwrite64 \
			-e "inject=write,pwrite64:error=ENOSPC:when=$n" \
			"$LITESAFE" restore a.tar.zst --to data/new.db
		[ "$status" != 0 ] || break
		expect_exit 9 1
		[ ! -e data/new.db ] || same_pages app.db data/new.db
		expect_at_most data new.db
	done
	[ "$n" -gt 1 ] && [ "$n" -lt 60 ] || fail "stopped at write $n"
}

# Killed anywhere while replacing: PATH is the old or the new one, whole.
scenario_killed_while_replacing() {
	need_strace
	archive
	mkdb old.db --rows 77
	local call n hits=0
	for call in openat pwrite64 fsync link linkat rename unlink fcntl \
		fdatasync fchown fchmod; do
		for n in 1 2 3 4 5 6 8 10 13 17 25 40; do
			rm -rf data
			mkdir data
			cp old.db data/live.db
			run strace -f -q -o "$LOGS/trace" -e trace=$call \
				-e "inject=$call:signal=KILL:when=$n" \
				"$LITESAFE" restore a.tar.zst \
				--to data/live.db --replace
			expect_exit 0 137
			[ "$status" != 0 ] || break
			hits=$((hits + 1))
			[ -f data/live.db ] || fail "absent: $call $n"
			case $(ask data/live.db 'SELECT count(*) FROM item
				UNION ALL SELECT * FROM pragma_integrity_check' |
				tr '\n' ' ') in
			'77 ok ' | '500 ok ') ;;
			*) fail "neither old nor new: $call $n" ;;
			esac
			# The old one is there whenever the new one is.
			cmp -s old.db data/live.db || {
				run bash -c 'ls data/live.db.before-*'
				expect_exit 0
			}
		done
	done
	[ $hits -gt 10 ] || fail "only $hits of them hit"
}
