# The promise itself: under the hardest writing, every backup is one committed
# state, and no application notices.
# shellcheck shell=bash disable=SC2154

scenario_a_hundred_backups_under_four_writers() {
	need_space 2000
	mkdir app
	start_writer app/app.db --journal wal --grow --rate 800
	start_writer app/app.db --shrink --note 2000
	start_writer app/app.db --autocheckpoint 50
	start_writer app/app.db --rate 100
	local n last=0 commits
	for ((n = 1; n <= 100; n++)); do
		rm -f a.tar.zst new.db
		run litesafe backup app/app.db -o a.tar.zst
		expect_exit 0
		if [ $((n % 10)) = 0 ]; then
			run litesafe verify a.tar.zst --check full
			expect_exit 0
		fi
		run litesafe restore a.tar.zst --to new.db --check none
		expect_exit 0
		ledger_is_right new.db
		commits=$(commits_in new.db)
		[ "$commits" -gt "$last" ] || fail "backup $n is no newer"
		last=$commits
	done
	stop_writers
	ledger_is_right app/app.db
	expect_files app app.db
	[ "$(stat -c %u:%g app/app.db)" = "$(id -u):$(id -g)" ]
}

scenario_rollback_journal_under_two_writers() {
	mkdir app
	start_writer app/app.db --journal delete --rate 200 --busy 30000
	start_writer app/app.db --rate 50 --busy 30000
	local n
	for ((n = 1; n <= 20; n++)); do
		rm -f a.tar.zst new.db
		run litesafe backup app/app.db -o a.tar.zst --busy-timeout 30s
		expect_exit 0
		run litesafe restore a.tar.zst --to new.db --check none
		expect_exit 0
		ledger_is_right new.db
	done
	stop_writers
	ledger_is_right app/app.db
	expect_files app app.db
}

# The application dies in the middle of its work; its files must be as a crash
# leaves them, and its next start finds everything.
scenario_the_application_is_killed_meanwhile() {
	mkdir app
	local n
	for ((n = 1; n <= 10; n++)); do
		rm -f a.tar.zst new.db
		start_writer app/app.db --journal wal --grow
		litesafe backup app/app.db -o a.tar.zst >"$LOGS/out" 2>&1 &
		local backup=$!
		sleep 0.0$((n % 5))
		kill_writers
		wait $backup || fail "$(cat "$LOGS/out")"
		run litesafe restore a.tar.zst --to new.db
		expect_exit 0
		ledger_is_right new.db
		expect_at_most app app.db app.db-wal app.db-shm
		ledger_is_right app/app.db
	done
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
