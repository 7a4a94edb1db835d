# Hooks of a job: what they are told, in which order they run, what becomes of
# the job when one fails or hangs; and how far the job stands back for others.
# shellcheck shell=bash disable=SC2154

begin() {
	make_repository
	unset LITESAFE_REPOSITORY
	mkdb one.db
	mkdb two.db
	# note.sh WORD: a line of what it was told.
	cat >note.sh <<-'END'
		#!/bin/sh
		echo "$1 $LITESAFE_JOB $LITESAFE_STATUS [$LITESAFE_SET] [$LITESAFE_ERROR]" >>noted
		env | grep ^LITESAFE_ | sort >"env.$1"
	END
	chmod +x note.sh
	export LITESAFE_CONFIG=$PWD/litesafe.conf
}

# job TEXT...: a job of one.db with these lines.
job() {
	night_job "$@"
	rm -f noted
}

noted() {
	[ "$(cat noted 2>/dev/null)" = "$(printf '%s\n' "$@")" ] ||
		fail "noted: $(cat noted)"
}

snapshots() {
	find R/one.db -name '*.json' 2>/dev/null | wc -l
}

scenario_in_order_and_told() {
	begin
	job "before = $PWD/note.sh b1" "before = $PWD/note.sh 'b 2'" \
		"after = $PWD/note.sh a1" "after = $PWD/note.sh a2" \
		"on-failure = $PWD/note.sh f"
	run litesafe run --json
	expect_exit 0
	noted "b1 night started [] []" "b 2 night started [] []" \
		"a1 night ok [one.db] []" "a2 night ok [one.db] []"
	id=$(json_of snapshot id)
	bytes=$(json_of snapshot archive_bytes)
	grep -qx "LITESAFE_SNAPSHOT=$id" env.a1 || fail "the snapshot"
	grep -qx "LITESAFE_BYTES=$bytes" env.a1 || fail "the bytes"
	grep -qxE "LITESAFE_PIN=[0-9]+\.[0-9]+" env.a1 || fail "the pin"
	python3 - "$LOGS/out" <<-'END' || fail "the report of the hooks"
		import json, sys
		told = [json.loads(l) for l in open(sys.argv[1])]
		hooks = [o for o in told if o["type"] == "hook"]
		assert [h["when"] for h in hooks] == ["before"] * 2 + ["after"] * 2
		assert all(h["ok"] and h["job"] == "night" for h in hooks)
		assert hooks[0]["command"].endswith("note.sh b1")
	END
}

scenario_several_sets_are_lines() {
	begin
	job "database = $PWD/none.db" "database = $PWD/two.db" \
		"on-failure = $PWD/note.sh f"
	run litesafe run
	expect_exit 3
	tr '\n' , <noted >told
	grep -qF "f night failed [none.db,one.db,two.db] [1 of 3 failed" told ||
		fail "told: $(cat told)"
	grep -qF "; the first: none.db: '$PWD/none.db' does not exist]" told ||
		fail "it is not told what went wrong: $(cat told)"
	# The one that failed has a line too, an empty one.
	python3 - env.f <<-'END' || fail "the lines: $(cat env.f)"
		import sys
		# env(1) | sort puts the lines of a value elsewhere: count only.
		text = open(sys.argv[1]).read()
		assert "LITESAFE_SNAPSHOT=\n" in text, text
	END
}

scenario_a_failing_before_fails_the_job() {
	begin
	job "before = $PWD/note.sh b1" \
		"before = /bin/sh -c 'echo cannot thaw; echo loud >&2; exit 7'" \
		"before = $PWD/note.sh b3" "after = $PWD/note.sh a" \
		"on-failure = $PWD/note.sh f"
	run litesafe run
	expect_exit 1
	expect_err "litesafe: error: night: before: "
	expect_err "status 7"
	# What it wrote is told with the error.
	expect_err "  | cannot thaw"
	expect_err "  | loud"
	[ "$(wc -l <noted)" = 2 ] || fail "noted: $(cat noted)"
	grep -q '^f night failed \[\] \[before: .*status 7' noted || fail "$(cat noted)"
	[ "$(snapshots)" = 0 ] || fail "something was stored"
	run litesafe run --json
	expect_exit 1
	grep '"type":"hook"' "$LOGS/out" | grep -q '"output":"cannot thaw\\nloud\\n"' ||
		fail "the output in JSON"
}

# What was stored stays, but nobody may believe that all is well.
scenario_a_failing_after_fails_the_job() {
	begin
	job "after = /bin/false" "after = $PWD/note.sh a2" \
		"on-failure = $PWD/note.sh f"
	run litesafe run -v
	expect_exit 1
	expect_err "litesafe: error: night: after: "
	expect_out "night: one.db: full backup"
	[ "$(wc -l <noted)" = 1 ] && grep -q '^f night failed \[one.db\]' noted ||
		fail "noted: $(cat noted)"
	[ "$(snapshots)" = 1 ] || fail "nothing was stored"
}

scenario_a_failing_on_failure_is_a_warning() {
	begin
	job "before = /bin/false" "on-failure = /bin/sh -c 'exit 3'" \
		"on-failure = $PWD/note.sh f2"
	run litesafe run
	expect_exit 1
	[ "$(grep -c 'litesafe: error: ' "$LOGS/err")" = 1 ] || fail "errors"
	expect_err "litesafe: warning: night: on-failure: "
	grep -q ^f2 noted || fail "the second did not run"
}

scenario_a_hook_that_hangs() {
	local begin
	begin
	job "before = /bin/sh -c 'echo waiting; sleep 60'" "hook-timeout = 500ms" \
		"on-failure = $PWD/note.sh f"
	begin=$(date +%s)
	run litesafe run
	expect_exit 1
	[ $(($(date +%s) - begin)) -lt 5 ] || fail "it took too long"
	expect_err "before: "
	expect_err "hook-timeout"
	expect_err "  | waiting"
	grep -q '^f night failed' noted || fail "on-failure did not run"
	[ "$(snapshots)" = 0 ] || fail "something was stored"
}

scenario_hooks_that_cannot_be_run() {
	begin
	job "before = /none/such"
	run litesafe run
	expect_exit 1
	expect_err "/none/such"
	expect_err "hint: look at the path"
	expect_one_error
}

scenario_their_output_in_the_report() {
	begin
	job "before = /bin/echo hello" "after = /bin/echo bye"
	run litesafe run
	expect_exit 0
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ] || fail "not silent"
	run litesafe run -v
	expect_exit 0
	expect_out "  | hello"
	expect_out "  | bye"
	# What a hook writes moves no cursor.
	job "before = /usr/bin/printf '\\033[2Jx\\n'"
	run litesafe run -v
	! grep -q $'\e' "$LOGS/out" || fail "an escape sequence came through"
}

scenario_without_a_shell_unless_asked() {
	begin
	# shellcheck disable=SC2016 # for the hook
	job 'before = /bin/echo $HOME ; touch touched'
	run litesafe run -v
	expect_exit 0
	# shellcheck disable=SC2016
	expect_out '  | $HOME ; touch touched'
	[ ! -e touched ] || fail "a shell was there"
	# shellcheck disable=SC2016
	job 'hook-shell = yes' 'before = echo "[$LITESAFE_JOB]"; touch touched'
	run litesafe run -v
	expect_exit 0
	expect_out '  | [night]'
	[ -e touched ] || fail "no shell was there"
}

# expect_told [CLASS] NICE: nobody is nicer than 19, or less nice than this test.
expect_told() {
	local niceness=${*: -1}
	[ "$niceness" -ge "$(nice)" ] || niceness=$(nice)
	[ "$niceness" -le 19 ] || niceness=19
	[ "$(cat told)" = "${2:+$1$'\n'}$niceness" ] || fail "told: $(cat told)"
}

# shellcheck disable=SC2016 # for the hooks
scenario_nice_and_ionice() {
	begin
	command -v ionice >/dev/null || skip "needs ionice(1)"
	job 'nice = 7' 'ionice = idle' 'hook-shell = yes' \
		'before = ionice -p $PPID >told; cut -d" " -f19 /proc/$PPID/stat >>told'
	run litesafe run
	expect_exit 0
	expect_told "idle" 7
	job 'ionice = best-effort' 'hook-shell = yes' \
		'before = ionice -p $PPID >told; cut -d" " -f19 /proc/$PPID/stat >>told'
	run nice -n 3 "$LITESAFE" run
	expect_exit 0
	expect_told "best-effort: prio 7" $(($(nice) + 3))
	# Nobody is made less nice than he was.
	job 'nice = 2' 'hook-shell = yes' \
		'before = cut -d" " -f19 /proc/$PPID/stat >told'
	run nice -n 9 "$LITESAFE" run
	expect_exit 0
	expect_told $(($(nice) + 9))
}
