# A health check hears of each run: that it began, and how it ended.  Whatever
# the server does, the backup is made; and its URL is told to nobody.
# shellcheck shell=bash disable=SC2154

# start_server [MODE]: leaves $port.
start_server() {
	command -v python3 >/dev/null || skip "needs python3"
	local i
	rm -rf server
	mkdir server
	python3 "$(dirname "${BASH_SOURCE[0]}")/../support/health_check.py" \
		server "$@" >server/log 2>&1 </dev/null &
	server=$!
	others+=("$server")
	for ((i = 0; i < 200; i++)); do
		[ ! -e server/port ] || break
		sleep 0.05
	done
	port=$(cat server/port)
}

heard() {
	[ "$(cat server/heard 2>/dev/null)" = "$(printf '%s\n' "$@")" ] ||
		fail "heard: $(cat server/heard)"
}

# begin [LINE...]: a job with a health check.
begin() {
	make_night_job "ping-url = http://127.0.0.1:$port/ping/s3cr3t" "$@"
}

# Neither here nor there.
no_secret() {
	! grep -rq s3cr3t "$LOGS/out" "$LOGS/err" "$@" || fail "the URL was told"
}

snapshots() {
	find R/one.db -name '*.json' 2>/dev/null | wc -l
}

scenario_start_and_success() {
	start_server
	begin
	run litesafe run
	expect_exit 0
	heard "GET /ping/s3cr3t/start" "POST /ping/s3cr3t"
	# What it did, also when nobody here was told.
	grep -q 'night: one.db: full backup ' server/body ||
		fail "body: $(cat server/body)"
	no_secret R S
}

scenario_failure_with_the_log() {
	start_server
	begin "before = /bin/sh -c 'echo the disk is gone; exit 1'"
	run litesafe run --json
	expect_exit 1
	[ "$(tail -1 server/heard)" = "POST /ping/s3cr3t/fail" ] ||
		fail "heard: $(cat server/heard)"
	grep -q 'before: ' server/body || fail "no error in: $(cat server/body)"
	grep -q 'the disk is gone' server/body || fail "no output in: $(cat server/body)"
	no_secret R S server/body
}

scenario_a_server_that_hangs() {
	local began
	start_server hang
	begin "ping-timeout = 500ms"
	began=$(date +%s)
	run litesafe run
	expect_exit 0
	[ $(($(date +%s) - began)) -lt 6 ] || fail "it took too long"
	expect_err "litesafe: warning: night: "
	expect_err 127.0.0.1
	no_secret
	[ "$(snapshots)" = 1 ] || fail "no backup"
}

scenario_a_server_that_refuses() {
	start_server
	kill "$server"
	wait "$server" 2>/dev/null || true
	begin "strict = yes"
	run litesafe run --json
	expect_exit 0
	expect_err "litesafe: warning: night: "
	[ "$(json ok)" = true ] || fail "the summary"
	no_secret
	[ "$(snapshots)" = 1 ] || fail "no backup"
}

scenario_a_server_that_is_ill() {
	start_server fail
	begin
	run litesafe run
	expect_exit 0
	expect_err 500
	no_secret
	[ "$(snapshots)" = 1 ] || fail "no backup"
}

# The success of one must not hide that another one failed.
scenario_jobs_that_share_a_check() {
	start_server
	mkdb two.db
	make_night_job '[global]' "ping-url = http://127.0.0.1:$port/s3cr3t" \
		'[job gone]' "database = $PWD/none.db" \
		'[job two]' "database = $PWD/two.db" \
		'[job own]' "database = $PWD/two.db" \
		"ping-url = http://127.0.0.1:$port/other"
	run litesafe run
	expect_exit 3
	heard 'GET /s3cr3t/start' 'POST /s3cr3t' \
		'GET /s3cr3t/start' 'POST /s3cr3t/fail' \
		'GET /s3cr3t/start' 'GET /other/start' 'POST /other'
	# The next run is another one.
	rm server/heard
	run litesafe run two
	expect_exit 0
	heard 'GET /s3cr3t/start' 'POST /s3cr3t'
}

# A run that finds another one at work says nothing to anybody.
scenario_an_overlapping_run_pings_nobody() {
	start_server
	begin "before = /bin/sh -c 'while [ -e hold ]; do sleep 0.05; done'"
	touch hold
	"$LITESAFE" run </dev/null >/dev/null 2>&1 &
	local first=$! i
	others+=("$first")
	for ((i = 0; i < 200; i++)); do
		[ ! -e server/heard ] || break
		sleep 0.05
	done
	run litesafe run
	expect_exit 6
	heard "GET /ping/s3cr3t/start"
	rm hold
	wait "$first" || fail "the first"
	heard "GET /ping/s3cr3t/start" "POST /ping/s3cr3t"
}

scenario_a_stopped_run_is_a_failure() {
	start_server
	begin "before = /bin/sh -c 'touch held; sleep 60'"
	"$LITESAFE" run </dev/null >out 2>&1 &
	local first=$! code=0 i
	others+=("$first")
	for ((i = 0; i < 200; i++)); do
		[ ! -e held ] || break
		sleep 0.05
	done
	kill -TERM "$first"
	wait "$first" || code=$?
	[ "$code" = 143 ] || fail "status $code"
	[ "$(tail -1 server/heard)" = "POST /ping/s3cr3t/fail" ] ||
		fail "heard: $(cat server/heard)"
	grep -q 'signal 15' server/body || fail "body: $(cat server/body)"
}

scenario_the_secret_is_nobodys() {
	start_server
	begin "hook-shell = yes" \
		"before = env; cat /proc/\$PPID/cmdline /proc/\$PPID/environ | tr '\\0' '\\n'"
	run litesafe run -v --log-file "$PWD/log"
	expect_exit 0
	expect_out "LITESAFE_JOB=night"
	no_secret log R S
	run litesafe run --json
	expect_exit 0
	no_secret
}
