# What earlier versions stored comes back for ever (tests/golden).
# shellcheck shell=bash disable=SC2154

# A copy of format N's repository as R, and its states.
golden() {
	cp -R "$here/../golden/format-$1/repository" R
	# git keeps no modes but one.
	chmod -R go= R
	cp "$here/../golden/format-$1/states.txt" .
	export LITESAFE_REPOSITORY=$PWD/R LITESAFE_STATE=$PWD/S
}

scenario_format_1_comes_back() {
	golden 1
	local set snapshot sum count=0
	while read -r set snapshot sum; do
		comes_back "$set" "$snapshot" "$sum"
		count=$((count + 1))
	done <states.txt
	[ $count -ge 12 ] || fail "only $count states"
	run litesafe verify --all --check full
	expect_exit 0
}

# Its history goes on, and it can be pruned.
scenario_format_1_goes_on() {
	golden 1
	run litesafe restore app.db --to app.db
	expect_exit 0
	run litesafe prune app.db --keep-last 1 --dry-run
	expect_exit 0
	run litesafe list
	expect_exit 0
	expect_out app.db
}

scenario_format_1_by_its_script() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	golden 1
	sed -n '/^# ---- begin/,/^# ---- end/p' R/README.txt >rescue.py
	local set snapshot sum
	while read -r set snapshot sum; do
		rm -f rescued.db
		run python3 rescue.py "R/$set/"*"-${snapshot:0:8}.json" rescued.db
		expect_exit 0
		[ "$(sha256sum <rescued.db | cut -d' ' -f1)" = "$sum" ] ||
			fail "the script makes other bytes of $snapshot"
	done <states.txt
}

# A set of several databases, as R, and its states.
golden_sets() {
	cp -R "$here/../golden/format-1-sets/repository" R
	chmod -R go= R
	cp "$here/../golden/format-1-sets/"{states.txt,shop.tar.zst} .
	export LITESAFE_REPOSITORY=$PWD/R LITESAFE_STATE=$PWD/S
}

# is_state FILE SUM
is_state() {
	[ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ] ||
		fail "'$1' is not what was stored"
}

scenario_format_1_of_several_databases_comes_back() {
	golden_sets
	local set snapshot database sum last count=0
	while read -r set snapshot database sum; do
		last=$snapshot
		[ -e "$snapshot" ] || litesafe restore "$set" \
			--snapshot "$snapshot" --to "$snapshot" >/dev/null
		is_state "$snapshot/$database" "$sum"
		count=$((count + 1))
	done <states.txt
	[ $count -ge 19 ] || fail "only $count states"
	run litesafe verify --all --level restore --check full
	expect_exit 0
	run litesafe restore shop.tar.zst --to exported
	expect_exit 0
	cmp exported/a.db "$last/a.db"
	# They are not the databases that it is of.
	run litesafe backup exported/*.db --set shop
	expect_exit 12
}

scenario_format_1_of_several_databases_by_its_script() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	golden_sets
	sed -n '/^# ---- begin/,/^# ---- end/p' R/README.txt >rescue.py
	local set snapshot database sum
	while read -r set snapshot database sum; do
		rm -f rescued.db
		run python3 rescue.py "R/$set/"*"-${snapshot:0:8}.json" \
			rescued.db "$database"
		expect_exit 0
		is_state rescued.db "$sum"
	done <states.txt
}
