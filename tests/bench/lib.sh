# What the parts of the benchmark share: programs, databases, measuring,
# figures, tables.  Sourced by them.
#
#   LITESAFE     the program                       ($B/litesafe)
#   BENCH_DIR    databases and work files          (build/bench)
#   BENCH_MIB    size of the main database, MiB    (1024)
#   BENCH_RUNS   repetitions; the median counts    (3)
#
# shellcheck shell=sh disable=SC2034,SC2317 # for the parts; clean() by trap

HERE=$(cd "$(dirname "$0")" && pwd)
LITESAFE=${LITESAFE:-${B:-build/release}/litesafe}
BENCH_DIR=${BENCH_DIR:-build/bench}
BENCH_MIB=${BENCH_MIB:-1024}
BENCH_RUNS=${BENCH_RUNS:-3}

die() {
	echo "bench: $*" >&2
	exit 1
}

for tool in sqlite3 zstd awk sync pkg-config; do
	command -v "$tool" >/dev/null || die "needs the program '$tool'"
done
[ -x "$LITESAFE" ] || die "no program '$LITESAFE'; run make first"
LITESAFE=$(cd "$(dirname "$LITESAFE")" && pwd)/$(basename "$LITESAFE")
mkdir -p "$BENCH_DIR"
BENCH_DIR=$(cd "$BENCH_DIR" && pwd)
WORK=$BENCH_DIR/work.$$
FIGURES=$WORK/figures

clean() {
	exec 9>&-
	rm -rf "$WORK"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$WORK"

# --- programs and databases --------------------------------------------------

# build_tools NAME...: mkbench, measure, and those.
build_tools() {
	for tool in mkbench measure "$@"; do
		# shellcheck disable=SC2046 # flags are words
		${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O2 \
			-o "$WORK/$tool" "$HERE/$tool.c" \
			$(pkg-config --cflags --libs sqlite3) ||
			die "cannot build '$tool'"
	done
}

# database MIB: prints the path of a database of that size; made once.
database() {
	db=$BENCH_DIR/shop-$1.db
	if [ -z "$(find "$db" -newer "$HERE/mkbench.c" 2>/dev/null)" ]; then
		echo "making a database of $1 MiB (once)" >&2
		rm -f "$db" "$db-wal" "$db-shm" "$db.new" "$db.new-wal" \
			"$db.new-shm"
		"$WORK/mkbench" "$db.new" "$1"
		mv "$db.new-wal" "$db-wal"
		rm -f "$db.new-shm"
		mv "$db.new" "$db"
		touch "$db"
	fi
	echo "$db"
}

# An application that merely has the database open, so that the tools that
# close it as the last one do not take the -wal away between two runs.
hold_open() {
	mkfifo "$WORK/fifo"
	sqlite3 "$1" <"$WORK/fifo" >"$WORK/held" &
	exec 9>"$WORK/fifo"
	printf '%s\n' '.dbconfig no_ckpt_on_close on' \
		'SELECT count(*) FROM sqlite_schema;' >&9
	while [ "$(grep -c '^[0-9]' "$WORK/held")" = 0 ]; do
		sleep 0.1
	done
}

# --- one run -----------------------------------------------------------------

# run LABEL COMMAND...: adds "LABEL wall user sys kilobytes" to the figures.
# What the run before left unwritten would be charged to this one's flush.
run() {
	label=$1
	shift
	rm -f "$WORK/one"
	sync -f "$WORK"
	"$WORK/measure" "$WORK/one" "$@" >"$WORK/out" 2>"$WORK/err" || {
		cat "$WORK/out" "$WORK/err" >&2
		die "$label: '$*' failed"
	}
	read -r wall user sys rss _ <"$WORK/one"
	echo "$label $wall $user $sys $rss" >>"$FIGURES"
	[ -t 2 ] && printf '  %-24s %8s s\n' "$label" "$wall" >&2
	return 0
}

# A fact that is not a time: "LABEL value", in the same file.
fact() {
	echo "$1 $2" >>"$FIGURES"
}

# median LABEL COLUMN: 1 wall, 2 user, 3 system, 4 kilobytes; or of a fact, 1.
median() {
	awk -v label="$1" -v column="$2" \
		'$1 == label { print $(column + 1) }' "$FIGURES" | sort -n |
		awk '{ a[NR] = $1 } END { if (NR) print a[int((NR + 1) / 2)] }'
}

size() {
	stat -c %s "$1"
}

pin_seconds() {
	sed -n 's/.*"pin_seconds": *\([0-9.e+-]*\).*/\1/p' "$WORK/out" |
		head -n 1
}

versions() {
	"$LITESAFE" --version
	echo "sqlite3 $(sqlite3 --version | cut -d' ' -f1)," \
		"$(zstd --version | sed 's/.* v\([0-9.]*\).*/zstd \1/')," \
		"$(nproc) processors, $(uname -sm)"
}

# --- tables ------------------------------------------------------------------

row() {
	printf '%-38s %8s %8s %8s %8s %9s\n' "$@"
}

# costs TEXT LABEL [BYTES-LABEL]: a line of what was measured.
costs() {
	bytes=
	[ -n "${3:-}" ] && bytes=$(median "$3" 1 |
		awk '{ printf "%.1f", $1 / 1048576 }')
	row "$1" "$(median "$2" 1)" "$(median "$2" 2)" "$(median "$2" 3)" \
		"$(median "$2" 4 | awk '{ printf "%.1f", $1 / 1024 }')" "$bytes"
}

# ratio TEXT VALUE TARGET least|most
ratio() {
	awk -v text="$1" -v value="$2" -v target="$3" -v kind="$4" 'BEGIN {
		good = kind == "most" ? value <= target : value >= target
		printf "%-52s %8.3f  at %-5s %6.2f  %s\n", text, value,
			kind, target, good ? "reached" : "missed"
	}'
}

# over LABEL COLUMN LABEL COLUMN: the first median over the second.
over() {
	awk -v a="$(median "$1" "$2")" -v b="$(median "$3" "$4")" \
		'BEGIN { printf "%.4f", a / b }'
}

megabytes() {
	median "$1" 4 | awk '{ printf "%.2f", $1 / 1024 }'
}

