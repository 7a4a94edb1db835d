# Runs that are killed at any moment, the waiting process, the working one, or
# both: the lock is free, the repository is whole, and the next run succeeds.
# shellcheck shell=bash disable=SC2154

scenario_at_any_moment() {
	local i worker pid killed=0
	make_repository
	unset LITESAFE_REPOSITORY
	mkdb one.db --bytes 4000000
	mkdb two.db
	cat >litesafe.conf <<-END
		[global]
		repository = $PWD/R
		state = $PWD/S
		before = /bin/true
		drill = 1ms
		keep-last = 2
		grace = 0
		full-every = 1ms
		[job night]
		database = $PWD/one.db
		database = $PWD/two.db
	END
	export LITESAFE_CONFIG=$PWD/litesafe.conf
	run litesafe run
	expect_exit 0
	start_writer one.db
	for ((i = 0; i < 60; i++)); do
		"$LITESAFE" run --wait >out 2>&1 </dev/null &
		pid=$!
		sleep "0.$(printf %03d $((RANDOM % 250)))"
		worker=$(cat S/run/night.lock)
		case $((i % 3)) in
		0) kill -KILL "$pid" ;;
		1) kill -KILL "$worker" ;;
		2) kill -KILL "$pid" "$worker" ;;
		esac 2>/dev/null && killed=$((killed + 1))
		wait "$pid" 2>/dev/null || true
	done
	stop_writers
	run litesafe run --wait -v
	expect_exit 0
	expect_out ', drill: ok'
	run litesafe verify -r R --state S --all
	expect_exit 0
	expect_files S/run night.lock
	measured "$killed of 60 runs were killed"
}
