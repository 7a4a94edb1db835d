# The end of a long pin, with a writer at full speed: what the pin kept waiting
# is written back beside its commits, whatever else happens meanwhile.
#
# shellcheck shell=bash disable=SC2154

# A long pin, and much that waits.
prepare() {
	mkdir app
	"$SUPPORT/mkdb" app/app.db --bytes 60000000
	ask app/app.db 'PRAGMA journal_mode = wal' >/dev/null
	start_writer app/app.db --grow --note 500 --rate 2000 --busy 30000
}

# A pin of two to three seconds on any machine.
backup_args=(backup app/app.db -o a.tar.zst --force --verify none --rate 24M)

scenario_it_is_written_back() {
	prepare
	local i n=0
	for ((i = 0; i < 6; i++)); do
		run litesafe "${backup_args[@]}" --json
		expect_exit 0
		[ "$(json_of snapshot frames_written_back)" != 0 ] || continue
		n=$((n + 1))
		# A reader is held for it, and what that costs is told.
		[ "$(json_of snapshot write_back_seconds)" != 0 ] &&
			[ "$(json_of snapshot wal_bytes_at_end)" -ge \
				"$(json_of snapshot wal_bytes_after)" ] ||
			fail 'what it cost is not told'
	done
	measured "$n of 6 were written back"
	[ $n -gt 3 ] || fail "$n of 6 were written back"
	run litesafe "${backup_args[@]}" --checkpoint off --json
	expect_exit 0
	grep -qE '"frames_written_back": ?0' "$LOGS/out" ||
		fail '--checkpoint off wrote back'
	stop_writers
	expect_files app app.db
	ledger_is_right app/app.db
}

# The pins of the others end no later for it.
scenario_of_a_set_only_of_the_last() {
	local i most=0 n
	mkdir app
	for i in 1 2 3; do
		"$SUPPORT/mkdb" app/$i.db --bytes 40000000
		ask app/$i.db 'PRAGMA journal_mode = wal' >/dev/null
		start_writer app/$i.db --grow --note 500 --rate 2000 --busy 30000
	done
	for ((i = 0; i < 4; i++)); do
		run litesafe backup app/1.db app/2.db app/3.db --set s \
			-o a.tar.zst --force --verify none --rate 40M --json
		expect_exit 0
		n=$(grep -oE '"frames_written_back": ?[1-9]' "$LOGS/out" | wc -l)
		[ "$n" -le "$most" ] || most=$n
	done
	stop_writers
	[ "$most" -eq 1 ] || fail "$most of a set were written back at once"
	expect_files app 1.db 2.db 3.db
}

scenario_beside_checkpoints_of_every_mode() {
	prepare
	start_writer app/app.db --autocheckpoint 100 --busy 30000
	checkpoints app/app.db &
	local i other=$!
	for ((i = 0; i < 8; i++)); do
		run litesafe "${backup_args[@]}"
		expect_exit 0
		run litesafe restore a.tar.zst --to new.db --check none
		expect_exit 0
		ledger_is_right new.db
		rm new.db
	done
	touch over
	wait $other
	grep -q '^0|' checkpointed || fail 'no checkpoint was made'
	stop_writers
	ledger_is_right app/app.db
}

# holds_checkpoint_lock PID: byte 121 of the -shm
# (sqlite.org/walformat.html 2.3.1).
holds_checkpoint_lock() {
	grep -qE "WRITE $1 .* 121 121\$" /proc/locks
}

scenario_killed_while_it_writes_back() {
	prepare
	local i pid killed=0
	for ((i = 0; i < 12; i++)); do
		rm -f ended
		{ "$LITESAFE" "${backup_args[@]}" & echo $! >pid; wait; touch ended; } \
			>/dev/null 2>&1 &
		until [ -s pid ]; do sleep 0.01; done
		pid=$(cat pid)
		until [ -e ended ] || holds_checkpoint_lock "$pid"; do :; done
		sleep "0.0$((i % 5))"
		if holds_checkpoint_lock "$pid"; then
			kill -KILL "$pid"
			killed=$((killed + 1))
		fi
		until [ -e ended ]; do sleep 0.01; done
		rm pid
	done
	measured "$killed of 12 were killed in it"
	[ $killed -gt 4 ] || fail "only $killed of 12 were killed in it"
	stop_writers
	expect_files app app.db
	ledger_is_right app/app.db
}
