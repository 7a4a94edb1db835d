# Hooks that do not behave: they look around, write without an end, leave
# something behind, do not want to go; and a litesafe that is killed.
# shellcheck shell=bash disable=SC2154

begin() {
	make_repository
	unset LITESAFE_REPOSITORY
	mkdb one.db
	export LITESAFE_CONFIG=$PWD/litesafe.conf
}

# job LINE...: a job of one.db, by the shell, with these lines.
job() {
	cat >litesafe.conf <<-END
		[global]
		repository = $PWD/R
		state = $PWD/S
		ping-url = http://127.0.0.1:9/5ecret
		ping-timeout = 1s
		hook-shell = yes
		[job night]
		database = $PWD/one.db
	END
	printf '%s\n' "$@" >>litesafe.conf
	chmod 600 litesafe.conf
}

kept() {
	! grep -rqa 5ecret "$LOGS" log R S found 2>/dev/null ||
		fail "the secret is in: $(grep -rla 5ecret "$LOGS" log R S found)"
}

# What a hook finds in its environment, its descriptors, and in us: nothing.
scenario_one_that_looks_around() {
	need_root
	begin
	# shellcheck disable=SC2016 # for the hook
	job "before = (env; ls -l /proc/self/fd; cat /proc/\$PPID/environ /proc/\$PPID/cmdline; head -c 1 /proc/\$PPID/mem) >$PWD/found 2>&1; true"
	chown -R 65534:65534 .
	LITESAFE_KEY=5ecret LITESAFE_S3_TOKEN=5ecret run \
		as_nobody "$LITESAFE" run --log-file log --json
	expect_exit 0
	grep -q LITESAFE_JOB=night found
	grep -q 'environ: Permission denied' found || fail "$(cat found)"
	grep -q 'mem.*: Permission denied' found || fail "$(cat found)"
	kept
}

scenario_one_that_writes_without_an_end() {
	begin
	job 'before = head -c 1073741824 /dev/zero; echo the end'
	run litesafe run --json --log-file log
	expect_exit 0
	[ "$(stat -c %s "$LOGS/out")" -lt 1000000 ] || fail "too much is told"
	expect_out 'the end'
	[ "$(json_of hook output_cut)" = true ] || fail "not said as cut"
	job 'before = yes' 'hook-timeout = 1s'
	run litesafe run
	expect_exit 1
	expect_err 'took longer than 1s and was ended'
}

# A daemon has the hook's output, and goes on.
scenario_one_that_starts_something() {
	begin
	job "before = setsid sh -c 'echo \$\$ >$PWD/pid; exec sleep 60' & while [ ! -s $PWD/pid ]; do sleep 0.1; done; echo started"
	local start=$SECONDS
	run litesafe run
	others+=("$(cat pid)")
	expect_exit 0
	[ $((SECONDS - start)) -lt 10 ] || fail "it waited for the daemon"
	kill -0 "$(cat pid)" || fail "the daemon was ended"
}

# gone PID: within a moment.
gone() {
	local i
	for ((i = 0; i < 60; i++)); do
		grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status" ||
			return 0
		sleep 0.05
	done
	fail "process $1 goes on: $(cat "/proc/$1/cmdline")"
}

# The process that works on the job is killed, or the one that waits for it.
scenario_a_killed_litesafe() {
	begin
	job "before = echo \$\$ \$PPID >$PWD/pids; exec sleep 60"
	local which hook worker
	for which in worker waiting; do
		rm -f pids
		"$LITESAFE" run >"$LOGS/out" 2>"$LOGS/err" &
		local waiting=$!
		until [ -s pids ]; do
			sleep 0.05
		done
		read -r hook worker <pids
		others+=("$hook" "$waiting")
		if [ $which = worker ]; then
			kill -KILL "$worker"
			wait "$waiting" && fail "it was killed, and all is well"
			grep -q 'signal 9' "$LOGS/err" || fail "$(cat "$LOGS/err")"
		else
			kill -KILL "$waiting"
			wait "$waiting" 2>/dev/null || true
		fi
		gone "$hook"
		gone "$worker"
	done
	job
	run litesafe run
	expect_exit 0
}
