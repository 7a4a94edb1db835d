# Options, --help and the manual say the same: the program's own table, in what
# it prints for programs.
# shellcheck shell=bash disable=SC2154,SC2016

root=${BASH_SOURCE[0]%/tests/*}

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
		# Words in quotes, of which one holds the others.
		run groff -mdoc -Tutf8 "$page"
		! grep -q "’’" "$LOGS/out" || fail "nested quotes in $page"
	done
}

scenario_every_variable_is_in_the_manual() {
	consistent environment
}

scenario_exit_codes_are_the_same_everywhere() {
	consistent exit_codes
}

# What monitoring is written against.
scenario_every_metric_and_finding_is_in_the_manual() {
	consistent metrics
	consistent findings
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

scenario_configurations_of_the_manual_are_right() {
	local each n=0
	mkdir examples
	consistent configurations examples
	chmod 600 examples/*
	for each in examples/*; do
		run litesafe config check -c "$each"
		expect_exit 0
		n=$((n + 1))
	done
	[ "$n" -gt 3 ] || fail "only $n were found"
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
	export LITESAFE_CONFIG=$PWD/world/conf
	printf '%s\n' '[global]' "repository = $PWD/world/backups" \
		'[job shop]' "database = $PWD/world/orders.db" \
		"database = $PWD/world/stock.db" 'set = shop' 'level = 9' >world/conf
	chmod 600 world/conf
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
	keep init -r R --dry-run
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
	keep status -c conf
	keep status --max-age 1s
	keep config show -c conf
	keep config show -c conf --origin
	printf '%s\n' 'before = true' 'drill = 1s' 'keep-last = 1' \
		'check-sql = SELECT 1' 'on-failure = echo sorry' >>conf
	keep run -c conf
	keep run -c conf --dry-run
	echo 'after = false' >>conf
	keep run -c conf
	echo colour = blue >>conf
	keep config check -c conf
	printf '%s\n' '[repository r]' 'url = /r' '[job j]' 'database = /a' \
		'repository = r' 'ping-url = http://h/x' >a.conf
	keep config check -c a.conf
	LITESAFE_LEVEL=5 keep config show -c a.conf
	echo 'levle = 3' >>a.conf
	keep config check -c a.conf
	keep help backup
	keep version
	consistent json json-*
}
