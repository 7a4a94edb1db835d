# Large databases and large WALs: what only appears beyond some size.
# shellcheck shell=bash disable=SC2154

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

# peak COMMAND...: the most memory it had, in KiB, into $kib.
peak() {
	run bash -c '"$@" & pid=$!; most=0
		while now=$(sed -n "s/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p" \
			/proc/$pid/status 2>/dev/null) && [ -n "$now" ]; do
			most=$now; sleep 0.01
		done
		wait $pid; status=$?
		echo "peak $most"; exit $status' peak "$@"
	expect_exit 0
	kib=$(sed -n 's/^peak //p' "$LOGS/out")
}

scenario_memory_is_flat() {
	need_space 3000
	local bytes
	for bytes in 100000000 1000000000; do
		mkdb app.db --bytes $bytes
		peak "$LITESAFE" backup app.db -o a.tar.zst
		[ "$kib" -le 65536 ] || fail "backup of $bytes bytes: $kib KiB"
		peak "$LITESAFE" verify a.tar.zst
		[ "$kib" -le 65536 ] || fail "verify of $bytes bytes: $kib KiB"
		peak "$LITESAFE" restore a.tar.zst --to new.db
		[ "$kib" -le 65536 ] || fail "restore of $bytes bytes: $kib KiB"
		rm -f app.db* a.tar.zst new.db
	done
}
