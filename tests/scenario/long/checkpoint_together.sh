# Checkpoints of every mode among several writers and their own checkpoints.
#
# shellcheck shell=bash

scenario_checkpoints_among_writers() {
	mkdir app
	local i mode budget modes=(passive full restart truncate auto) done=0
	start_writer app/app.db --journal wal --autocheckpoint 100 --busy 30000
	start_writer app/app.db --autocheckpoint 1000 --note 2000 --busy 30000
	start_writer app/app.db --autocheckpoint 0 --rate 100 --busy 30000
	for ((i = 0; i < 150; i++)); do
		mode=${modes[i % ${#modes[@]}]}
		budget=(--checkpoint-budget 200ms)
		[ "$mode" != auto ] || budget=()
		run litesafe backup app/app.db -o a.tar.zst --force --json \
			--checkpoint "$mode" "${budget[@]}"
		expect_exit 0
		! grep -q '"done":true' "$LOGS/out" || done=$((done + 1))
		[ $((i % 10)) != 0 ] || {
			run litesafe restore a.tar.zst --to new.db --check full
			expect_exit 0
			ledger_is_right new.db
			rm new.db
		}
	done
	measured "$done of 150 were done"
	[ $done -gt 10 ] || fail "only $done of 150 checkpoints were done"
	stop_writers
	expect_files app app.db
	ledger_is_right app/app.db
}

# A writer that never stops makes no backup begin again or fail, and each is
# one committed state, later than the one before it.
scenario_a_thousand_backups() {
	mkdir app
	local i commits last=0
	start_writer app/app.db --journal wal --autocheckpoint 100 --busy 30000
	checkpoints app/app.db &
	for ((i = 0; i < 1000; i++)); do
		run litesafe backup app/app.db -o a.tar.zst --force \
			--verify none --checkpoint off
		expect_exit 0
		rm -f new.db
		run litesafe restore a.tar.zst --to new.db --check none
		expect_exit 0
		ledger_is_right new.db
		commits=$(commits_in new.db)
		[ "$commits" -ge "$last" ] || fail "backup $i goes back in time"
		last=$commits
	done
	touch over
	wait $!
	stop_writers
	ledger_is_right app/app.db
	# Those that were not busy, and found frames.
	[ "$(grep -cE '^0\|[1-9]' checkpointed)" -gt 10 ] ||
		fail "nobody else made checkpoints"
}

# Killed in the middle of one, nothing of it stays.
scenario_killed_while_it_checkpoints() {
	mkdir app
	local i pid
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow \
		--note 3000 --busy 30000
	for ((i = 0; i < 60; i++)); do
		"$LITESAFE" backup app/app.db -o "a$i.tar.zst" \
			--checkpoint truncate --checkpoint-budget 5s \
			>/dev/null 2>&1 &
		pid=$!
		sleep "0.0$((i % 10))"
		kill -KILL $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
	done
	stop_writers
	expect_files app app.db
	ledger_is_right app/app.db
}
