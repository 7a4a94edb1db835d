# What bash, zsh and fish offer behind a line: the program's own options, and the
# sets, snapshots and jobs that there are.
# shellcheck shell=bash disable=SC2154,SC2016

root=${BASH_SOURCE[0]%/tests/*}
completions=$root/packaging/completions

scenario_completions_are_what_the_table_makes() {
	command -v python3 >/dev/null || skip "needs python3"
	cp -r "$completions" here
	litesafe help --json | python3 here/generate.py here
	run diff -r "$completions" here
	expect_exit 0
}

make_history() {
	make_repository
	unset LITESAFE_REPOSITORY
	export LITESAFE_STATE=$PWD/S
	mkdb app.db
	local name
	for name in 'the other.db' '$(touch ran)`touch ran`.db'; do
		mkdb "$name"
		run litesafe backup "$name" -r R
	done
	snapshot app.db -r R
	mkdir folder
	echo >folder/app.db
	make_configuration
	# What is asked of the program must not depend on how people like it.
	export LITESAFE_QUIET=1 LITESAFE_PROGRESS=always
}

# offers LINE WORD...: these are put in for it, and nothing else.
offers() {
	lines+=("$1")
	shift
	wanted+=("$([ $# = 0 ] || printf '%s\n' "$@" | sort)")
}

# put_in LINE: of the words that a shell made of it, one a line, those where it
# ended; none where it left that.
put_in() {
	local before
	before=$(wc -w <<<"${1% *}")
	tr '\t' '\n' | tail -n "+$((before + 1))" | grep -vxF -e "${1##* }" -e '' |
		sed 's/^--[a-z]*=//; s,/$,,' | sort -u
}

# offered COMMAND...: it gets all lines, and prints a line for each.
offered() {
	local i found
	"$@" "${lines[@]}" >found || fail "$1: $(cat found)"
	for i in "${!lines[@]}"; do
		found=$(sed -n "$((i + 1))p" found | put_in "${lines[i]}")
		[ "$found" = "${wanted[i]}" ] ||
			fail "'${lines[i]}' offers: ${found//$'\n'/, }" \
				"- expected: ${wanted[i]//$'\n'/, }"
	done
	lines=() wanted=()
}

# in_all_shells COMMAND...: what is the same in all of them.
in_all_shells() {
	lines=() wanted=()
	offers 'litesafe ver' verify version
	offers 'litesafe help dis' discard
	offers 'litesafe backup --checkp' --checkpoint --checkpoint-budget
	offers 'litesafe backup --repl'
	offers 'litesafe restore --repl' --replace
	offers 'litesafe verify --check ' full quick
	offers 'litesafe verify --level=' restore stored
	offers 'litesafe doctor --check ' full none quick
	offers 'litesafe verify -q --progress=n' never
	offers 'litesafe doctor --log-file x fol' folder
	offers 'litesafe list -r fo' folder
	offers 'litesafe list -r R app' app.db
	offers 'litesafe list --repository R app' app.db
	offers 'litesafe list --repository=R app' app.db
	offers 'litesafe -q list -r R app' app.db
	offers 'litesafe prune -r nowhere app'
	offers 'litesafe pin -r R app.db ' latest "$id"
	offers "litesafe pin -r R app.db ${id:0:5}" "$id"
	offers 'litesafe restore -r R app.db --snapshot ' latest "$id"
	offers 'litesafe backup -r R --set app' app.db
	offers 'litesafe config ' check show
	offers 'litesafe config show --config conf ' nightly
	offers 'litesafe config -c conf show n' nightly
	offers 'litesafe list -c conf app' app.db
	offers 'litesafe run -c conf ' nightly
	offers 'litesafe run -c none '
	offers 'litesafe status -c conf n' nightly
	offers 'litesafe status -r R app' app.db
	offered "$@"
	export LITESAFE_REPOSITORY=R
	offers 'litesafe discard app.db l' latest
	offers 'litesafe list the' 'the other.db'
	offers 'litesafe restore the' 'the other.db'
	offers 'litesafe prune ' app.db 'the other.db' '$(touch ran)`touch ran`.db'
	offered "$@"
	[ ! -e ran ] || fail "a name was run"
}

scenario_bash_offers_what_there_is() {
	command -v python3 >/dev/null || skip "needs python3"
	make_history
	in_all_shells python3 "$root/tests/shells.py" bash \
		"$completions/bash/litesafe"
}

scenario_zsh_offers_what_there_is() {
	command -v python3 >/dev/null || skip "needs python3"
	command -v zsh >/dev/null || skip "needs zsh"
	make_history
	in_all_shells python3 "$root/tests/shells.py" zsh \
		"$completions/zsh/_litesafe"
}

# Its answers behind the words of the line, as the others put them in.
ask_fish() {
	local line
	for line; do
		{
			# shellcheck disable=SC2086 # its words
			printf '%s\n' ${line% *}
			HOME=$PWD PATH=$PWD/bin:$PATH fish -N -c \
				"source '$completions/fish/litesafe.fish'; complete -C \$argv[1]" "$line" |
				cut -f1 | sed 's/\\\(.\)/\1/g'
		} | paste -s
	done
}

scenario_fish_offers_what_there_is() {
	command -v fish >/dev/null || skip "needs fish"
	make_history
	mkdir bin
	ln -s "$LITESAFE" bin/litesafe
	in_all_shells ask_fish
}
