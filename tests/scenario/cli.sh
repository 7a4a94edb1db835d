# The command line: what is asked for comes out, on the right stream, and what
# makes no sense is refused with the next step.
# shellcheck shell=bash disable=SC2154

commands=$(litesafe help --json |
	sed -n 's/^{"type":"command","name":"\([a-z]*\)".*/\1/p')

silent() {
	[ ! -s "$LOGS/$1" ] || fail "something is said on $1"
}

# No escape sequence and no carriage return, as on a terminal.
plain() {
	! grep -q $'[\e\r]' "$LOGS/out" "$LOGS/err" ||
		fail "the output is made for a terminal"
}

# on_terminal COMMAND...: with standard output and error on one.
on_terminal() {
	command -v script >/dev/null || skip "needs script(1)"
	run script -qec "$(printf '%q ' "$@")" /dev/null
}

# Each line of standard output is one JSON object.
all_json() {
	command -v python3 >/dev/null || skip "needs python3"
	python3 - "$LOGS/${1:-out}" <<-'END' || fail "not JSON lines"
		import json, sys
		lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
		assert lines
		for line in lines:
		    value = json.loads(line)
		    assert isinstance(value, dict) and "type" in value
		assert [json.loads(l)["type"] for l in lines].count("summary") == 1
		assert value["type"] == "summary"
	END
}

# summary EXIT-CODE: the last line tells it, and so does the status.
summary() {
	expect_exit "$1"
	all_json
	[ "$(json exit_code)" = "$1" ] || fail "exit_code is not $1"
	[ "$(json ok)" = "$([ "$1" = 0 ] && echo true || echo false)" ] ||
		fail "ok is wrong"
	[ "$1" = 0 ] || [ "$(json error)" != null ] || fail "no error is told"
}

# --- help --------------------------------------------------------------------

scenario_help() {
	local command
	for command in '' $commands; do
		# shellcheck disable=SC2086 # none is no word
		run litesafe $command --help
		expect_exit 0
		silent err
		expect_out usage:
		[[ $command =~ ^(help)?$ ]] || expect_out "usage: litesafe $command"
		! grep -nE '.{80}' "$LOGS/out" || fail "wider than 79 columns"
		! grep -nE '[[:space:]]$' "$LOGS/out" || fail "space at an end"
		plain
		cp "$LOGS/out" help
		# shellcheck disable=SC2086
		run litesafe $command -h
		cmp help "$LOGS/out"
		[ "$command" != help ] || continue
		# shellcheck disable=SC2086
		run litesafe help $command
		expect_exit 0
		cmp help "$LOGS/out"
	done
	run litesafe help
	for command in $commands; do
		expect_out "  $command"
	done
	# Help is help, whatever else stands there.
	run litesafe backup none.db --help
	expect_exit 0
	expect_files . help
}

scenario_version() {
	run litesafe --version
	expect_exit 0
	silent err
	grep -qE '^litesafe [0-9]+\.[0-9]+\.[0-9]+$' "$LOGS/out"
	grep -qE '^SQLite 3\.' "$LOGS/out"
	cp "$LOGS/out" version
	run litesafe version
	cmp version "$LOGS/out"
	run litesafe -V
	cmp version "$LOGS/out"
}

# --- mistakes ----------------------------------------------------------------

scenario_unknown_words() {
	run litesafe bakcup app.db
	refused 2 "'bakcup'" "did you mean 'backup'?"
	run litesafe xyzzy
	refused 2 "'xyzzy'" 'litesafe --help'
	run litesafe backup --ouput a.tar.zst
	refused 2 "'--ouput'" "did you mean '--output'?"
	run litesafe backup --replace app.db -o a.tar.zst
	refused 2 "'--replace'"
	run litesafe backup -Z
	refused 2 "'-Z'"
	run litesafe --force backup app.db
	refused 2 "'--force'" 'command comes first'
	run litesafe help bakcup
	refused 2 "did you mean 'backup'?"
	silent out
	expect_files .
}

scenario_too_little_or_too_much() {
	run litesafe
	expect_exit 2
	expect_err 'usage: litesafe'
	expect_err 'litesafe: error: no command was given'
	run litesafe backup
	refused 2 'usage: litesafe backup'
	run litesafe backup app.db
	refused 2 -o
	run litesafe backup a.db b.db -o a.tar.zst
	refused 2 "'b.db'"
	run litesafe verify
	refused 2 'usage: litesafe verify'
	run litesafe restore a.tar.zst
	refused 2 --to
	run litesafe restore --to new.db
	refused 2
	run litesafe restore a.tar.zst b.tar.zst --to new.db
	refused 2 "'b.tar.zst'"
	run litesafe show
	refused 2
	run litesafe show a.tar.zst b.tar.zst
	refused 2 "'b.tar.zst'"
	run litesafe version now
	refused 2
	silent out
	expect_files .
}

scenario_values_that_make_no_sense() {
	mkdb app.db
	local words
	for words in '--level 0' '--level 20' '--level three' '--level -1' \
		'--level 3x' '--level=' '--threads 0' '--threads 65' \
		'--threads 99999999999999999999' '--max-pin soon' \
		'--max-pin 5y' '--max-pin -5' '--busy-timeout 22d' \
		'--max-wal-growth 1Q' '--max-wal-growth 99999999999T' \
		'--verify maybe' '--verify' '--color red' '--progress 1' \
		'--force=yes' '--json=1' '--set ../x' '--set /' '-q=1'; do
		# shellcheck disable=SC2086 # options are words
		run litesafe backup app.db -o a.tar.zst $words
		refused 2
		silent out
	done
	run env LITESAFE_LEVEL=99 "$LITESAFE" backup app.db -o a.tar.zst
	refused 2 LITESAFE_LEVEL "'99'"
	run env LITESAFE_JSON=perhaps "$LITESAFE" backup app.db -o a.tar.zst
	refused 2 LITESAFE_JSON
	run litesafe backup app.db -o -
	expect_exit 0
	run litesafe backup app.db -o - --verify stored
	refused 2 --verify pipe
	silent out
	expect_files . app.db
}

scenario_values_that_do() {
	mkdb app.db
	local words
	for words in '--level=19' '--max-pin 90' '--max-pin 1.5h' \
		'--max-pin 500ms' '--max-wal-growth 1048576' \
		'--max-wal-growth=64M' '--busy-timeout 21d' '--threads 64' \
		'-qv' '--set a/b/c' '--color always' '--progress never'; do
		# shellcheck disable=SC2086 # options are words
		run litesafe backup app.db --force $words -oa.tar.zst
		expect_exit 0
	done
	run litesafe backup --output=b.tar.zst -- app.db
	expect_exit 0
	cp app.db ./-app.db
	run litesafe backup -o c.tar.zst -- -app.db
	expect_exit 0
	# The command line wins over the environment.
	run env LITESAFE_LEVEL=99 "$LITESAFE" backup app.db -o d.tar.zst --level 1
	expect_exit 0
	run env LITESAFE_QUIET=1 "$LITESAFE" verify d.tar.zst
	expect_exit 0
	silent out
	# A variable of one command is nothing to the others.
	run env LITESAFE_LEVEL=99 "$LITESAFE" verify d.tar.zst
	expect_exit 0
}

# --- for programs ------------------------------------------------------------

scenario_json_of_each_command() {
	mkdb app.db
	run litesafe backup app.db -o a.tar.zst --json
	summary 0
	expect_out '"type":"snapshot"'
	run litesafe verify a.tar.zst a.tar.zst --json
	summary 0
	[ "$(grep -c '"type":"verify"' "$LOGS/out")" = 2 ]
	run litesafe restore a.tar.zst --to new.db --json
	summary 0
	expect_out '"restored":true'
	run litesafe restore a.tar.zst --to new.db --replace --json
	summary 0
	expect_out '"aside":[{"from":'
	run litesafe show a.tar.zst --json
	summary 0
	expect_out '"type":"snapshot"'
	run litesafe version --json
	summary 0
	run litesafe help backup --json
	summary 0
	silent err
}

scenario_json_of_failures() {
	mkdb app.db
	run litesafe backup none.db -o a.tar.zst --json
	summary 11
	refused 11 "'none.db'" # and as text, for people
	run litesafe backup app.db -o none/a.tar.zst --json
	summary 1
	run litesafe backup app.db -o app.db --json
	summary 12
	run litesafe backup --json
	summary 2
	run litesafe backup app.db --level 99 --json
	summary 2
	run litesafe --json bakcup
	summary 2
	run litesafe verify none.tar.zst --json
	summary 1
	: >a.tar.zst
	run litesafe verify a.tar.zst --json
	summary 4
	run litesafe restore a.tar.zst --to new.db --json
	summary 4
	run litesafe show a.tar.zst --json
	summary 4
	# Also when names are not text.
	run litesafe backup $'no\xff\n"ne.db' -o b.tar.zst --json
	summary 11
	run litesafe verify $'no\xff\n"ne' --json
	summary 1
	start_holder app.db exclusive-wal
	run litesafe backup app.db -o b.tar.zst --busy-timeout 100ms --json
	summary 6
	stop_holder
	expect_files . app.db a.tar.zst
}

# The archive takes standard output, so the report gives way.
scenario_json_beside_an_archive() {
	mkdb app.db
	run litesafe backup app.db -o - --json
	expect_exit 0
	all_json err
	cp "$LOGS/out" a.tar.zst
	run litesafe verify a.tar.zst
	expect_exit 0
	run litesafe backup app.db -o -
	expect_exit 0
	expect_err 'full backup'
	run litesafe backup app.db -o - -q
	expect_exit 0
	silent err
	run litesafe backup none.db -o - --json
	expect_exit 11
	silent out
	grep '^{' "$LOGS/err" | tail -1 | grep -q '"type":"summary".*"exit_code":11' ||
		fail "no summary"
}

# --- for people --------------------------------------------------------------

scenario_quiet() {
	mkdb app.db
	run litesafe backup app.db -o a.tar.zst -q
	expect_exit 0
	silent out
	silent err
	run litesafe verify a.tar.zst --quiet
	expect_exit 0
	silent out
	silent err
	run litesafe restore a.tar.zst --to new.db -q
	expect_exit 0
	silent out
	silent err
	run litesafe backup none.db -o b.tar.zst -q
	refused 11 "'none.db'"
}

scenario_one_line_for_a_database() {
	mkdb app.db
	run litesafe backup app.db -o a.tar.zst
	[ "$(wc -l <"$LOGS/out")" = 1 ] || fail "more than one line"
	silent err
	run litesafe verify a.tar.zst
	[ "$(wc -l <"$LOGS/out")" = 1 ] || fail "more than one line"
	silent err
	run litesafe restore a.tar.zst --to new.db
	[ "$(wc -l <"$LOGS/out")" = 1 ] || fail "more than one line"
	silent err
	run litesafe verify a.tar.zst -v
	[ "$(wc -l <"$LOGS/out")" -gt 1 ] || fail "-v says nothing more"
}

scenario_nothing_for_terminals_elsewhere() {
	mkdb app.db --bytes 20000000
	run litesafe backup app.db -o a.tar.zst -v
	expect_exit 0
	plain
	run litesafe verify a.tar.zst
	plain
	run litesafe backup none.db -o b.tar.zst
	plain
	run litesafe backup none.db -o b.tar.zst --color always
	grep -q $'\e' "$LOGS/err" || fail "--color always gives no colour"
	run env NO_COLOR=1 "$LITESAFE" backup none.db -o b.tar.zst
	plain
}

scenario_on_a_terminal() {
	mkdb app.db --bytes 60000000
	on_terminal "$LITESAFE" backup app.db -o -
	expect_exit 2
	expect_out terminal
	! grep -q $'\x28\xb5\x2f\xfd' "$LOGS/out" ||
		fail "an archive went to the terminal"
	on_terminal "$LITESAFE" backup app.db -o a.tar.zst --level 12
	expect_exit 0
	grep -qE '[0-9]+ ?%' "$LOGS/out" || fail "no progress is shown"
	on_terminal "$LITESAFE" backup app.db -o b.tar.zst --progress never
	expect_exit 0
	[ "$(wc -l <"$LOGS/out")" = 1 ] || fail "more than the one line"
	on_terminal "$LITESAFE" backup none.db -o b.tar.zst
	expect_exit 11
	grep -q $'\e' "$LOGS/out" || fail "no colour on a terminal"
	on_terminal env NO_COLOR=1 "$LITESAFE" backup none.db -o b.tar.zst
	expect_exit 11
	! grep -q $'\e\[' "$LOGS/out" || fail "colour in spite of NO_COLOR"
}

# Names that would move a cursor, wherever they come from.
scenario_names_cannot_move_the_cursor() {
	mkdb $'\e[31m.db'
	mkdb plain.db
	run litesafe backup $'\e[31m.db' -o $'\e[2J.tar.zst'
	expect_exit 0 12
	plain
	run litesafe backup plain.db -o $'\e[2J.tar.zst'
	expect_exit 0
	plain
	run litesafe verify $'\e[2J.tar.zst' -v
	expect_exit 0
	plain
	run litesafe restore $'\e[2J.tar.zst' --to $'\e]0;x\a.db' -v
	expect_exit 0
	plain
	run litesafe $'back\e[2Jup'
	expect_exit 2
	plain
}

# --- when nobody can hear it -------------------------------------------------

scenario_output_that_cannot_be_written() {
	[ -e /dev/full ] || skip "no /dev/full here"
	mkdb app.db
	run litesafe backup app.db -o a.tar.zst
	local words
	for words in 'verify a.tar.zst' 'show a.tar.zst' 'help' 'version' \
		'show a.tar.zst --json' 'restore a.tar.zst --to new.db'; do
		run bash -c "'$LITESAFE' $words >/dev/full"
		expect_exit 1 9
		expect_one_error
	done
	run bash -c "'$LITESAFE' backup app.db -o - >/dev/full"
	refused 9
	run bash -c "'$LITESAFE' backup app.db -o b.tar.zst >&- 2>&-"
	expect_exit 0 1
	! [ -e b.tar.zst ] || "$LITESAFE" verify b.tar.zst >/dev/null
	cmp <(ask app.db .dump) <(ask new.db .dump)
}

scenario_nobody_listens_any_more() {
	mkdb app.db --bytes 3000000
	make_repository
	snapshot app.db
	ask app.db 'CREATE TABLE t(x)'
	snapshot app.db
	make_configuration
	local words
	for words in 'help' '--help' 'backup --help' 'version' 'list' \
		'list app.db' 'list --json' 'show app.db latest' 'verify' \
		'status' 'doctor app.db' 'doctor --watch=100ms app.db' \
		'config show -c conf' 'config check -c conf' \
		'run -v -c conf' 'run --json -c conf' \
		'prune --keep-last 1 --dry-run' 'backup app.db' \
		'restore app.db --to new.db'; do
		unheard "$words"
		expect_exit 141
		[ ! -s "$LOGS/err" ] || fail "something is said of it"
	done
	[ "$(litesafe list app.db | wc -l)" = 5 ] || fail "not all was done"
	same_pages app.db new.db
	# What else goes wrong is told.
	unheard 'list none.db'
	expect_exit 7
	unheard 'restore app.db --to new.db'
	refused 12
	printf '%s\n' '[job other]' "database = $PWD/none.db" >>conf
	unheard 'run -v -c conf'
	refused 3 "other: "
	unheard 'run --json -c conf'
	refused 3 "other: "
	# The archive itself is another matter.
	run bash -c "set -o pipefail; '$LITESAFE' backup app.db -o - | head -c 10"
	refused 1 'Broken pipe'
}

# unheard WORDS: into a pipe that nobody reads from any more.
unheard() {
	run bash -c "mkfifo pipe; exec 3<>pipe 4>pipe 3<&-; rm pipe
		'$LITESAFE' $1 >&4"
}
