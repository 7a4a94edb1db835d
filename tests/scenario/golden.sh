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
