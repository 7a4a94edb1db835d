# A thousand cuts through three databases that an application keeps together,
# and what they cost it.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/sets.sh
. "$here/sets.sh"

# cost FILE: average and worst time for which nobody could commit, and tries.
cost() {
	grep -o '"lock_seconds":[-+.e0-9]*,"lock_tries":[0-9]*' "$1" | tr ':,' '  ' |
		awk '{ sum += $2; if ($2 > most) most = $2; tries += $4 }
			END { printf "%d cuts: held %.2f ms, at most %.2f ms, %.1f tries\n",
				NR, sum / NR * 1000, most * 1000, tries / NR }'
}

# thousand HOW JOURNALS CHECK
thousand() {
	local n torn=0
	start_mover "$1" "$2" a.db b.db c.db
	for ((n = 1; n <= 500; n++)); do
		rm -rf s.tar.zst cut
		run litesafe backup a.db b.db c.db --set shop -o s.tar.zst \
			--verify none --json --busy-timeout 30
		expect_exit 0
		cat "$LOGS/out" >>costs
		run litesafe restore s.tar.zst --to cut --check none
		expect_exit 0
		"$3" cut || torn=$((torn + 1))
	done
	stop_writers
	[ "$(grep -c '"lock_seconds":' costs)" = 500 ] ||
		fail "not every cut tells what it cost"
	measured "$(cost costs)"
	[ $torn = 0 ] || fail "$torn of 500 cuts are wrong"
}

scenario_500_cuts_through_one_transaction() {
	thousand attach wal attached_is_whole
}

scenario_500_cuts_through_a_sequence() {
	thousand sequence wal,delete,wal sequence_is_possible
}
