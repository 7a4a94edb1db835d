# The whole walk, while an application keeps writing.
# shellcheck shell=bash disable=SC2154

scenario_whole_walk() {
	mkdir app out
	start_writer app/app.db --journal wal --rate 500 --grow
	local before after pinned
	before=$(commits_in app/app.db)
	run litesafe backup app/app.db -o out/app.tar.zst
	expect_exit 0
	after=$(commits_in app/app.db)
	expect_files out app.tar.zst
	[ "$(stat -c %a out/app.tar.zst)" = 600 ] || fail "the archive is not private"

	run litesafe verify out/app.tar.zst
	expect_exit 0
	run litesafe show out/app.tar.zst
	expect_exit 0
	expect_out app.db
	run litesafe restore out/app.tar.zst --to out/new.db
	expect_exit 0
	expect_files out app.tar.zst new.db
	ledger_is_right out/new.db
	pinned=$(commits_in out/new.db)
	[ "$pinned" -ge "$before" ] && [ "$pinned" -le "$after" ] ||
		fail "a state of $pinned commits, taken between $before and $after"
	stop_writers
	expect_files app app.db
}

scenario_restored_copy_is_the_source_page_by_page() {
	mkdb app.db --rows 3000 --with fts5,rtree,strict,freelist
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages app.db new.db
	expect_files . app.db a.tar.zst new.db
}

scenario_through_pipes() {
	start_writer app.db --journal wal --rate 300
	litesafe backup app.db -o - 2>"$LOGS/backup" |
		litesafe restore - --to new.db >"$LOGS/restore" 2>&1 ||
		fail "$(cat "$LOGS/backup" "$LOGS/restore")"
	stop_writers
	ledger_is_right new.db
}

scenario_with_other_peoples_tools() {
	start_writer app.db --journal wal --rate 300 --grow
	run litesafe backup app.db -o a.tar.zst --image-sha256
	expect_exit 0
	stop_writers
	zstd -q -t a.tar.zst
	mkdir gnu bsd
	tar --zstd -xf a.tar.zst -C gnu
	bsdtar -xf a.tar.zst -C bsd
	expect_files gnu app.db .litesafe litesafe.json
	cmp gnu/app.db bsd/app.db
	cmp gnu/litesafe.json bsd/litesafe.json
	cmp gnu/.litesafe/app.db.sums bsd/.litesafe/app.db.sums

	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	cmp gnu/app.db new.db
	ledger_is_right gnu/app.db
	# The sum in the manifest is that of sha256sum.
	grep -q "$(sha256sum <bsd/app.db | cut -d' ' -f1)" gnu/litesafe.json ||
		fail "the image's SHA-256 is not in the manifest"
	# A page sum is the first half of the page's SHA-256.
	local size page sum
	size=$(ask new.db 'PRAGMA page_size')
	for page in 1 2 3; do
		sum=$(tail -c +$(((page - 1) * size + 1)) bsd/app.db |
			head -c "$size" | sha256sum | head -c 32)
		[ "$sum" = "$(tail -c +$(((page - 1) * 16 + 1)) \
			gnu/.litesafe/app.db.sums | head -c 16 | od -An -v -tx1 |
			tr -d ' \n')" ] || fail "sum of page $page"
	done
}

scenario_the_folder_stays_as_it_was() {
	# Closed: no side files before, none after.
	mkdir app
	mkdb app/app.db --rows 2000
	local before
	before=$(fingerprint app)
	run litesafe backup app/app.db -o a.tar.zst
	expect_exit 0
	[ "$(fingerprint app)" = "$before" ] || fail "the folder changed"

	# A dead application's WAL: neither taken in nor removed.
	rm -rf app/* a.tar.zst
	mkdb app/app.db --leave wal
	before=$(sha256sum app/app.db app/app.db-wal)
	run litesafe backup app/app.db -o a.tar.zst
	expect_exit 0
	[ "$(sha256sum app/app.db app/app.db-wal)" = "$before" ] ||
		fail "the database or its WAL changed"
	expect_files app app.db app.db-wal app.db-shm
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	[ "$(ask new.db "SELECT count(*) FROM item
		WHERE name LIKE '% last words'")" = 200 ] ||
		fail "what was only in the WAL is not in the backup"
}

scenario_an_idle_application_keeps_its_files() {
	mkdb app.db
	start_holder app.db idle
	local before
	before=$(stat -c '%n %i %u %a' app.db app.db-wal app.db-shm)
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	[ "$(stat -c '%n %i %u %a' app.db app.db-wal app.db-shm)" = "$before" ] ||
		fail "the application's files are not the same any more"
	stop_holder
}

scenario_rollback_journal_modes() {
	local mode
	for mode in delete truncate persist; do
		start_writer $mode.db --journal $mode --rate 200 --busy 20000
		run litesafe backup $mode.db -o $mode.tar.zst
		expect_exit 0
		stop_writers
		run litesafe restore $mode.tar.zst --to new-$mode.db
		expect_exit 0
		ledger_is_right new-$mode.db
		[ "$(ask new-$mode.db 'PRAGMA journal_mode')" = delete ] ||
			fail "journal mode of a restored $mode database"
	done
}

scenario_options_of_backup() {
	mkdb app.db --rows 2000
	local options
	for options in '--level 1' '--level 19' '--threads 1' '--threads 3' \
		'--verify none' '--verify stored' '--verify restore' \
		'--image-sha256' '--max-pin 60' '--max-wal-growth 1G' \
		'--busy-timeout 2s' '-q' '-v' '--json'; do
		# shellcheck disable=SC2086 # options are words
		run litesafe backup app.db -o a.tar.zst $options
		expect_exit 0
		run litesafe restore a.tar.zst --to new.db
		expect_exit 0
		same_pages app.db new.db
		rm a.tar.zst new.db
	done
}

scenario_json_for_programs() {
	start_writer app.db --journal wal --rate 300
	run litesafe backup app.db -o a.tar.zst --json
	expect_exit 0
	expect_out '"type":"snapshot"'
	[ "$(json type)" = summary ] || fail "the last line is no summary"
	[ "$(json exit_code)" = 0 ] || fail "exit_code"
	run litesafe verify a.tar.zst --json
	expect_exit 0
	expect_out '"result":"ok"'
	run litesafe show a.tar.zst --json
	expect_exit 0
	expect_out '"type":"snapshot"'
	run litesafe backup none.db -o b.tar.zst --json
	refused 11 "'none.db'"
	[ "$(json type)" = summary ] || fail "no summary after a failure"
	[ "$(json ok)" = false ] || fail "ok after a failure"
	[ "$(json exit_code)" = 11 ] || fail "exit_code after a failure"
	stop_writers
}

scenario_quiet_is_silent() {
	mkdb app.db
	run litesafe backup app.db -o a.tar.zst -q
	expect_exit 0
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ] || fail "-q says something"
}
