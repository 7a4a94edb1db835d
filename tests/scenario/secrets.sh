# The URL of a health check is a secret: who knows it can say that all is well.
# It is in no argument, message, log, report or core dump.
# shellcheck shell=bash disable=SC2154

begin() {
	mkdb app.db --rows 20
	unset LITESAFE_CONFIG
	export LITESAFE_STATE=$PWD/S
	cat >conf <<-END
		[global]
		repository = $PWD/R
		ping-url = http://127.0.0.1:9/5ecret
		[job app]
		database = $PWD/app.db
	END
	chmod 600 conf
	run litesafe init -r R
	expect_exit 0
}

# Nothing that was said or written has it.
kept() {
	! grep -rqa 5ecret "$LOGS" log R S 2>/dev/null ||
		fail "the secret is in: $(grep -rla 5ecret "$LOGS" log R S)"
}

scenario_what_is_said() {
	begin
	local command
	for command in 'config check' 'config show' 'config show --origin' \
		'config show app' 'backup app.db' 'list' 'verify'; do
		# shellcheck disable=SC2086 # words
		run litesafe $command -c conf --log-file log -v
		expect_exit 0
		kept
		# shellcheck disable=SC2086
		run litesafe $command -c conf --log-file log --json
		expect_exit 0
		kept
	done
	sed -i 's,127.0.0.1:9/5ecret,5ecret:port/5ecret,' conf
	run litesafe config check -c conf --log-file log
	kept
	sed -i 's,^ping-url,pong-url,' conf
	run litesafe config check -c conf --log-file log
	expect_exit 2
	kept
	run litesafe backup app.db --ping-url=http://host/x -r R --no-config
	refused 2 --ping-url
}

# start_watching USER ARGUMENT...: a command that reads conf, and goes on.
start_watching() {
	local user=$1
	shift
	# The one before is not to be taken for it.
	rm -f watched
	touch watched
	(ulimit -c unlimited && cd cores &&
		exec setpriv --reuid="$user" --regid="$user" --clear-groups \
			"$LITESAFE" doctor --watch=1s ../app.db "$@") \
		>watched 2>&1 &
	watching=$!
	others+=("$watching")
	local i
	for ((i = 0; i < 200; i++)); do
		! grep -q 'app.db' watched || return 0
		sleep 0.05
	done
	fail "it does not watch: $(cat watched)"
}

crash() {
	kill -QUIT "$watching"
	wait "$watching" || true
	others=()
}

scenario_memory_is_closed() {
	need_root
	begin
	mkdir -m 777 cores
	chown 65534 conf app.db .
	start_watching 65534 --no-config
	as_nobody cat /proc/$watching/environ >/dev/null ||
		fail "a process without secrets is closed"
	crash
	local cores=yes
	[ -n "$(ls cores)" ] || cores=no
	rm -f cores/*

	start_watching 65534 -c ../conf
	! as_nobody cat /proc/$watching/environ >/dev/null 2>&1 ||
		fail "another process can look into it"
	crash
	expect_files cores
	[ $cores = yes ] || skip "no core dumps are made here at all"
}

# A process that is closed still gives names to its drafts.
scenario_the_owner_works_on() {
	need_root
	begin
	rm -rf R
	chown 65534 conf app.db .
	run as_nobody "$LITESAFE" init -r R
	expect_exit 0
	local n
	for ((n = 0; n < 2; n++)); do
		run as_nobody env HOME=/nonexistent "LITESAFE_STATE=$PWD/T" \
			"$LITESAFE" backup app.db -c conf
		expect_exit 0
		[ ! -s "$LOGS/err" ] || fail "$(cat "$LOGS/err")"
	done
	run as_nobody "$LITESAFE" restore -r R -c conf --to new.db --state T
	expect_exit 0
	same_pages app.db new.db
}
