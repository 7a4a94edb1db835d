# Backups, prunes, verifications and restores on one set at the same time,
# stopped and continued at random: no snapshot that was committed is lost or
# becomes one that cannot be restored.
# shellcheck shell=bash disable=SC2154

# busy NAME COMMAND...: over and over until `over` appears; what it said of its
# failures is kept.
busy() {
	local name=$1 rc
	shift
	while [ ! -e over ]; do
		rc=0
		"$@" >>"$LOGS/$name.out" 2>"$LOGS/$name.err" </dev/null || rc=$?
		[ $rc = 0 ] || {
			echo "exit $rc: $*"
			cat "$LOGS/$name.err"
		} >>"$LOGS/$name.failed"
	done
}

# freeze SECONDS: stops and continues our litesafe processes at random.
freeze() {
	local end=$((SECONDS + $1)) pid pids
	while [ $SECONDS -lt $end ]; do
		pids=$(pgrep -f "^$LITESAFE " || true)
		for pid in $pids; do
			[ $((RANDOM % 3)) = 0 ] || continue
			kill -STOP "$pid" 2>/dev/null || true
			sleep "0.$((RANDOM % 20))"
			kill -CONT "$pid" 2>/dev/null || true
		done
		sleep 0.05
	done
}

# Every snapshot whose manifest is there comes back and adds up.
all_come_back() {
	local each count=0
	run litesafe list app.db --json
	expect_exit 0
	local listed
	mapfile -t listed < <(grep '"type":"snapshot"' "$LOGS/out" |
		grep -o '"id":"[0-9a-f]*"' | cut -d'"' -f4)
	for each in "${listed[@]}"; do
		rm -f back.db
		run litesafe restore app.db --snapshot "$each" --to back.db
		expect_exit 0
		ledger_is_right back.db
		count=$((count + 1))
	done
	[ $count -ge 3 ] || fail "only $count snapshots are left"
}

# The newest that a backup told of as stored is there: prune leaves it, whatever
# its rules are.  (It leaves the newest three, of which some may be commits that
# were taken back in the meantime.)
newest_is_there() {
	local newest
	newest=$(cat "$LOGS"/backup*.out | grep '"type":"snapshot"' |
		sed -E 's/.*"id":"([0-9a-f]*)".*"time":"([^"]*)".*/\2 \1/' |
		sort | tail -1 | cut -d' ' -f2)
	[ -n "$newest" ] || fail "no backup is told of"
	run litesafe list app.db
	expect_exit 0
	expect_out "$newest"
}

# No prune is taken for damage.  Without a grace period one may take the archive
# of a backup that sleeps just before its commit; until the backup wakes and
# takes the commit back, verify says what it sees.
verify_was_right() {
	local line id
	[ -e "$LOGS/verify.failed" ] || return 0
	while read -r line; do
		id=$(sed -nE 's,.* app\.db ([0-9a-f]{16}) .*,\1,p' <<<"$line")
		grep -qs "snapshot ${id:-of no name} was not committed" \
			"$LOGS"/backup*.failed ||
			fail "verify took a prune for damage: $line"
	done < <(grep '^litesafe: error.*damaged' "$LOGS/verify.failed" | sort -u)
}

together() {
	local backups=$1 n jobs=()
	make_repository
	start_writer app.db --journal wal --rate 200
	snapshot app.db
	for ((n = 0; n < backups; n++)); do
		busy backup$n "$LITESAFE" backup app.db --json --state "S$n" \
			"$([ $((n % 2)) = 0 ] && echo --full-every || echo --max-pin)" 2s &
		jobs+=($!)
	done
	busy prune "$LITESAFE" prune app.db --keep-last 3 --grace 0 &
	jobs+=($!)
	busy verify "$LITESAFE" verify app.db --level stored &
	jobs+=($!)
	busy restore "$LITESAFE" restore app.db --to there.db --replace \
		--check none &
	jobs+=($!)
	freeze 40
	touch over
	pkill -CONT -f "^$LITESAFE " || true
	wait "${jobs[@]}"
	stop_writers

	newest_is_there
	all_come_back
	run litesafe verify --all
	expect_exit 0
	# What failed may only have met a prune.
	for n in "$LOGS"/backup*.failed; do
		[ ! -e "$n" ] || ! grep -E '^litesafe: error' "$n" |
			grep -vE 'was not committed|pruned|vanished|gave|given up|No such file' ||
			fail "a backup failed for another reason"
	done
	verify_was_right
}

scenario_two_backups() {
	together 2
}

scenario_eight_backups() {
	together 8
}
