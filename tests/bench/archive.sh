#!/bin/sh
# What one archive costs beside the tools that people use without litesafe:
# measured side by side, in one run, on the same database, out of the page
# cache.
#
# usage: archive.sh          (by `make bench`; more variables: lib.sh)
#
#   BENCH_SMALL  size for "memory, small", MiB     (100)
#   BENCH_LARGE  1: also a 4 GiB database for "memory, large"; or its size, MiB
#   BENCH_LOAD   0: leave out the part with a busy writer
#
# A benchmark, not a test: a missed target is a line that says so, and the exit
# status is 0.  Only a step that does not work at all ends it, with 1.
# Needs cc, pkg-config, sqlite3 (program and library), zstd, GNU coreutils.
#
# shellcheck disable=SC2016 # scripts for sh -c
set -eu
export LC_ALL=C

# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

BENCH_SMALL=${BENCH_SMALL:-100}
BENCH_LARGE=${BENCH_LARGE:-0}
BENCH_LOAD=${BENCH_LOAD:-1}
[ "$BENCH_LARGE" = 1 ] && BENCH_LARGE=4096

backups_once() {
	cd "$WORK"
	rm -f ./*.zst copy.db
	run zstd zstd -q -3 -T0 -k ready.db -o ready.db.zst
	fact zstd-bytes "$(size ready.db.zst)"
	run zstd-synced sh -c \
		'zstd -q -3 -T0 -k ready.db -o synced.zst && sync synced.zst'
	run none "$LITESAFE" backup "$DB" -o none.tar.zst --verify none --json
	fact none-bytes "$(size none.tar.zst)"
	fact pin "$(pin_seconds)"
	run stored "$LITESAFE" backup "$DB" -o stored.tar.zst --json
	rm -f synced.zst stored.tar.zst
	run dot-backup sh -c 'sqlite3 "$1" ".backup copy.db" &&
		zstd -q -3 -T0 copy.db -o copy.zst' sh "$DB"
	rm -f copy.db copy.zst
	run vacuum sh -c 'sqlite3 "$1" "VACUUM INTO '\''copy.db'\''" &&
		zstd -q -3 -T0 copy.db -o vacuum.zst' sh "$DB"
	fact vacuum-bytes "$(size vacuum.zst)"
	rm -f copy.db vacuum.zst
}

restores_once() {
	cd "$WORK"
	run unzstd sh -c \
		'zstd -q -d ready.db.zst -o plain.db && sync plain.db'
	rm -f plain.db
	run restore "$LITESAFE" restore none.tar.zst --to new.db --check none
	rm -f new.db
	run unzstd-check sh -c 'zstd -q -d ready.db.zst -o plain.db &&
		sync plain.db &&
		test "$(sqlite3 plain.db "PRAGMA integrity_check")" = ok'
	rm -f plain.db plain.db-wal plain.db-shm
	run restore-check \
		"$LITESAFE" restore none.tar.zst --to new.db --check full
	rm -f new.db
	run verify "$LITESAFE" verify none.tar.zst --level stored
}

# The state of the database as an ordinary file, made once and not timed.
ready_copy() {
	sqlite3 "$DB" ".backup '$WORK/ready.db'"
	cat "$WORK/ready.db" "$DB" "$DB-wal" >/dev/null
}

# --- memory ------------------------------------------------------------------

# memory LABEL MIB: the peaks of backup (with its read-back), and restore.
memory() {
	db=$(database "$2")
	cd "$WORK"
	rm -f memory.tar.zst memory.db
	run "memory-backup-$1" "$LITESAFE" backup "$db" -o memory.tar.zst
	run "memory-restore-$1" \
		"$LITESAFE" restore memory.tar.zst --to memory.db --check full
	rm -f memory.tar.zst memory.db
}

# --- beside a busy writer ----------------------------------------------------

# loaded LABEL COMMAND...: the writer's figures while the command runs.
loaded() {
	label=$1
	shift
	rm -f "$WORK/one"
	"$WORK/load" "$WORK/one" "$WORK/live.db" 120 "$@" \
		>"$WORK/out" 2>"$WORK/err" || true
	[ -s "$WORK/one" ] || {
		cat "$WORK/err" >&2
		die "$label: the writer did not work"
	}
	read -r commits took rate slowest failed unfinished <"$WORK/one"
	[ -n "$unfinished" ] && fact "$label-unfinished" 1
	fact "$label-commits" "$commits"
	fact "$label-seconds" "$took"
	fact "$label-rate" "$rate"
	fact "$label-slowest" "$slowest"
	fact "$label-failed" "$failed"
}

# Alone for as long as the backup took: the slowest of more is slower.
loaded_once() {
	cd "$WORK"
	rm -f live.zst copy.db
	loaded busy "$LITESAFE" backup live.db -o live.zst
	[ -s live.zst ] || {
		cat "$WORK/err" >&2
		die "the backup beside a writer failed"
	}
	seconds=$(median busy-seconds 1)
	rm -f "$WORK/one"
	"$WORK/load" "$WORK/one" live.db "$seconds"
	read -r _ _ rate slowest _ <"$WORK/one"
	fact alone-rate "$rate"
	fact alone-slowest "$slowest"
	# What any reader of that length costs the writer.
	loaded busy-reader sqlite3 live.db 'BEGIN' \
		'SELECT count(*) FROM sqlite_schema' ".shell sleep $seconds"
	loaded busy-vacuum sqlite3 live.db "VACUUM INTO 'copy.db'"
	rm -f live.zst copy.db
}

# Once is enough: it starts again from page 1 whenever the writer commits.
loaded_dot_backup() {
	cd "$WORK"
	loaded busy-dot-backup sqlite3 live.db ".backup copy.db"
	rm -f copy.db copy.db-journal
}

# --- the report --------------------------------------------------------------

report_costs() {
	echo
	row "median of $BENCH_RUNS, $BENCH_MIB MiB" wall/s user/s sys/s \
		peak/MiB size/MiB
	costs 'zstd -3 -T0 of a ready copy' zstd zstd-bytes
	costs '  the same, synced to disk' zstd-synced zstd-bytes
	costs 'litesafe backup --verify none' none none-bytes
	costs 'litesafe backup (reads back)' stored none-bytes
	costs 'sqlite3 .backup + zstd -3 -T0' dot-backup zstd-bytes
	costs 'VACUUM INTO + zstd -3 -T0' vacuum vacuum-bytes
	costs 'zstd -d + sync' unzstd
	costs 'litesafe restore --check none' restore
	costs 'zstd -d + sync + integrity_check' unzstd-check
	costs 'litesafe restore --check full' restore-check
	costs 'litesafe verify --level stored' verify
	printf '\npin: %s s, %s s/GiB\n' "$(median pin 1)" \
		"$(awk -v p="$(median pin 1)" -v b="$(size "$WORK/ready.db")" \
			'BEGIN { printf "%.2f", p / b * 1073741824 }')"
}

report_load() {
	echo
	printf '%-38s %10s %12s %8s\n' 'a busy writer meanwhile' \
		'commits/s' 'slowest/ms' 'failed'
	printf '%-38s %10s %12s\n' 'alone, for as long' \
		"$(median alone-rate 1)" "$(median alone-slowest 1)"
	for label in busy busy-reader busy-vacuum busy-dot-backup; do
		case $label in
		busy) text='litesafe backup' ;;
		busy-reader) text='nothing but a reader, for as long' ;;
		busy-vacuum) text='sqlite3 VACUUM INTO' ;;
		busy-dot-backup) text='sqlite3 .backup' ;;
		esac
		[ -n "$(median "$label-unfinished" 1)" ] &&
			text="$text (not done after 120 s)"
		printf '%-38s %10s %12s %8s\n' "$text" \
			"$(median "$label-rate" 1)" \
			"$(median "$label-slowest" 1)" \
			"$(median "$label-failed" 1)"
	done
}

report_targets() {
	echo
	echo 'targets'
	ratio 'backup --verify none : zstd -3 -T0' \
		"$(over none 1 zstd 1)" 1.20 most
	ratio 'backup --verify none : .backup + zstd -3 -T0' \
		"$(over none 1 dot-backup 1)" 0.55 most
	ratio 'stored size : zstd -3 -T0' \
		"$(over none-bytes 1 zstd-bytes 1)" 1.02 most
	ratio 'the read-back : backup --verify none' \
		"$(awk -v a="$(median stored 1)" -v b="$(median none 1)" \
			'BEGIN { print (a - b) / b }')" 0.50 most
	ratio 'restore --check none : zstd -d + sync' \
		"$(over restore 1 unzstd 1)" 1.00 most
	if [ "$BENCH_LOAD" != 0 ]; then
		ratio 'commits/s during a backup : alone' \
			"$(over busy-rate 1 alone-rate 1)" 0.70 least
		ratio 'slowest commit during a backup : alone' \
			"$(over busy-slowest 1 alone-slowest 1)" 2.00 most
	fi
	ratio "MiB of memory, backup, $BENCH_SMALL MiB" \
		"$(megabytes memory-backup-small)" 64 most
	ratio "MiB of memory, backup, $BENCH_MIB MiB" \
		"$(megabytes stored)" 64 most
	ratio "MiB of memory, restore, $BENCH_SMALL MiB" \
		"$(megabytes memory-restore-small)" 64 most
	ratio "MiB of memory, restore, $BENCH_MIB MiB" \
		"$(megabytes restore-check)" 64 most
	[ "$BENCH_LARGE" = 0 ] && return 0
	ratio "MiB of memory, backup, $BENCH_LARGE MiB" \
		"$(megabytes memory-backup-large)" 64 most
	ratio "MiB of memory, restore, $BENCH_LARGE MiB" \
		"$(megabytes memory-restore-large)" 64 most
}

# --- the recipe --------------------------------------------------------------

build_tools load
DB=$(database "$BENCH_MIB")
hold_open "$DB"
ready_copy
n=0
while [ "$n" -lt "$BENCH_RUNS" ]; do
	n=$((n + 1))
	backups_once
	restores_once
done
memory small "$BENCH_SMALL"
[ "$BENCH_LARGE" = 0 ] || memory large "$BENCH_LARGE"
if [ "$BENCH_LOAD" != 0 ]; then
	rm -f "$WORK"/*.zst
	mv "$WORK/ready.db" "$WORK/live.db"
	n=0
	while [ "$n" -lt "$BENCH_RUNS" ]; do
		n=$((n + 1))
		loaded_once
	done
	loaded_dot_backup
	mv "$WORK/live.db" "$WORK/ready.db"
fi

versions
report_costs
[ "$BENCH_LOAD" = 0 ] || report_load
report_targets
exit 0
