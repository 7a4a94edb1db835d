# Drills, assertions and prune of a job: restored to scratch when it is due, not
# more often; nothing is deleted but after a success.
# shellcheck shell=bash disable=SC2154

# drilled: ok, failed or null, of the last run of --json.
drilled() {
	json_of job drill
}

# age SECONDS: what this machine remembers happened so much earlier.
age() {
	python3 - "$1" "$(find S -name drill)" <<-'END'
		import datetime, re, sys
		back = datetime.timedelta(seconds=int(sys.argv[1]))
		def older(m):
		    t = datetime.datetime.strptime(m[0], "%Y-%m-%dT%H:%M:%S.%fZ") - back
		    return t.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (t.microsecond // 1000)
		text = open(sys.argv[2]).read()
		open(sys.argv[2], "w").write(
		    re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", older, text))
	END
}

change() {
	ask one.db "UPDATE item SET rowid = -1 WHERE rowid = (SELECT min(rowid) FROM item);
		CREATE TABLE IF NOT EXISTS tick(a); INSERT INTO tick VALUES(1)" \
		2>/dev/null || ask one.db "CREATE TABLE IF NOT EXISTS tick(a);
		INSERT INTO tick VALUES(1)"
}

scenario_a_drill_when_it_is_due() {
	make_night_job "drill = 7d"
	run litesafe run --json
	expect_exit 0
	[ "$(drilled)" = ok ] || fail "the first run made none"
	[ "$(json_of verify level)" = restore ] || fail "its level"
	change
	run litesafe run --json
	expect_exit 0
	[ "$(drilled)" = null ] || fail "one too soon"
	age 518400
	run litesafe run --json
	[ "$(drilled)" = null ] || fail "one a day too soon"
	# A nightly job is some minutes early now and then.
	age 86000
	run litesafe run -v
	expect_exit 0
	expect_out ", drill: ok"
	# Without the memory of it one more is made.
	rm "$(find S -name drill)"
	run litesafe run --json
	[ "$(drilled)" = ok ] || fail "none without a memory"
}

scenario_a_drill_reads_what_it_needs_alone() {
	make_night_job
	run litesafe run
	change
	run litesafe backup one.db -r R --full --state S
	change
	echo 'drill = 1d' >>litesafe.conf
	run litesafe run --json
	expect_exit 0
	[ "$(drilled)" = ok ] || fail "no drill"
	# The chain of the newest: a full and an increment, not the one before.
	[ "$(grep -c '"type":"verify"' "$LOGS/out")" = 2 ] || fail "it read more"
	[ "$(json_of verify id)" = "$(json_of snapshot id)" ] || fail "another one"
}

scenario_a_drill_that_finds_damage() {
	make_night_job
	run litesafe run
	change
	archive=$(find R -name '*-full-*.tar.zst')
	flip "$archive" bit 3000
	echo 'drill = 1d
	keep-last = 1
	grace = 0' | tr -d '\t' >>litesafe.conf
	run litesafe run --json
	expect_exit 4
	[ "$(drilled)" = failed ] || fail "not failed"
	expect_err "litesafe: error: night: "
	expect_err damaged
	! grep -q '"type":"prune"' "$LOGS/out" || fail "pruned in a failed run"
	# It stays due until one passes.
	run litesafe run --json
	[ "$(drilled)" != null ] || fail "it was forgotten"
}

scenario_assertions_on_the_scratch_copy() {
	make_night_job "drill = 1d" "check-sql = SELECT count(*) > 0 FROM item"
	run litesafe run --json
	expect_exit 0
	[ "$(drilled)" = ok ] || fail "no drill"
	age 100000
	echo "check-sql = SELECT count(*) > 1000000 FROM item" >>litesafe.conf
	run litesafe run --json
	expect_exit 4
	[ "$(drilled)" = failed ] || fail "not failed"
	expect_err "1000000"
	# Due again, as it never passed.
	run litesafe run
	expect_exit 4
	# Who asks only for the status hears of it, too.
	run litesafe status
	expect_exit 1
	expect_out '[drill-failed]'
	sed -i '$d' litesafe.conf
	run litesafe run
	expect_exit 0
	run litesafe status
	expect_exit 0
	[ -z "$(find S -name drill-failed)" ] || fail "it is still remembered"
}

# As in the manual: which of them it is about is asked before anything runs.
scenario_assertions_on_a_set_of_several() {
	make_night_job 'drill = 1d' 'set = both' "database = $PWD/two.db" \
		'check-sql = one.db: SELECT count(*) > 0 FROM item'
	mkdb two.db
	ask two.db 'CREATE TABLE users(id)'
	run litesafe run --json
	expect_exit 0
	[ "$(drilled)" = ok ] || fail "no drill"
	sed -i 's/^check-sql = .*/check-sql = SELECT count(*) > 0 FROM item/' \
		litesafe.conf
	run litesafe config check
	refused 2 "does not say which database" "'one.db: SELECT "
	run litesafe run
	refused 2 "check-sql: "
	sed -i 's/^check-sql = .*/check-sql = two.db: SELECT count(*) FROM users/' \
		litesafe.conf
	sed -i 's/^drill = 1d/drill = 1ms/' litesafe.conf
	run litesafe run
	refused 4 "is not as asserted"
}

# It came to no answer: that is told of which set, and tried again.
scenario_a_drill_without_a_place() {
	make_night_job 'drill = 1d' 'verify = none' "scratch = $PWD/none"
	run litesafe run
	refused 1 "error: night: one.db " ": make a scratch file in '$PWD/none'" \
		'(scratch, TMPDIR)'
	run litesafe status -c litesafe.conf --json
	! grep -q drill-failed "$LOGS/out" || fail "it was no answer"
	mkdir none
	run litesafe run --json
	expect_exit 0
	[ "$(drilled)" = ok ] || fail "it was not tried again"
}

# A proof by restore of each backup asserts nothing, and is no drill.
scenario_a_drill_beside_verify_restore() {
	make_night_job "verify = restore" "drill = 7d" \
		"check-sql = SELECT count(*) > 1000000 FROM item"
	run litesafe run --json
	expect_exit 4
	[ "$(json_of job verified)" = restore ] && [ "$(drilled)" = failed ] ||
		fail "no drill"
}

scenario_an_assertion_that_is_none() {
	make_night_job "check-sql = DELETE FROM item"
	run litesafe run
	expect_exit 2
	expect_err check-sql
	[ ! -e R/one.db ] || fail "something was stored"
}

# Several full backups, of which only the newest is to stay.
chains() {
	local i
	for ((i = 0; i < 5; i++)); do
		change
		run litesafe backup one.db -r R --full --state S
		expect_exit 0
	done
}

count() {
	find R/one.db -name '*.json' | wc -l
}

scenario_prune_after_a_success() {
	make_night_job "keep-last = 1" "grace = 0"
	chains
	change
	run litesafe run -v
	expect_exit 0
	expect_out " old deleted, "
	[ "$(wc -l <"$LOGS/out")" = 1 ] || fail "not one line"
	[ "$(count)" -lt 6 ] || fail "nothing went"
	run litesafe verify -r R --state S
	expect_exit 0
}

scenario_no_prune_without_rules() {
	make_night_job
	chains
	run litesafe run --json
	expect_exit 0
	[ "$(count)" = 6 ] && ! grep -q '"type":"prune"' "$LOGS/out" ||
		fail "pruned without a rule"
}

scenario_no_prune_in_a_failed_run() {
	make_night_job "keep-last = 1" "grace = 0" "database = $PWD/none.db"
	chains
	run litesafe run --json
	expect_exit 3
	[ "$(count)" = 6 ] || fail "something went"
	! grep -q '"type":"prune"' "$LOGS/out" || fail "pruned"
	# Nor for what was not verified.
	make_night_job "keep-last = 1" "grace = 0" "verify = none"
	run litesafe run
	refused 2 "verify = none"
	[ "$(count)" = 6 ] || fail "something went"
}

# Nothing was stored, and what is there was verified when it was.
scenario_prune_of_an_unchanged_set() {
	make_night_job "keep-last = 1" "grace = 0" "skip-unchanged = yes"
	chains
	run litesafe run --json
	expect_exit 0
	[ "$(json_of job unchanged)" = true ] || fail "it was stored"
	[ "$(count)" -lt 5 ] || fail "nothing went"
	# When nobody knows that, nothing goes.
	chains
	rm -r S/[0-9a-f]*
	before=$(count)
	run litesafe run --json
	expect_exit 0
	[ "$(json_of job unchanged)" = true ] || fail "it was stored"
	[ "$(count)" = "$before" ] || fail "something went"
}

scenario_only_sets_of_this_job_are_pruned() {
	make_night_job
	chains
	mkdb two.db
	cat >>litesafe.conf <<-END
		[job other]
		database = $PWD/two.db
		keep-last = 1
		grace = 0
	END
	run litesafe run other --json
	expect_exit 0
	[ "$(count)" = 5 ] || fail "another job's set was pruned"
}
