# Every shape of database: what is restored equals the source page by page,
# SQLite says ok, and what the header keeps is kept.
# shellcheck shell=bash disable=SC2154

# round_trip OPTION...: a database made so, there and back.
round_trip() {
	rm -f app.db* a.tar.zst new.db*
	mkdb app.db "$@"
	run litesafe backup app.db -o a.tar.zst
	[ "$status" = 0 ] || fail "backup of mkdb $*"
	run litesafe restore a.tar.zst --to new.db --check full
	[ "$status" = 0 ] || fail "restore of mkdb $*"
	same_pages app.db new.db
	[ "$(ask new.db 'PRAGMA integrity_check; PRAGMA user_version;
		PRAGMA application_id' | tr '\n' ' ')" = \
		'ok 4711 1279874386 ' ] || fail "mkdb $*"
	expect_at_most . app.db app.db-journal a.tar.zst new.db
}

scenario_page_sizes_and_journals() {
	local size journal
	for size in 512 1024 2048 4096 8192 16384 32768 65536; do
		for journal in wal delete truncate persist; do
			round_trip --page-size $size --journal $journal
		done
	done
}

scenario_encodings_and_vacuums() {
	local encoding vacuum size
	for encoding in UTF-8 UTF-16le UTF-16be; do
		for vacuum in none full incremental; do
			for size in 512 4096 65536; do
				round_trip --encoding $encoding --page-size $size \
					--auto-vacuum $vacuum \
					--with freelist,without-rowid
			done
		done
	done
}

scenario_reserved_bytes() {
	local reserve size
	for reserve in 1 8 32 255; do
		for size in 1024 4096 65536; do
			round_trip --reserve $reserve --page-size $size --journal wal
			round_trip --reserve $reserve --page-size $size \
				--journal delete --auto-vacuum full
		done
	done
}

scenario_features() {
	local feature
	for feature in without-rowid strict generated fts5 rtree freelist; do
		round_trip --with $feature --rows 1000
		round_trip --with $feature --rows 1000 --journal delete \
			--page-size 1024 --encoding UTF-16le
	done
	round_trip --rows 20000 \
		--with without-rowid,strict,generated,fts5,rtree,freelist
}

scenario_sizes_around_a_frame() {
	# A frame holds 1 MiB of pages: just below, at and above one and two.
	local size bytes
	for size in 512 4096 65536; do
		for bytes in 900000 1048576 1100000 2097152 2200000; do
			round_trip --page-size $size --bytes $bytes
		done
	done
	round_trip --rows 1 --page-size 65536
	round_trip --rows 1 --page-size 512
}

scenario_wal_larger_than_its_database() {
	rm -f app.db*
	mkdb app.db --rows 2000 --rewrite 30 --leave wal
	[ "$(stat -c %s app.db-wal)" -gt "$(stat -c %s app.db)" ]
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	# SQLite itself makes the reference: the WAL taken into the main file.
	ask app.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	same_pages app.db new.db
}

# Beyond 1 GiB lies the lock-byte page, which SQLite never uses.
scenario_over_one_gib() {
	need_space 4000
	mkdb app.db --bytes 1080000000
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe verify a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	same_pages app.db new.db
	mkdir tar
	tar --zstd -xf a.tar.zst -C tar
	cmp tar/app.db new.db
}

# The same with the largest pages, and in rollback-journal mode (spooled).
scenario_over_one_gib_with_large_pages() {
	need_space 4000
	mkdb app.db --bytes 1080000000 --page-size 65536 --journal delete
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages app.db new.db
}
