# What a backup costs the application, the limits to that, and the checkpoint
# that repays it: beside processes that really use the database.
#
# shellcheck shell=bash disable=SC2154 # writers, holder_pid: lib.sh

# The linked SQLite has the fault that lets two checkpoints lose a transaction.
sqlite_is_affected() {
	local a b c
	IFS=. read -r a b c < <("$LITESAFE" show "$1" --json |
		sed -n 's/.*"sqlite":"\([0-9.]*\)".*/\1/p')
	case $b in
	44) [ "$c" -lt 6 ] ;;
	50) [ "$c" -lt 7 ] ;;
	51) [ "$c" -lt 3 ] ;;
	*) [ "$a" -le 3 ] && [ "$b" -lt 51 ] ;;
	esac
}

# writer_with_debt: an application whose own checkpoints never come.
writer_with_debt() {
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow --rate 300
}

app_is_well() {
	stop_writers
	expect_files app app.db
	ledger_is_right app/app.db
}

scenario_the_bill_is_told_and_stored() {
	mkdir app
	mkdb app/app.db --bytes 20000000
	writer_with_debt
	run litesafe backup app/app.db -o a.tar.zst --json
	expect_exit 0
	local field
	for field in pin_seconds stall_seconds pages_per_second busy_retries \
		wal_bytes_before wal_bytes_after wal_frames_before \
		wal_frames_after frames_not_checkpointed checkpoint \
		write_back_seconds wal_bytes_at_end; do
		expect_out "\"$field\":"
	done
	[ "$(json_of snapshot wal_frames_before)" -gt 0 ] || fail "no frames"
	[ "$(json_of snapshot stall_seconds)" = 0 ] ||
		fail "a stall in WAL mode"
	expect_out '"checkpoint":{"mode":"auto","done":false,"reason":"'
	local told
	told=$(grep '"type":"snapshot"' "$LOGS/out" |
		grep -o '"wal_frames_before":.*"checkpoint":{[^}]*}')
	run litesafe show a.tar.zst --json
	expect_out "$told"
	run litesafe backup app/app.db -o b.tar.zst -v
	expect_exit 0
	expect_out 'a second'
	expect_out 'not checkpointed'
	expect_out 'checkpoint none: '
	app_is_well
}

scenario_the_bill_of_a_rollback_database() {
	mkdir app
	start_writer app/app.db --journal delete --rate 100 --busy 20000
	run litesafe backup app/app.db -o a.tar.zst --json
	expect_exit 0
	[ "$(json_of snapshot stall_seconds)" != 0 ] || fail "no stall"
	expect_out '"reason":"there is nothing in a WAL"'
	run litesafe backup app/app.db -o b.tar.zst
	expect_out 'writers stopped meanwhile'
	stop_writers
	ledger_is_right app/app.db
}

# WAL growth counts from the pin on, and ends it with the source as it was.
scenario_wal_growth_ends_the_pin() {
	mkdir app
	mkdb app/app.db --bytes 60000000
	start_writer app/app.db --journal wal --grow --note 4000
	run litesafe backup app/app.db -o a.tar.zst --max-wal-growth 1
	refused 6 'its WAL grew by' '--max-wal-growth'
	expect_files . app
	app_is_well
}

scenario_min_free_ends_the_pin() {
	small_disk disk 24M
	mkdb disk/app.db --bytes 6000000
	local before
	before=$(fingerprint disk)
	run litesafe backup disk/app.db -o a.tar.zst --min-free 1M
	expect_exit 0
	run litesafe backup disk/app.db -o b.tar.zst --min-free 20M
	refused 6 '--min-free' 'MiB are left on its filesystem'
	expect_files . a.tar.zst disk
	[ "$(fingerprint disk)" = "$before" ] || fail "the source was changed"
}

# The disk fills up while the pin is held.
scenario_min_free_is_watched() {
	small_disk disk 200M
	mkdb disk/app.db --bytes 40000000
	mkfifo pipe
	(sleep 1 && exec cat) <pipe >/dev/null &
	local reader=$!
	(sleep 0.3 && head -c 100000000 /dev/zero >disk/big) &
	local filler=$!
	run bash -c '"$0" backup disk/app.db -o - --level 1 --min-free 80M >pipe' \
		"$LITESAFE"
	refused 6 '--min-free'
	wait $filler
	wait $reader || true
	expect_files disk app.db big
}

scenario_max_stall_ends_the_pin() {
	mkdir app
	mkdb app/app.db --journal delete --bytes 60000000
	start_writer app/app.db --rate 100 --busy 20000
	run litesafe backup app/app.db -o a.tar.zst --max-stall 1ms
	refused 6 '--max-stall' 'writers could not commit'
	expect_files . app
	run litesafe backup app/app.db -o a.tar.zst --max-stall 1m
	expect_exit 0
	stop_writers
	ledger_is_right app/app.db
	# In WAL mode nobody is stopped, so there is nothing to limit.
	mkdb wal.db --journal wal --bytes 60000000
	run litesafe backup wal.db -o wal.tar.zst --max-stall 1ms
	expect_exit 0
}

scenario_blocking_needs_a_budget() {
	mkdb app.db
	local mode
	for mode in full restart truncate; do
		run litesafe backup app.db -o a.tar.zst --checkpoint $mode
		refused 2 '--checkpoint-budget'
	done
	expect_files . app.db
}

scenario_every_mode_beside_a_writer() {
	mkdir app
	mkdb app/app.db --bytes 4000000
	start_writer app/app.db --journal wal --grow --rate 500 --busy 20000
	local mode done=0
	for mode in passive full restart truncate passive full restart \
		truncate; do
		run litesafe backup app/app.db -o a.tar.zst --json --force \
			--checkpoint $mode --checkpoint-budget 2s
		expect_exit 0
		expect_out "\"checkpoint\":{\"mode\":\"$mode\",\"done\":"
		! grep -q "\"mode\":\"$mode\",\"done\":true" "$LOGS/out" ||
			done=$((done + 1))
		run litesafe verify a.tar.zst --check full
		expect_exit 0
	done
	[ $done -gt 0 ] || fail "none of them was ever done"
	app_is_well
}

scenario_truncate_empties_the_wal() {
	mkdir app
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow
	kill -USR1 "${writers[0]}" # stops between two transactions
	while [ "$(cut -d' ' -f3 "/proc/${writers[0]}/stat")" != T ]; do
		sleep 0.02
	done
	[ "$(stat -c %s app/app.db-wal)" -gt 0 ] || fail "there is no WAL"
	run litesafe backup app/app.db -o a.tar.zst --json \
		--checkpoint truncate --checkpoint-budget 5s
	kill -CONT "${writers[0]}"
	expect_exit 0
	expect_out '"mode":"truncate","done":true'
	[ "$(json warnings_count)" = 0 ] || fail "a warning without a reason"
	app_is_well
}

scenario_an_affected_library_keeps_writers_out() {
	mkdir app
	mkdb app/app.db
	writer_with_debt
	run litesafe backup app/app.db -o a.tar.zst --json --checkpoint passive
	expect_exit 0
	if sqlite_is_affected a.tar.zst; then
		expect_out 'are safe only while nobody writes'
	else
		expect_out '"mode":"passive","done":true,"reason":""'
	fi
	app_is_well
}

# By itself it repays what the pin kept waiting, or says why it may not.
scenario_auto_repays_or_says_why() {
	mkdir app
	mkdb app/app.db --bytes 60000000
	start_writer app/app.db --journal wal --grow --note 4000
	run litesafe backup app/app.db -o a.tar.zst --json
	expect_exit 0
	[ "$(json warnings_count)" = 0 ] || fail "a warning unasked"
	if [ "$(json_of snapshot frames_not_checkpointed)" -le 1000 ]; then
		skip "the writer wrote too little meanwhile"
	fi
	if sqlite_is_affected a.tar.zst; then
		expect_out 'left to the application'
	else
		expect_out '"mode":"auto"'
		! grep -q 'not needed' "$LOGS/out" || fail "it was needed"
	fi
	app_is_well
}

# What was there before the pin is its application's, which may have a reason not
# to write it back.
scenario_a_debt_of_others_is_left_alone() {
	mkdir app
	mkdb app/app.db --rows 20000
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow \
		--note 4000
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(stat -c %s app/app.db-wal)" -lt 30000000 ] || break
		sleep 0.1
	done
	kill -STOP "${writers[0]}"
	make_repository
	snapshot app/app.db
	[ "$(json_of snapshot frames_not_checkpointed)" -gt 5000 ] ||
		fail "little was left in the WAL"
	kill -CONT "${writers[0]}"
	for i in 1 2 3; do
		run litesafe backup app/app.db -o $i.tar.zst --verify none \
			--max-wal-growth 15M --json
		[ "$status" = 0 ] || continue # it was a long one
		[ "$(json_of snapshot frames_written_back)" = 0 ] ||
			fail "it was written back"
	done
	app_is_well
}

scenario_an_older_reader_is_named() {
	mkdir app
	mkdb app/app.db
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow --rate 500
	start_holder app/app.db read
	sleep 0.3 # its state is old now
	local mode
	for mode in passive full truncate; do
		run litesafe backup app/app.db -o a.tar.zst --force \
			--checkpoint $mode --checkpoint-budget 500ms
		expect_exit 0
		expect_err "no $mode checkpoint of 'app/app.db' was made: "
		expect_err "process $holder_pid (holder) keeps"
		expect_out 'verified: stored'
		# Kept out, if not by the mode then by us.
		if [ $mode = passive ] && sqlite_is_affected a.tar.zst; then
			expect_err 'writers waited at most'
		fi
	done
	# Nobody asked for it, so nobody is warned.
	run litesafe backup app/app.db -o a.tar.zst --force
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "a warning unasked"
	stop_holder
	app_is_well
}

scenario_the_budget_ends_it() {
	mkdir app
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow --rate 50
	start_holder app/app.db write
	local mode
	for mode in full truncate; do
		run litesafe backup app/app.db -o a.tar.zst --force \
			--checkpoint $mode --checkpoint-budget 30ms
		expect_exit 0
		expect_err "no $mode checkpoint"
		expect_err 'budget'
		expect_err "process $holder_pid (holder) writes"
	done
	stop_holder
	app_is_well
}

scenario_off_and_no_trace() {
	mkdir app
	mkdb app/app.db --journal wal
	start_holder app/app.db idle
	ask app/app.db 'CREATE TABLE more(x)'
	local mode before after
	for mode in off auto passive; do
		before=$(stat -c '%n %i %u %a' app/*)
		run litesafe backup app/app.db -o a.tar.zst --force \
			--checkpoint $mode
		expect_exit 0
		after=$(stat -c '%n %i %u %a' app/*)
		[ "$before" = "$after" ] || fail "$mode left a trace: $after"
	done
	stop_holder
	# A frame that nobody will write back, of an application that died.
	start_writer app/app.db --autocheckpoint 0 --rate 50
	kill_writers
	before=$(sha256sum app/app.db app/app.db-wal)
	run litesafe backup app/app.db -o a.tar.zst --force --checkpoint off
	expect_exit 0
	[ "$(sha256sum app/app.db app/app.db-wal)" = "$before" ] ||
		fail "'off' wrote to the database"
}

scenario_as_another_user_it_is_not_made() {
	need_root
	mkdir -m 755 app
	mkdir -m 777 out
	mkdb app/app.db
	start_writer app/app.db --journal wal --autocheckpoint 0 --grow --rate 50
	chmod 644 app/app.db app/app.db-wal app/app.db-shm
	run as_nobody "$LITESAFE" backup app/app.db -o out/a.tar.zst \
		--checkpoint passive
	expect_exit 0
	expect_err 'may not write the database'
	app_is_well
}

# The main file cannot grow: a warning, and nothing is lost.
scenario_a_full_disk_is_no_failure() {
	small_disk disk 6M
	start_writer disk/app.db --journal wal --autocheckpoint 0 --grow \
		--note 4000 --rate 200
	while [ "$(stat -c %s disk/app.db-wal)" -lt 3500000 ]; do
		sleep 0.02
	done
	kill -USR1 "${writers[0]}"
	while [ "$(cut -d' ' -f3 "/proc/${writers[0]}/stat")" != T ]; do
		sleep 0.02
	done
	head -c 6000000 /dev/zero >disk/filler 2>/dev/null || true
	local mode commits
	commits=$(commits_in disk/app.db)
	for mode in passive full; do
		run litesafe backup disk/app.db -o a.tar.zst --force \
			--checkpoint $mode --checkpoint-budget 5s
		expect_exit 0
		expect_err "no $mode checkpoint of 'disk/app.db' was made: "
		expect_err 'disk'
		run litesafe restore a.tar.zst --to new.db --check full
		expect_exit 0
		ledger_is_right new.db
		[ "$(commits_in new.db)" = "$commits" ] || fail "commits lost"
		rm new.db
	done
	kill_writers
	rm disk/filler
	mount -o remount,size=50M disk
	ledger_is_right disk/app.db
	[ "$(commits_in disk/app.db)" = "$commits" ] || fail "commits lost"
}
