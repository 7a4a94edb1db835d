# Five hundred increments of random work: every snapshot comes back to exactly
# the bytes that were captured then.
# shellcheck shell=bash disable=SC2154

scenario_five_hundred_states() {
	make_repository
	local n fulls=0 sums=() ids=()
	for ((n = 1; n <= 500; n++)); do
		churn app.db $((n * 31))
		snapshot app.db
		[ "$kind" = increment ] || fulls=$((fulls + 1))
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	[ $fulls -lt 250 ] || fail "$fulls of 500 are fulls"
	for ((n = 0; n < 500; n++)); do
		comes_back app.db "${ids[n]}" "${sums[n]}"
	done
	run litesafe verify --level stored
	expect_exit 0
	[ "$(find S -type f | wc -l)" -le 4 ] || fail "the state grew"
}

# With the lock-byte page in it: beyond 1 GiB, mostly holes in the source.
scenario_beyond_one_gibibyte() {
	need_space 6000
	make_repository
	mkdb app.db --page-size 65536 --bytes 1080000000
	snapshot app.db
	ask app.db "UPDATE item SET name = 'changed' WHERE id % 500 = 3"
	snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
	comes_back app.db "$id" "$(settled app.db)"
	rm back.db
	run litesafe verify --all
	expect_exit 0
}

# More runs of changed pages than one member holds.
scenario_every_other_page() {
	need_space 2000
	make_repository
	sqlite3 app.db 'PRAGMA page_size = 512; PRAGMA journal_mode = WAL;
		CREATE TABLE t(i INTEGER PRIMARY KEY, b BLOB);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
			WHERE i < 300000) INSERT INTO t SELECT i, randomblob(400)
			FROM n' >/dev/null
	snapshot app.db
	ask app.db 'UPDATE t SET b = randomblob(400) WHERE i % 2 = 0'
	snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
	[ "$(tar --zstd -tf "$(archive_of "$id")" | grep -c '\.pages')" -ge 2 ] ||
		fail "it fits one member: that is not what is tried here"
	comes_back app.db "$id" "$(settled app.db)"
	command -v python3 >/dev/null || return 0
	sed -n '/^# ---- begin/,/^# ---- end/p' R/README.txt >rescue.py
	python3 rescue.py R/app.db/*-"${id:0:8}".json rescued.db
	cmp app.db rescued.db
}
