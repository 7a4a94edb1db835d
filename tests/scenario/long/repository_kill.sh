# Killed before every system call with which a command changes anything in a
# repository: every snapshot that was committed comes back, and the next plain
# run succeeds without help.
# shellcheck shell=bash disable=SC2154,SC2317

# shellcheck source=tests/scenario/restore.sh
. "$here/restore.sh"
# shellcheck source=tests/scenario/long/kill_everywhere.sh
. "$here/long/kill_everywhere.sh"

# The parent of what is done in these scenarios: two chains, five snapshots.
history() {
	make_repository
	ids=() sums=()
	local n
	for n in 1 2 3 4 5; do
		churn app.db $((n * 3))
		snapshot app.db "$([ $n = 4 ] && echo --full || echo -q)"
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	churn app.db 99
	mv R R.before
	mv S S.before
}

fresh() {
	rm -rf R S
	cp -a R.before R
	cp -a S.before S
}

# All that litesafe lists comes back; of what `history` made, all that is there.
committed_comes_back() {
	local n each listed
	run litesafe list app.db --json
	expect_exit 0
	listed=$(grep '"type":"snapshot"' "$LOGS/out" | grep -o '"id":"[0-9a-f]*"' |
		cut -d'"' -f4)
	for each in $listed; do
		rm -f back.db
		run litesafe restore app.db --snapshot "$each" --to back.db \
			--check none
		expect_exit 0
		for n in "${!ids[@]}"; do
			[ "${ids[n]}" != "$each" ] ||
				[ "$(sha256sum <back.db | cut -d' ' -f1)" = "${sums[n]}" ] ||
				fail "snapshot $each has other bytes: $when"
		done
	done
	echo "$listed" >"$LOGS/listed"
}

scenario_backup_into_a_repository() {
	need_strace
	history
	prepare() { fresh; }
	check() {
		committed_comes_back
		[ "$(wc -l <"$LOGS/listed")" -ge 5 ] || fail "some are gone: $when"
		run litesafe backup app.db
		expect_exit 0
		run litesafe verify --level stored
		expect_exit 0
	}
	everywhere prepare check "$LITESAFE" backup app.db
}

# The first one makes the set's folders, in the repository and in the state.
scenario_first_backup_of_a_set() {
	need_strace
	make_repository
	mkdb app.db --rows 200
	mv R R.before
	local sum
	sum=$(settled app.db)
	prepare() {
		rm -rf R S
		cp -a R.before R
	}
	check() {
		local each listed=''
		run litesafe list below/app.db --json
		expect_exit 0 7
		[ "$status" = 7 ] || listed=$(grep '"type":"snapshot"' "$LOGS/out" |
			grep -o '"id":"[0-9a-f]*"' | cut -d'"' -f4)
		for each in $listed; do
			comes_back below/app.db "$each" "$sum"
		done
		run litesafe backup app.db --set below/app.db
		expect_exit 0
		run litesafe verify
		expect_exit 0
		run litesafe prune --keep-last 1 --grace 0
		expect_exit 0
		[ -z "$(find R -name '*.litesafe-*')" ] ||
			fail "something is left after a prune: $when"
	}
	everywhere prepare check "$LITESAFE" backup app.db --set below/app.db
}

scenario_init() {
	need_strace
	export LITESAFE_REPOSITORY=$PWD/R LITESAFE_STATE=$PWD/S
	mkdb app.db --rows 50
	prepare() {
		rm -rf R S
	}
	check() {
		run litesafe init -r R --if-missing
		expect_exit 0
		run litesafe backup app.db
		expect_exit 0
		run litesafe verify
		expect_exit 0
	}
	least_hits=8 everywhere prepare check "$LITESAFE" init -r R
}

scenario_prune() {
	need_strace
	history
	prepare() { fresh; }
	check() {
		committed_comes_back
		grep -q "${ids[4]}" "$LOGS/listed" || fail "the newest is gone: $when"
		grep -q "${ids[3]}" "$LOGS/listed" || fail "its full is gone: $when"
		run litesafe prune app.db --keep-last 1 --grace 0
		expect_exit 0
		committed_comes_back
		run litesafe backup app.db
		expect_exit 0
		run litesafe verify --level stored
		expect_exit 0
	}
	least_hits=10 everywhere prepare check "$LITESAFE" prune app.db \
		--keep-last 1 --grace 0
}

# What is good stays, whatever happens; a prune tidies up, and then it can be
# discarded if it was not.
scenario_discard() {
	need_strace
	history
	mv R.before R
	flip "$(archive_of "${ids[1]}")" bit 2000
	mv R R.before
	local damaged=${ids[1]}
	prepare() { fresh; }
	check() {
		local each
		for each in 0 3 4; do
			rm -f back.db
			run litesafe restore app.db --snapshot "${ids[each]}" \
				--to back.db --check none
			expect_exit 0
			[ "$(sha256sum <back.db | cut -d' ' -f1)" = "${sums[each]}" ] ||
				fail "a good snapshot has other bytes: $when"
		done
		run litesafe prune app.db --keep-last 100 --grace 0
		expect_exit 0
		run litesafe discard app.db "$damaged"
		expect_exit 0 7
		run litesafe list app.db
		[ "$(cut -d' ' -f1 <"$LOGS/out")" = "${ids[0]}
${ids[3]}
${ids[4]}" ] || fail "other snapshots than the good ones: $when"
		run litesafe verify --level stored
		expect_exit 0
	}
	least_hits=6 everywhere prepare check "$LITESAFE" discard app.db "$damaged"
}

scenario_restore_over_a_database() {
	need_strace
	history
	mv R.before R
	mv S.before S
	mkdb old.db --rows 77
	prepare() {
		rm -rf data
		mkdir data
		cp old.db data/live.db
	}
	check() {
		local found
		found=$(sha256sum <data/live.db | cut -d' ' -f1)
		[ "$found" = "${sums[4]}" ] || cmp -s old.db data/live.db ||
			fail "neither the old nor the new database: $when"
		kept "$(sum_of old.db)" old.db
		rm -rf data
		mkdir data
		run litesafe restore app.db --to data/live.db
		expect_exit 0
	}
	everywhere prepare check "$LITESAFE" restore app.db \
		--to data/live.db --replace
}
