# Options, --help, the manual and the completions say the same: the program's
# own table, in what it prints for programs.
# shellcheck shell=bash disable=SC2154,SC2016

root=${BASH_SOURCE[0]%/tests/*}
completions=$root/packaging/completions

# consistent TOPIC [FILE...]
consistent() {
	command -v python3 >/dev/null || skip "needs python3"
	run python3 "$root/tests/consistency.py" "$@"
	expect_exit 0
}

scenario_help_is_the_table() {
	consistent help
}

scenario_every_option_is_in_its_manual_page_once() {
	consistent pages
}

scenario_no_page_leads_nowhere() {
	consistent references
}

scenario_manual_pages_render() {
	local page
	command -v groff >/dev/null || skip "needs groff"
	for page in "$root"/packaging/man/*.[1-9]; do
		run groff -mdoc -Tutf8 -ww -z "$page"
		expect_exit 0
		[ ! -s "$LOGS/err" ] || fail "groff has something to say of $page"
	done
}

scenario_every_variable_is_in_the_manual() {
	consistent environment
}

scenario_exit_codes_are_the_same_everywhere() {
	consistent exit_codes
}

scenario_examples_could_be_typed() {
	consistent examples
}

# Each block of commands in the manual, with the paths of a world made for it.
scenario_examples_of_the_manual_work() {
	local script n=0
	consistent scripts
	mv "$LOGS/out" scripts
	make_world
	cp -a world template
	while IFS= read -r script; do
		n=$((n + 1))
		rm -rf world
		cp -a template world
		# What the script is about to make.
		[[ $script != *'-o app.tar.zst'* ]] || rm world/app.tar.zst
		[[ $script != *'init -r /backups;'* ]] || rm -r world/backups
		script=${script//\/backups/$PWD/world/backups}
		script=${script//\/srv/$PWD/world/srv}
		run env -C world bash -ec "litesafe() { \"\$LITESAFE\" \"\$@\"; }; $script"
		# Of a time that is not past, or before there was anything.
		[[ $script != *--at* ]] || expect_exit 0 7
		[[ $script == *--at* ]] || expect_exit 0
	done <scripts
	[ "$n" -gt 15 ] || fail "only $n were found"
}

# What the examples speak of.
make_world() {
	mkdir -p world/srv/app world/srv/shop
	export LITESAFE_STATE=$PWD/world/state
	mkdb world/srv/app/app.db
	ask world/srv/app/app.db 'CREATE TABLE users(id); CREATE TABLE orders(created);
		INSERT INTO users VALUES (1)'
	mkdb world/orders.db
	mkdb world/stock.db
	mkdb world/srv/shop/app.db
	litesafe init -r world/backups -q
	litesafe backup world/srv/app/app.db -r world/backups -q
	litesafe backup world/{orders,stock}.db --set shop -r world/backups -q
	litesafe backup world/srv/app/app.db -o world/app.tar.zst -q
}

# Of what commands print here, every field is told in the manual.
scenario_every_field_of_json_is_told() {
	local n=0
	keep() {
		run litesafe "$@" --json
		[ -s "$LOGS/out" ] || fail "nothing is printed"
		n=$((n + 1))
		cp "$LOGS/out" "json-$n"
	}
	mkdb app.db
	mkdb other.db
	keep init -r R
	export LITESAFE_REPOSITORY=$PWD/R LITESAFE_STATE=$PWD/S
	keep backup app.db
	ask app.db 'CREATE TABLE consistency(x)'
	keep backup app.db --image-sha256
	keep backup app.db --skip-unchanged
	keep backup app.db
	keep backup app.db other.db --set both
	keep backup --recursive . --dry-run
	echo nothing >none.db
	keep backup '*.db' none.db
	keep list
	keep show app.db latest
	keep restore app.db --to new.db --at now
	keep restore app.db --to new.db --replace --dry-run
	keep restore app.db --to new.db --replace
	keep restore both --to folder
	keep pin app.db latest
	keep unpin app.db latest
	keep export app.db latest -o app.tar.zst
	keep backup app.db -o app.tar.zst
	keep verify
	keep verify app.tar.zst none.tar.zst
	keep show app.tar.zst
	keep restore app.tar.zst --to from-file.db
	keep prune --keep-last 1 --grace 0
	id=$(grep -l full R/app.db/*.json | head -1)
	id=${id%.json}
	flip "$(archive_of "${id##*-}")" bit 100
	keep verify
	keep list
	keep restore app.db --to fallen.db --fallback
	keep backup --full app.db
	keep discard app.db "${id##*-}" --dry-run
	keep discard app.db "${id##*-}"
	keep doctor app.db none.db
	make_configuration
	keep config check -c conf
	keep config show -c conf
	keep config show -c conf --origin
	echo colour = blue >>conf
	keep config check -c conf
	keep help backup
	keep version
	consistent json json-*
}

# --- completions --------------------------------------------------------------

scenario_completions_are_what_the_table_makes() {
	command -v python3 >/dev/null || skip "needs python3"
	cp -r "$completions" here
	litesafe help --json | python3 here/generate.py here
	run diff -r "$completions" here
	expect_exit 0
}

# One job, and nothing that others may read.
make_configuration() {
	printf '%s\n' '[global]' "repository = $PWD/R" '[job nightly]' \
		"database = $PWD/app.db" >conf
	chmod 600 conf
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
