# The ledger for longer: a hundred backups under four writers, and what is only
# met by chance.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/ledger.sh
. "$here/ledger.sh"

scenario_a_hundred_backups_under_four_writers() {
	need_space 2000
	scenario_four_writers_and_a_vacuum 100
}

scenario_thirty_with_a_rollback_journal() {
	scenario_two_writers_with_a_rollback_journal 30
}

# The application dies in the middle of its work; its files must be as a crash
# leaves them, and its next start finds everything.
scenario_the_application_is_killed_meanwhile() {
	mkdir app
	local n backup
	for ((n = 1; n <= 20; n++)); do
		rm -f a.tar.zst new.db
		start_writer app/app.db --journal wal --grow
		litesafe backup app/app.db -o a.tar.zst >"$LOGS/out" 2>&1 &
		backup=$!
		sleep 0.0$((n % 8))
		kill_writers
		wait $backup || fail "$(cat "$LOGS/out")"
		run litesafe restore a.tar.zst --to new.db
		expect_exit 0
		ledger_is_right new.db
		expect_at_most app app.db app.db-wal app.db-shm
		ledger_is_right app/app.db
	done
}

# The backup dies instead, at any moment; the application goes on as if it had
# not been there, and nothing of it stays.
scenario_the_backup_is_killed_meanwhile() {
	mkdir app out
	start_writer app/app.db --journal wal --grow --rate 500
	ask app/app.db 'CREATE TABLE ballast(x);
		INSERT INTO ballast VALUES(randomblob(8000000))'
	local n backup killed=0 level
	for ((n = 0; n < 40; n++)); do
		# Every other one is slow enough to be met at work.
		level=$((n % 2 ? 19 : 3))
		"$LITESAFE" backup app/app.db -o out/a.tar.zst --level $level \
			>"$LOGS/out" 2>&1 &
		backup=$!
		sleep 0.$((n % 4))$((n % 10))
		kill -KILL $backup 2>/dev/null && killed=$((killed + 1))
		wait $backup 2>/dev/null || true
		expect_at_most out a.tar.zst
		[ ! -e out/a.tar.zst ] || {
			run litesafe verify out/a.tar.zst
			expect_exit 0
			rm out/a.tar.zst
		}
	done
	[ $killed -ge 10 ] || fail "only $killed of them were killed"
	stop_writers
	ledger_is_right app/app.db
	expect_files app app.db
}

# Backups at the same time do not know of each other.
scenario_many_at_once() {
	start_writer app.db --journal wal --rate 500 --grow
	local n pid pids=()
	for n in 1 2 3 4 5 6; do
		litesafe backup app.db -o $n.tar.zst >"$LOGS/out-$n" 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "$(cat "$LOGS"/out-*)"
	done
	stop_writers
	for n in 1 2 3 4 5 6; do
		run litesafe restore $n.tar.zst --to $n.db
		expect_exit 0
		ledger_is_right $n.db
	done
	expect_files . app.db {1,2,3,4,5,6}.tar.zst {1,2,3,4,5,6}.db
}
