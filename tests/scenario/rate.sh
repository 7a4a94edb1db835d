# --rate: the database is read evenly and no faster; without a WAL its writers
# do not wait for it.
# shellcheck shell=bash disable=SC2034,SC2154

# make_app JOURNAL_MODE: app.db, of some 6 MB.
make_app() {
	ask app.db "PRAGMA journal_mode=$1; CREATE TABLE item(a);
		WITH RECURSIVE n(i) AS
			(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
		INSERT INTO item SELECT randomblob(4000) FROM n" >/dev/null
}

# within TOLERANCE_PERCENT EXPECTED MEASURED
within() {
	awk -v t="$1" -v e="$2" -v m="$3" 'BEGIN {
		exit !(m > e * (1 - t / 100) && m < e * (1 + t / 100)) }' ||
		fail "expected $2 within $1 %, measured $3"
}

# rate_of JSON_FIELD: bytes of app.db in a second of that time.
rate_of() {
	awk -v b="$(stat -c %s app.db)" -v s="$(json_of snapshot "$1")" \
		'BEGIN { printf "%.0f\n", b / s }'
}

scenario_a_wal_database_is_read_at_the_rate() {
	make_app wal
	run litesafe backup app.db -o a.tar.zst --rate 4M --json
	expect_exit 0
	within 20 $((4 << 20)) "$(rate_of pin_seconds)"
	measured "$(rate_of pin_seconds) of $((4 << 20)) bytes a second"
	run litesafe verify a.tar.zst
	expect_exit 0
}

scenario_an_increment_is_read_at_the_rate() {
	make_app wal
	make_repository
	snapshot app.db
	ask app.db "UPDATE item SET a = 1 WHERE rowid = 7"
	LITESAFE_RATE=4M snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
	within 20 $((4 << 20)) "$(rate_of pin_seconds)"
}

scenario_writers_commit_meanwhile() {
	make_app wal
	start_writer app.db
	local before
	before=$(commits_in app.db)
	run litesafe backup app.db -o a.tar.zst --rate 4M
	expect_exit 0
	[ "$(commits_in app.db)" -gt $((before + 20)) ] || fail 'nobody wrote'
	stop_writers
	run litesafe restore a.tar.zst --to back.db
	expect_exit 0
	ledger_is_right back.db
}

# The spool is filled at full speed, and stored at the rate.
scenario_without_a_wal_writers_do_not_wait_for_it() {
	make_app delete
	run litesafe backup app.db -o a.tar.zst --rate 4M --verify none --json
	expect_exit 0
	awk -v s="$(json_of snapshot stall_seconds)" 'BEGIN { exit !(s < 0.5) }' ||
		fail "writers were stopped for $(json_of snapshot stall_seconds) s"
	within 20 $((4 << 20)) "$(rate_of seconds)"
	run litesafe verify a.tar.zst
	expect_exit 0
}

scenario_it_answers_while_it_waits() {
	make_app wal
	run litesafe backup app.db -o a.tar.zst --rate 64K --max-pin 300ms
	refused 6 'the limit of --max-pin'
	"$LITESAFE" backup app.db -o a.tar.zst --rate 1 >"$LOGS/out" \
		2>"$LOGS/err" &
	local pid=$! begin
	sleep 0.5
	begin=$(date +%s%N)
	kill -TERM $pid || fail 'it ended by itself'
	status=0
	wait $pid || status=$?
	expect_exit 143
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 1000 ] || fail 'it took long'
	expect_files . app.db
}
