# One job is worked on by one process: a second one goes, or waits; whatever
# ends a run, the lock ends with it, and nothing is left behind.
# shellcheck shell=bash disable=SC2154

# A job that works as long as the file "hold" is there.
begin() {
	make_repository
	unset LITESAFE_REPOSITORY
	mkdb one.db
	mkdb two.db
	# Without processes of its own, which somebody else would have to reap.
	mkfifo tick
	cat >hold.sh <<-'END'
		#!/bin/bash
		: >held
		while [ -e hold ]; do read -rt 0.05 _ <>tick; done
		: >let-go
	END
	chmod +x hold.sh
	cat >litesafe.conf <<-END
		[global]
		repository = $PWD/R
		state = $PWD/S
		[job slow]
		database = $PWD/one.db
		before = $PWD/hold.sh
		on-failure = /bin/sh -c 'echo \$LITESAFE_STATUS \$LITESAFE_ERROR >failed'
		[job other]
		database = $PWD/two.db
	END
	export LITESAFE_CONFIG=$PWD/litesafe.conf
}

# wait_for FILE
wait_for() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.05
	done
	fail "'$1' did not come"
}

# start_slow: in the background; leaves $pid, and $worker: who has the lock.
start_slow() {
	touch hold
	rm -f held
	"$LITESAFE" run slow >slow.out 2>slow.err </dev/null &
	pid=$!
	others+=("$pid")
	wait_for held
	worker=$(cat S/run/slow.lock)
}

# Its end, and its status.
slow_ends() {
	wait "$pid" || return $?
}

ended() {
	local i
	for ((i = 0; i < 200; i++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.05
	done
	fail "process $1 still lives"
}

scenario_a_second_run_goes_at_once() {
	begin
	start_slow
	run litesafe run slow
	refused 6 "slow: job 'slow' is being worked on by process $worker" --wait
	kill -0 "$worker"
	run litesafe run slow --json
	expect_exit 6
	[ "$(json_of job exit_code)" = 6 ] && [ "$(json exit_code)" = 6 ] ||
		fail "exit code in JSON"
	# Neither hooks nor a failure of the first one.
	[ ! -e failed ] || fail "on-failure ran"
	# Another job has its own lock; one of two is partial.
	run litesafe run other
	expect_exit 0
	run litesafe run
	expect_exit 3
	rm hold
	slow_ends || fail "the first: $(cat slow.err)"
	run litesafe run slow
	expect_exit 0
}

scenario_one_that_waits() {
	begin
	start_slow
	"$LITESAFE" run slow --wait -v >second.out 2>&1 </dev/null &
	local second=$!
	others+=("$second")
	sleep 0.3
	grep -q "^slow: waiting: .* process $worker\$" second.out ||
		fail "it did not say so: $(cat second.out)"
	kill -0 "$second" || fail "it did not wait: $(cat second.out)"
	rm hold
	slow_ends || fail "the first"
	wait "$second" || fail "the second: $(cat second.out)"
	[ "$(find R/one.db -name '*.json' | wc -l)" = 2 ] || fail "not two snapshots"
}

scenario_a_stop_request_ends_the_waiting() {
	begin
	start_slow
	"$LITESAFE" run slow --wait >second.out 2>&1 </dev/null &
	local second=$! code=0
	others+=("$second")
	sleep 0.3
	kill -TERM "$second"
	wait "$second" || code=$?
	[ "$code" = 143 ] || fail "status $code: $(cat second.out)"
	[ ! -e failed ] || fail "on-failure ran"
	kill -0 "$worker" || fail "the first one is gone"
	rm hold
	slow_ends || fail "the first"
}

scenario_a_killed_run_frees_the_lock() {
	begin
	start_slow
	kill -KILL "$pid"
	slow_ends || true
	ended "$worker"
	# It ended in good order, hook and all.
	wait_for failed
	grep -q '^stopped .*signal 15' failed || fail "$(cat failed)"
	[ ! -e let-go ] || fail "the hook was not ended"
	rm -f hold failed
	run litesafe run slow
	expect_exit 0

	# The process that works, too.
	start_slow
	kill -KILL "$worker"
	local code=0
	slow_ends || code=$?
	[ "$code" = 1 ] || fail "status $code"
	grep -q 'signal 9' slow.err || fail "$(cat slow.err)"
	rm hold
	run litesafe run slow
	expect_exit 0
}

# It was waiting: what its job would undo is another run's.
scenario_a_killed_waiting_run_does_nothing() {
	local i waiter waiting='' status=0
	begin
	start_slow
	"$LITESAFE" run --wait slow >wait.out 2>wait.err </dev/null &
	waiter=$!
	others+=("$waiter")
	for ((i = 0; i < 100; i++)); do
		waiting=$(pgrep -P "$waiter") && break
		sleep 0.05
	done
	sleep 0.3
	kill -KILL "$waiting"
	wait "$waiter" || status=$?
	[ $status -eq 1 ] || fail "it ended with $status"
	grep -q 'ended by signal 9' wait.err || fail "it does not say how"
	[ ! -e failed ] || fail "on-failure ran beside the other run"
	kill -0 "$worker" || fail "the other run is gone"
	rm hold
	slow_ends || fail "the other run failed"
}

scenario_a_stop_request_reaches_the_job() {
	local signal code
	begin
	for signal in TERM INT HUP; do
		rm -f failed let-go
		touch hold
		rm -f held
		# A shell's background jobs ignore SIGINT.
		python3 - "$LITESAFE" "$signal" <<-'END' || fail "$signal"
			import os, signal, subprocess, sys, time
			number = getattr(signal, "SIG" + sys.argv[2])
			p = subprocess.Popen([sys.argv[1], "run"],
			    stderr=subprocess.PIPE,
			    preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
			while not os.path.exists("held"):
			    time.sleep(0.02)
			p.send_signal(number)
			text = p.communicate(timeout=20)[1].decode()
			assert p.returncode == 128 + number, (p.returncode, text)
			assert text.count("error:") == 1, text
			assert f"signal {number}" in text, text
		END
		wait_for failed
		[ ! -e let-go ] || fail "the hook went on"
		# The job behind it was not begun.
		[ ! -e R/two.db ] || fail "another job was begun"
		worker=$(cat S/run/slow.lock)
		ended "$worker"
	done
	rm hold
	run litesafe run
	expect_exit 0
	expect_files R README.txt litesafe-repository.json litesafe-reserve \
		one.db two.db
	expect_at_most . R S hold.sh tick held let-go failed litesafe.conf one.db two.db
}

# As timeout(1) and systemd ask: the waiting process and the working one.
scenario_a_stop_request_to_the_whole_group() {
	begin
	touch hold
	run setsid -w timeout -s TERM 1 "$LITESAFE" run
	expect_exit 124
	expect_one_error
	expect_err "signal 15"
	grep -q '^stopped ' failed || fail "on-failure: $(cat failed)"
	[ ! -e R/two.db ] || fail "another job was begun"
	rm hold
	run litesafe run
	expect_exit 0
}

# In the middle of reading pages.
scenario_a_stop_request_during_the_backup() {
	begin
	rm two.db
	mkdb two.db --bytes 20000000
	LITESAFE_RATE=1M "$LITESAFE" run other >out 2>err </dev/null &
	pid=$!
	others+=("$pid")
	sleep 1
	kill -0 "$pid" || skip "it was done before it could be stopped"
	kill -TERM "$pid"
	local code=0
	slow_ends || code=$?
	[ "$code" = 143 ] || fail "status $code: $(cat err)"
	[ -z "$(find R -name '*two*' -type f)" ] || fail "something was left"
	expect_at_most . R S hold.sh tick litesafe.conf one.db two.db out err
	run litesafe run other
	expect_exit 0
}

scenario_the_lock_is_of_no_hook() {
	begin
	cat >>litesafe.conf <<-END
		before = /bin/sh -c 'sleep 30 >/dev/null 2>&1 & echo \$! >left'
	END
	run litesafe run other
	expect_exit 0
	# It is still there, and has no part in the lock.
	run litesafe run other
	expect_exit 0
	kill "$(cat left)" 2>/dev/null || true
}

scenario_where_the_lock_cannot_be() {
	begin
	: >S
	run litesafe run other
	expect_exit 1
	expect_one_error
	expect_err "'$PWD/S"
	rm S
	mkdir -p S/run S/target
	ln -s ../target/file S/run/other.lock
	run litesafe run other
	expect_exit 1
	expect_err "other.lock"
	expect_files S/target
}
