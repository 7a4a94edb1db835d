# Jobs of a configuration: each does its work and says nothing, a failure of
# one stops no other, and the exit code tells how much of it was done.
# shellcheck shell=bash disable=SC2154

# configure [TEXT]: a configuration with this after [global].
configure() {
	cat >litesafe.conf
	export LITESAFE_CONFIG=$PWD/litesafe.conf
}

begin() {
	make_repository
	unset LITESAFE_REPOSITORY
	mkdb one.db
	mkdb two.db
	configure <<-END
		[repository main]
		url = $PWD/R
		[global]
		repository = main
		state = $PWD/S
		[job first]
		database = $PWD/one.db
		[job second]
		database = $PWD/two.db
	END
}

silent() {
	[ ! -s "$LOGS/$1" ] || fail "something is said on $1"
}

snapshots_of() {
	find R/"$1" -name '*.json' 2>/dev/null | wc -l
}

scenario_all_jobs_in_silence() {
	begin
	run litesafe run
	expect_exit 0
	silent out
	silent err
	[ "$(snapshots_of one.db)" = 1 ] && [ "$(snapshots_of two.db)" = 1 ] ||
		fail "something was not stored"
	# Those that are named, each once.
	run litesafe run second second
	expect_exit 0
	[ "$(snapshots_of one.db)" = 1 ] && [ "$(snapshots_of two.db)" = 2 ] ||
		fail "not exactly the second ran"
}

scenario_one_line_for_a_set() {
	begin
	run litesafe run -v
	expect_exit 0
	[ "$(wc -l <"$LOGS/out")" = 2 ] || fail "not one line for each set"
	grep -qE '^first: one\.db: full backup [0-9a-f]{16}, .* verified: stored$' \
		"$LOGS/out" || fail "the line of the first"
	grep -qE '^second: two\.db: full backup ' "$LOGS/out" ||
		fail "the line of the second"
	command -v script >/dev/null || skip "needs script(1)"
	run script -qec "$LITESAFE run --progress never" /dev/null
	expect_exit 0
	[ "$(grep -c ': increment backup ' "$LOGS/out")" = 2 ] ||
		fail "not one line for each set on a terminal"
}

scenario_for_programs() {
	begin
	run litesafe run --json
	expect_exit 0
	python3 - "$LOGS/out" <<-'END' || fail "not what is promised"
		import json, sys
		all = [json.loads(l) for l in open(sys.argv[1])]
		assert [o["type"] for o in all] == [
		    "snapshot", "job", "snapshot", "job", "summary"], all
		jobs = [o for o in all if o["type"] == "job"]
		assert [o["job"] for o in jobs] == ["first", "second"]
		assert all[0]["id"] == jobs[0]["sets"][0]["id"]
		for job in jobs:
		    assert job["ok"] and job["exit_code"] == 0 and job["error"] is None
		    (s,) = job["sets"]
		    assert s["ok"] and s["verified"] == "stored" and s["drill"] is None
		    assert s["archive_bytes"] > 0 and s["pruned"] == 0
		end = all[-1]
		assert end["ok"] and end["command"] == "run" and end["exit_code"] == 0
		assert end["jobs"] == 2 and end["jobs_failed"] == 0
		assert end["databases"] == end["stored"] == 2 and end["failed"] == 0
	END
}

scenario_one_fails_and_the_others_go_on() {
	begin
	cat >>litesafe.conf <<-END
		[job a-broken]
		database = $PWD/none.db
		[job third]
		database = $PWD/two.db
		set = other
	END
	run litesafe run --json
	expect_exit 3
	grep -q '^litesafe: error: a-broken: none.db: ' "$LOGS/err" ||
		fail "the error does not name its job"
	expect_one_error
	[ "$(json jobs)" = 4 ] && [ "$(json jobs_failed)" = 1 ] || fail "the counts"
	[ "$(json exit_code)" = 3 ] || fail "the summary's exit code"
	[ "$(snapshots_of other)" = 1 ] || fail "the one behind it did not run"
	# Alone it has its own code.
	run litesafe run a-broken
	refused 11 "a-broken: none.db" "none.db"
}

scenario_all_fail() {
	begin
	rm one.db two.db
	run litesafe run
	expect_exit 11
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = 2 ] || fail "not two errors"
	mkdb two.db
	chmod -R a-w R
	mv R/litesafe-repository.json R/hidden
	run litesafe run
	expect_exit 5
	mv R/hidden R/litesafe-repository.json
	printf 'no database' >one.db
	rm two.db
	chmod -R u+w R
	run litesafe run --json
	expect_exit 11
	[ "$(json jobs_failed)" = 2 ] || fail "the counts"
}

scenario_an_unknown_job_runs_nothing() {
	begin
	run litesafe run first secnd
	refused 2 "'secnd'" "second"
	[ ! -e S ] || fail "something ran"
	run litesafe run --no-config
	expect_exit 7
	printf '[global]\n' >litesafe.conf
	run litesafe run
	refused 2 "no job" "[job NAME]"
}

scenario_folders_patterns_and_sets() {
	begin
	mkdir -p srv/a srv/b
	mkdb srv/a/x.db
	mkdb srv/b/y.db
	echo text >srv/notes.txt
	configure <<-END
		[global]
		repository = $PWD/R
		state = $PWD/S
		[job folder]
		database = $PWD/srv
		[job together]
		database = $PWD/one.db
		database = $PWD/two.db
		set = shop
		[job found-together]
		database = $PWD/srv/*/*.db
		several = set
		set = both
		[job nothing]
		database = $PWD/srv/*.none
	END
	run litesafe run -v folder together found-together
	expect_exit 0
	expect_out "folder: a/x.db: full backup"
	expect_out "folder: b/y.db: full backup"
	expect_out "together: shop: full backup"
	expect_out "found-together: both: full backup"
	run litesafe show -r R shop latest
	expect_out one.db
	expect_out two.db
	run litesafe run nothing
	refused 7 "no database matches"
	# What is told and counted before something else goes wrong.
	rm srv/b/y.db
	ln -s none srv/b/y.db
	printf x >srv/a/bad.db
	run litesafe run -v folder
	expect_exit 0
	expect_out "folder: a/x.db: increment backup"
}

scenario_a_job_whose_process_is_gone() {
	begin
	configure <<-END
		[global]
		repository = $PWD/R
		state = $PWD/S
		hook-shell = yes
		[job crashes]
		database = $PWD/one.db
		before = kill -9 \$PPID
		on-failure = echo "\$LITESAFE_JOB \$LITESAFE_STATUS \$LITESAFE_ERROR" >told
		[job next]
		database = $PWD/two.db
	END
	run litesafe run --json
	expect_exit 3
	expect_one_error
	expect_err "was ended by signal 9"
	grep -q '^crashes failed .*signal 9' told || fail "on-failure: $(cat told)"
	[ "$(json_of job job)" = next ] && grep -q '"job":"crashes","ok":false' \
		"$LOGS/out" || fail "not both jobs are reported"
	[ "$(snapshots_of two.db)" = 1 ] || fail "the next one did not run"
	[ "$(json jobs_failed)" = 1 ] || fail "the counts"
}

scenario_strict_and_warnings() {
	begin
	# Nothing can be remembered of a set whose folder is no folder.
	cat >>litesafe.conf <<-END
		[job warns]
		database = $PWD/one.db
		after = /bin/touch after
		strict = yes
		keep-last = 1
	END
	mkdir -p S
	id=$(sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' R/litesafe-repository.json)
	[ -n "$id" ] || fail "no id"
	: >"S/$id"
	run litesafe run first --json
	expect_exit 0
	[ "$(json warnings_count)" -ge 1 ] || fail "no warning"
	expect_err "litesafe: warning: first: "
	run litesafe run warns
	expect_exit 1
	expect_err "strict"
	[ ! -e after ] || fail "'after' ran after a failure"
}

# What must be changed is a key: `run` has no such options.
scenario_limits_are_told_as_keys() {
	begin
	printf '%s\n' '[job limited]' "database = $PWD/one.db" \
		'min-free = 1000000G' 'set = limited' >>litesafe.conf
	run litesafe run limited
	refused 6 'the limit of min-free is' 'lower min-free;'
	! grep -q -- '--min-free' "$LOGS/err" || fail "an option that run has not"
	# Of the command that has it, it is the option.
	run litesafe backup one.db -r R --min-free 1000000G
	refused 6 'the limit of --min-free is' 'lower --min-free;'
}

scenario_nothing_is_changed_by_a_dry_run() {
	begin
	cat >>litesafe.conf <<-END
		[job whole]
		database = $PWD/one.db
		database = $PWD/two.db
		set = shop
		drill = 7d
		keep-last = 1
		before = /bin/touch before
	END
	run litesafe run --dry-run
	expect_exit 0
	expect_out "one.db: would be stored: '$PWD/one.db'"
	expect_out "shop: would be stored: '$PWD/two.db'"
	[ "$(grep -c 'shop: would be restored' "$LOGS/out")" = 1 ] ||
		fail "the drill"
	[ ! -e before ] || fail "a hook ran"
	[ ! -e S/run ] && [ -z "$(find R S -name '*.tar.zst' -o -name checks)" ] ||
		fail "something was stored"
}
