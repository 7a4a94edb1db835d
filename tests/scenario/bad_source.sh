# Everything that is not a database which can be saved: a clear error with the
# object and the reason, exit 11 or 12, and nothing changed or left behind.
# shellcheck shell=bash disable=SC2154

# not_saved STATUS TEXT...: app/app.db is refused so; nothing is made or lost.
not_saved() {
	local before
	mkdir -p out
	before=$(fingerprint app)
	run litesafe backup app/app.db -o out/a.tar.zst
	refused "$@" app.db
	expect_files out
	[ "$(fingerprint app)" = "$before" ] || fail "the folder changed"
}

scenario_missing() {
	mkdir app
	not_saved 11 'does not exist'
}

scenario_folder_missing() {
	run litesafe backup none/app.db -o a.tar.zst
	refused 11 "none/app.db'"
	expect_files .
}

scenario_empty_keeps_its_wal() {
	mkdir app
	mkdb app/app.db --leave wal
	: >app/app.db
	not_saved 11 empty
	[ -s app/app.db-wal ] || fail "the -wal is gone"
}

scenario_short() {
	mkdir app
	printf 'SQLite format 3\0and no more' >app/app.db
	not_saved 11
}

# A copy that ended too early; SQLite itself only says that it is malformed.
scenario_cut_off() {
	local journal
	for journal in wal delete; do
		rm -rf app
		mkdir app
		mkdb app/app.db --journal $journal --rows 3000
		truncate -s 40960 app/app.db
		not_saved 4 'is cut off: it has 40960 of the' .recover
		run litesafe backup app/app.db --frozen -o a.tar.zst
		refused 4 'is cut off: it has 40960 of the'
		expect_files . app out
	done
}

scenario_not_a_database() {
	mkdir app
	yes 'this is a text file' | head -c 8192 >app/app.db
	not_saved 11 'not a SQLite'
}

scenario_encrypted() {
	mkdir app
	head -c 65536 /dev/urandom >app/app.db
	not_saved 11 encrypt
}

scenario_a_folder() {
	mkdir -p app/app.db
	not_saved 11 'is a folder'
}

scenario_a_fifo_does_not_hang() {
	mkdir app
	mkfifo app/app.db
	not_saved 11 'named pipe'
}

scenario_a_dangling_link() {
	mkdir app
	ln -s nowhere.db app/app.db
	not_saved 11 'link'
}

scenario_a_link_to_a_database_is_fine() {
	mkdir app links
	start_writer app/app.db --journal wal --rate 100
	ln -s ../app/app.db links/link.db
	run litesafe backup links/link.db -o a.tar.zst
	expect_exit 0
	expect_files links link.db
	stop_writers
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	ledger_is_right new.db
}

scenario_two_hard_links() {
	mkdir app
	mkdb app/app.db
	ln app/app.db app/other.db
	not_saved 12 'link'
}

scenario_no_read_permission() {
	need_root
	mkdir app
	chmod 777 .
	mkdb app/app.db
	chmod 000 app/app.db
	chmod 777 app
	run as_nobody "$LITESAFE" backup app/app.db -o a.tar.zst
	refused 11 "app.db'" 'ermission'
	expect_files . app
	expect_files app app.db
}

scenario_folder_not_permitted() {
	need_root
	mkdir app
	chmod 777 .
	mkdb app/app.db
	chmod 700 app
	run as_nobody "$LITESAFE" backup app/app.db -o a.tar.zst
	refused 11 "app.db'" 'ermission'
}

scenario_wal_without_shm_in_an_unwritable_folder() {
	need_root
	mkdir app
	chmod 777 .
	mkdb app/app.db --leave wal
	rm app/app.db-shm
	chmod 644 app/app.db app/app.db-wal
	chmod 755 app
	run as_nobody "$LITESAFE" backup app/app.db -o a.tar.zst
	refused 11 "app.db" '-shm'
	expect_files app app.db app.db-wal
	expect_files . app
}

scenario_side_files_would_lock_the_owner_out() {
	need_root
	mkdir app
	chmod 777 . app
	mkdb app/app.db
	chmod 644 app/app.db
	run as_nobody "$LITESAFE" backup app/app.db -o a.tar.zst
	refused 12 "app.db'"
	expect_files app app.db
	expect_files . app
}

scenario_unreadable_wal() {
	need_root
	mkdir app
	chmod 777 .
	mkdb app/app.db --leave wal
	chmod 644 app/app.db app/app.db-shm
	chmod 600 app/app.db-wal
	run as_nobody "$LITESAFE" backup app/app.db -o a.tar.zst
	refused 11 "app.db-wal'"
	expect_files app app.db app.db-wal app.db-shm
}

# SQLite needs a -shm beside it, and there is no room for one.
scenario_full_disk_beside_it() {
	small_disk app 1m
	mkdb app/app.db
	cat /dev/zero >app/ballast 2>/dev/null || true
	not_saved 9 'No space left' 'make room'
	rm app/ballast
	run litesafe backup app/app.db -o a.tar.zst
	expect_exit 0
}

scenario_hot_journal() {
	mkdir app
	mkdb app/app.db --journal delete --leave journal
	not_saved 11 journal
}

scenario_an_idle_persistent_journal_is_not_hot() {
	mkdb app.db --journal persist
	[ -s app.db-journal ]
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages app.db new.db
}

scenario_locked_exclusively() {
	local mode
	for mode in exclusive exclusive-wal; do
		rm -rf app
		mkdir app
		mkdb app/app.db --journal delete
		start_holder app/app.db $mode
		run litesafe backup app/app.db -o a.tar.zst --busy-timeout 300ms
		refused 6 app.db
		expect_files . app
		stop_holder
	done
}

scenario_a_lock_that_goes_away_is_waited_for() {
	mkdb app.db --journal delete
	start_holder app.db exclusive
	(
		sleep 0.7
		kill "$holder_pid"
	) &
	run litesafe backup app.db -o a.tar.zst --busy-timeout 20s
	expect_exit 0
	wait "$holder_pid" || true
	holder_pid=
}

scenario_others_who_read_or_write_do_not_matter_in_wal() {
	mkdb app.db
	local kind
	for kind in read write idle; do
		start_holder app.db $kind
		run litesafe backup app.db -o $kind.tar.zst --busy-timeout 300ms
		expect_exit 0
		stop_holder
	done
}

# A page deep inside that is garbage: saved as it is, and verify says so.
scenario_damaged_b_tree() {
	mkdb app.db --rows 3000
	local size page
	size=$(stat -c %s app.db)
	page=$(ask app.db "SELECT rootpage FROM sqlite_schema
		WHERE name = 'item_name'")
	[ $((page * 4096)) -le "$size" ]
	head -c 200 /dev/zero | dd of=app.db bs=1 conv=notrunc status=none \
		seek=$(((page - 1) * 4096))
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe verify a.tar.zst --level stored
	expect_exit 0
	run litesafe verify a.tar.zst
	expect_exit 4
	expect_out "Page $page"
	expect_err 'is intact, but SQLite finds the database in it damaged'
	expect_err 'it was backed up like that'
	run litesafe verify a.tar.zst --json
	expect_exit 4
	expect_out '"result":"damaged"'
	run litesafe restore a.tar.zst --to new.db
	expect_exit 4
	expect_files . app.db a.tar.zst
}

# unverifiable FEATURE TEXT: saved; verify cannot check it, says why, and is
# no failure unless --strict.
unverifiable() {
	mkdb app.db --rows 500 --with "$1"
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe verify a.tar.zst --check full
	expect_exit 0
	grep -qF "$2" "$LOGS/out" "$LOGS/err" || fail "verify does not say: $2"
	grep -qF 'cannot be checked' "$LOGS/out" "$LOGS/err" ||
		fail "verify does not say that something cannot be checked"
	run litesafe verify a.tar.zst --check full --json
	expect_out '"result":"unverifiable"'
	run litesafe verify a.tar.zst --check full --strict
	expect_exit 1
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages app.db new.db
}

scenario_unknown_collation() {
	unverifiable collation app_reversed
}

scenario_unknown_function() {
	unverifiable function app_double
}

scenario_unknown_tokenizer() {
	unverifiable tokenizer whole
}

scenario_unknown_module() {
	unverifiable module app_hollow
}

# The rest is still checked: damage beside an unknown collation is found.
scenario_damage_beside_an_unknown_collation() {
	mkdb app.db --rows 3000 --with collation
	local page
	page=$(ask app.db "SELECT rootpage FROM sqlite_schema
		WHERE name = 'item_name'")
	head -c 200 /dev/zero | dd of=app.db bs=1 conv=notrunc status=none \
		seek=$(((page - 1) * 4096))
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe verify a.tar.zst
	expect_exit 4
}

# Rows that break a rule of the application's are its own: told, no damage.
scenario_foreign_key_violation() {
	mkdb app.db --with foreign-key
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe verify a.tar.zst --check full
	expect_exit 0
	expect_out "'child'"
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	same_pages app.db new.db
}
