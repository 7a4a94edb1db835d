# Databases that are large, or large in an odd way: around the lock-byte page,
# with a WAL larger than the file, nearly empty, incompressible.  What it takes
# is the same for all.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/matrix.sh
. "$here/matrix.sh"

# quietly SQL: as fast as it goes, by an application that is alone.
quietly() {
	ask app.db "PRAGMA synchronous=OFF; $1" >"$LOGS/quietly"
}

count_pages() {
	ask app.db 'PRAGMA page_count'
}

# idle_pages: the file itself is what must come back.
idle_pages() {
	back_up
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages app.db new.db
	rm new.db
}

# Without the check of all pages, which restore has made.
ledger_adds_up() {
	[ "$(ask new.db 'SELECT sum(balance) FROM account')" = 200000 ] ||
		fail "the ledger is wrong"
}

# The page at 1 GiB is where SQLite has its locks; it is never read, never
# written, and never delivered to a backup.
scenario_over_one_gib_while_it_is_written() {
	need_space 5000
	mkdb app.db --bytes 1080000000
	idle_pages
	start_writer app.db --rate 100
	back_up
	stop_writers
	run litesafe verify a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	ledger_adds_up
	[ "$(stat -c %s new.db)" -gt 1080000000 ]
	rm app.db
	mkdir tar
	tar --zstd -xf a.tar.zst -C tar
	cmp tar/app.db new.db
}

# The same with the largest pages and a rollback journal: through a spool.
scenario_over_one_gib_with_a_rollback_journal() {
	need_space 5000
	mkdb app.db --bytes 1080000000 --page-size 65536 --journal delete
	idle_pages
	start_writer app.db --rate 20 --busy 60000
	back_up
	stop_writers
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	ledger_adds_up
}

# A database that ends around the lock-byte page, which with 4096 bytes to a
# page is page 262145.
scenario_around_the_lock_byte_page() {
	need_space 5000
	local lock=262145
	quietly "PRAGMA auto_vacuum=incremental; CREATE TABLE item(x);
		CREATE TABLE gone(x);
		INSERT INTO item SELECT zeroblob(535000000) FROM
			(SELECT 1 UNION ALL SELECT 2);
		INSERT INTO gone SELECT zeroblob(6000000);
		DELETE FROM gone"
	[ "$(count_pages)" -gt $((lock + 5)) ]

	# Directly behind it is the last page.
	quietly "PRAGMA incremental_vacuum($(($(count_pages) - lock - 5)))"
	while [ "$(count_pages)" -gt $((lock + 1)) ]; do
		quietly 'PRAGMA incremental_vacuum(1)'
	done
	[ "$(count_pages)" = $((lock + 1)) ]
	idle_pages

	# What is in the page itself, whoever put it there, is of no database.
	cp --sparse=always app.db ref.db
	flip app.db bit $((1 << 30))
	back_up
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages ref.db new.db
	rm new.db
	mv ref.db app.db

	# Directly before it; SQLite steps over the page as it truncates.
	quietly 'PRAGMA incremental_vacuum(1)'
	[ "$(count_pages)" = $((lock - 1)) ]
	[ "$(stat -c %s app.db)" = $((1 << 30)) ]
	idle_pages

	# The page itself is the last one: SQLite makes no such database, but
	# reads one when the count in the header is stale and the file is longer.
	truncate -s $((lock * 4096)) app.db
	flip app.db bit 95
	[ "$(count_pages)" = $lock ]
	idle_pages
}

scenario_wal_larger_than_its_database() {
	mkdb app.db
	start_writer app.db --autocheckpoint 0 --note 3000 --grow
	local i
	for ((i = 0; i < 600; i++)); do
		[ "$(stat -c %s app.db-wal)" -lt 50000000 ] || break
		sleep 0.1
	done
	[ "$(stat -c %s app.db-wal)" -ge $((20 * $(stat -c %s app.db))) ] ||
		fail "the WAL does not grow"
	frozen_backup wal
	running_backup wal
}

# Of a dead application: nobody has taken its WAL in, and nobody does.
scenario_wal_left_behind_larger_than_its_database() {
	mkdb app.db --rows 2000 --rewrite 30 --leave wal
	[ "$(stat -c %s app.db-wal)" -gt "$(stat -c %s app.db)" ]
	take_reference
	local before
	before=$(sha256sum app.db app.db-wal)
	back_up
	[ "$(sha256sum app.db app.db-wal)" = "$before" ] ||
		fail "the database or its WAL changed"
	bring_back
	same_pages ref.db new.db
}

# Free pages come back as well, with what is in them: they may be all that is
# left of what somebody deleted by mistake.
scenario_nearly_all_pages_are_free() {
	need_space 1000
	mkdb app.db --rows 20000 --with freelist
	[ "$(ask app.db 'SELECT 10 * freelist_count >= 9 * page_count
		FROM pragma_freelist_count, pragma_page_count')" = 1 ] ||
		fail "fewer than 90 % of the pages are free"
	idle_pages
	# The writer takes free pages into use meanwhile.
	start_writer app.db --journal wal --note 3000 --grow
	frozen_backup wal
	running_backup wal
}

scenario_incompressible() {
	need_space 2000
	ask app.db 'PRAGMA journal_mode=WAL; CREATE TABLE noise(x);
		INSERT INTO noise SELECT randomblob(100000000) FROM
			(SELECT 1 UNION ALL SELECT 2)' >"$LOGS/noise"
	local size
	size=$(stat -c %s app.db)
	idle_pages
	# Not compressed, and not much larger either: 1 % for sums and frames.
	[ "$(stat -c %s a.tar.zst)" -lt $((size + size / 100)) ] ||
		fail "$size bytes became $(stat -c %s a.tar.zst)"
}

# frugally COMMAND...: with at most 64 MiB.
frugally() {
	run "$SUPPORT/peak" 65536 "$LITESAFE" "$@"
	expect_exit 0
}

scenario_memory_is_flat() {
	need_space 3000
	local bytes
	for bytes in 100000000 1000000000; do
		mkdb app.db --bytes $bytes
		frugally backup app.db -o a.tar.zst
		frugally verify a.tar.zst
		frugally restore a.tar.zst --to new.db
		rm -f app.db* a.tar.zst new.db
	done
}
