#!/bin/sh
# What increments cost beside deduplicating tools that are fed by `sqlite3
# .backup`, as people do it: the same database, the same changes, side by side
# in one run.
#
# usage: repository.sh       (by `make bench`; more variables: lib.sh)
#
#   BENCH_PEERS  0: leave out restic and borg
#   BENCH_CHAIN  increments before the restore that is timed  (100)
#
# Each tool has a repository of its own with a first full backup in it.  Then,
# for each workload, the database changes once and every tool saves it.
# litesafe is asked for what it does by default: the archive is read back
# before it counts.  What the others store is not.
# Needs also restic and borgbackup; without them their lines are missing and
# say so.
#
# shellcheck disable=SC2016,SC2317 # scripts for sh -c; called by name
set -eu
export LC_ALL=C

# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

BENCH_PEERS=${BENCH_PEERS:-1}
BENCH_CHAIN=${BENCH_CHAIN:-100}
export RESTIC_PASSWORD=bench RESTIC_CACHE_DIR="$WORK/restic-cache"
export BORG_BASE_DIR="$WORK/borg-base" BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes

have() {
	[ "$BENCH_PEERS" != 0 ] && command -v "$1" >/dev/null
}

tools='litesafe'
have restic && tools="$tools restic"
have borg && tools="$tools borg borg-4096"

stored() {
	du -sb "$1" | cut -f1
}

# --- the tools ---------------------------------------------------------------

begin_tool() {
	case $1 in
	litesafe) "$LITESAFE" init -q -r litesafe ;;
	restic) restic -q init --repository-version 2 -r restic ;;
	borg*) borg init -e none "$1" ;;
	esac
}

# save TOOL LABEL: one backup of live.db, measured; what it stored, noted.
save() {
	before=$(stored "$1")
	case $1 in
	litesafe)
		run "litesafe-$2" "$LITESAFE" backup live.db -r litesafe \
			--state state --json
		fact "pin-$2" "$(pin_seconds)"
		;;
	restic)
		run "restic-$2" sh -c 'sqlite3 live.db ".backup copy.db" &&
			restic -q backup -r restic copy.db'
		;;
	borg)
		run "borg-$2" sh -c 'sqlite3 live.db ".backup copy.db" &&
			borg create -C zstd,3 "borg::{now}-$$" copy.db'
		;;
	borg-4096)
		run "borg-4096-$2" sh -c 'sqlite3 live.db ".backup copy.db" &&
			borg create -C zstd,3 --chunker-params fixed,4096 \
				"borg-4096::{now}-$$" copy.db'
		;;
	esac
	fact "bytes-$1-$2" $(($(stored "$1") - before))
	rm -f copy.db
}

save_by_all() {
	for tool in $tools; do
		save "$tool" "$1"
	done
}

# --- the work between two backups --------------------------------------------

sql() {
	sqlite3 -bail live.db "$1" >/dev/null
}

# About one page in a hundred, anywhere in the largest table.
one_percent() {
	sql "CREATE TEMP TABLE pick AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
		SELECT i + 1 FROM n WHERE i < $((pages / 100)))
		SELECT abs(random()) % (SELECT max(id) FROM event) + 1 AS id FROM n;
		UPDATE event SET body = upper(body) WHERE id IN (SELECT id FROM pick)
		AND body <> upper(body)"
}

appended() {
	sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 1000) INSERT INTO attachment SELECT NULL, i,
		'appended ' || i, hex(randomblob(100)) FROM n"
}

inserted() {
	sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 2000) INSERT INTO purchase SELECT NULL, randomblob(16),
		1 + abs(random()) % (SELECT max(id) FROM customer), 'paid', i,
		'2026-01-01', 'a note' FROM n"
}

unchanged() {
	:
}

# The state of the database as a file: what -wal and all amount to.
image() {
	rm -f "$1"
	sqlite3 live.db ".backup '$1'"
}

# --- the parts ---------------------------------------------------------------

first_backups() {
	sqlite3 "$(database "$BENCH_MIB")" ".backup '$WORK/live.db'"
	sql 'PRAGMA journal_mode = WAL'
	pages=$(sqlite3 live.db 'PRAGMA page_count')
	for tool in $tools; do
		begin_tool "$tool"
	done
	save_by_all full
}

workload() {
	image old.db
	"$1"
	image new.db
	"$WORK/changed" old.db new.db >pages
	fact "raw-$1" "$(size pages)"
	fact "zstd-$1" "$(zstd -q -3 -c pages | wc -c)"
	rm -f old.db new.db pages
	fact bare "$("$WORK/bare" live.db)"
	save_by_all "$1"
}

# Whether anything changed, by what is remembered and by reading everything.  A
# file that was written to just before is always read.
recognised() {
	sleep 3
	"$LITESAFE" backup live.db -q -r litesafe --state state
	n=0
	while [ "$n" -lt "$BENCH_RUNS" ]; do
		n=$((n + 1))
		run evidence "$LITESAFE" backup live.db -r litesafe \
			--state state --skip-unchanged
		grep -q 'no page read' out || die "it was read: $(cat out)"
	done
	n=0
	while [ "$n" -lt "$BENCH_RUNS" ]; do
		n=$((n + 1))
		find state -name evidence -exec rm {} +
		run scan "$LITESAFE" backup live.db -r litesafe \
			--state state --skip-unchanged
		grep -q 'every page read' out || die "it was not: $(cat out)"
	done
}

# A restore after many increments, beside that of a full of the same state.
long_chain() {
	n=0
	while [ "$n" -lt "$BENCH_CHAIN" ]; do
		n=$((n + 1))
		sql "UPDATE event SET body = lower(body) WHERE id % 10007 = $n"
		"$LITESAFE" backup live.db -q -r litesafe --state state
	done
	"$LITESAFE" export -q -r litesafe live.db latest -o full.tar.zst
	n=0
	while [ "$n" -lt "$BENCH_RUNS" ]; do
		n=$((n + 1))
		run restore-full "$LITESAFE" restore full.tar.zst --to new.db \
			--check none
		rm -f new.db
		run restore-chain "$LITESAFE" restore -r litesafe live.db \
			--to new.db --check none
		rm -f new.db
	done
}

# --- the report --------------------------------------------------------------

line() {
	row "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)" \
		"$(median "$2" 4 | awk '{ printf "%.1f", $1 / 1024 }')" \
		"$(median "bytes-$2" 1 | awk '{ printf "%.2f", $1 / 1048576 }')"
}

report_workload() {
	echo
	row "$2" wall/s user/s sys/s peak/MiB stored/MiB
	for tool in $tools; do
		line "  $tool" "$tool-$1"
	done
	[ "$1" = full ] || printf '  %s MiB changed; zstd -3 of them %s MiB\n' \
		"$(median "raw-$1" 1 | awk '{ printf "%.2f", $1 / 1048576 }')" \
		"$(median "zstd-$1" 1 | awk '{ printf "%.2f", $1 / 1048576 }')"
}

report_targets() {
	echo
	echo 'targets'
	! have restic || ratio 'increment, 1 % of pages : .backup + restic' \
		"$(over litesafe-one_percent 1 restic-one_percent 1)" 0.033 most
	! have borg || ratio 'increment, 1 % of pages : .backup + borg' \
		"$(over litesafe-one_percent 1 borg-one_percent 1)" 0.05 most
	ratio 'stored, 1 % of pages : zstd -3 of them alone' \
		"$(over bytes-litesafe-one_percent 1 zstd-one_percent 1)" \
		1.15 most
	ratio 'pin of an increment : bare backup API' \
		"$(over pin-one_percent 1 bare 1)" 2.50 most
	ratio "restore after $BENCH_CHAIN increments : of a full" \
		"$(over restore-chain 1 restore-full 1)" 1.50 most
	ratio 'ms, nothing changed: known without reading' \
		"$(median evidence 1 | awk '{ print $1 * 1000 }')" 20 most
	printf '%-52s %8.3f\n' 'ms, nothing changed: read and compared' \
		"$(median scan 1 | awk '{ print $1 * 1000 }')"
	ratio 'MiB of memory, increment' \
		"$(megabytes litesafe-one_percent)" 64 most
	ratio 'MiB of memory, restore of the chain' \
		"$(megabytes restore-chain)" 64 most
}

# --- the recipe --------------------------------------------------------------

build_tools bare changed
cd "$WORK"
first_backups
for each in one_percent appended inserted unchanged; do
	workload $each
done
recognised
long_chain

versions
for tool in restic borg; do
	have $tool || echo "$tool is not installed: not compared"
done
report_workload full 'first backup'
report_workload one_percent '1 % of pages changed at random'
report_workload appended '1,000 rows appended'
report_workload inserted '2,000 rows inserted, indexes at random'
report_workload unchanged 'nothing changed'
report_targets
exit 0
