# What a writer feels of a backup, beside what it feels of the other ways to get
# a copy.  A table for people: only errors are a failure.
# shellcheck shell=bash disable=SC2154

# Until the writer has ended, one copy after the other.  They stay until then: to
# remove a large file keeps a filesystem busy, too, and who syncs waits for that.
copying() {
	local how=$1 copy
	while [ ! -e over ]; do
		copy=copy$copies
		case $how in
		nothing) sleep 0.1 ;;
		litesafe) "$LITESAFE" backup -q app/app.db -o "$copy" \
			--verify none ;;
		backup) ask app/app.db ".backup $copy" ;;
		vacuum) ask app/app.db "VACUUM INTO '$copy'" ;;
		# As long as a slow report.
		reader) sleep 3 | "$SUPPORT/holder" app/app.db read >/dev/null ;;
		esac || echo "$how failed" >>failed
		copies=$((copies + 1))
		echo "$copies" >copies
	done
}

# The largest that the -wal ever was.
wal_peak() {
	local size most=0
	while [ ! -e over ]; do
		size=$(stat -c %s app/app.db-wal 2>/dev/null || echo 0)
		[ "$size" -le "$most" ] || most=$size
		sleep 0.05
	done
	echo "$most" >peak
}

# field NAME: of the writer's line.
field() {
	sed -nE "s/.*\"$1\":([0-9.]+).*/\1/p" writer.out
}

row() {
	measured "$(printf '%-10s %6s %7s %10s %11s %8s' "$@")"
}

# feel HOW RATE
feel() {
	local pids=() copies=0
	rm -f over copies
	copying "$1" &
	pids+=($!)
	wal_peak &
	pids+=($!)
	"$SUPPORT/writer" app/app.db --rate "$2" --seconds 6 --grow \
		--note 2000 >writer.out 2>&1 || fail "writer: $(cat writer.out)"
	touch over
	wait "${pids[@]}"
	rm -f copy[0-9]*
	[ ! -e failed ] || fail "$(cat failed)"
	row "$1" "$([ "$2" = 0 ] && echo most || echo "$2")" "$(cat copies)" \
		"$(field commits_per_second)" "$(field slowest_ms)" \
		"$(awk "BEGIN { printf \"%.1f\", $(cat peak) / 1048576 }")"
}

scenario_beside_each_way_to_copy() {
	mkdir app
	"$SUPPORT/mkdb" app/app.db --bytes 200000000
	ask app/app.db 'PRAGMA journal_mode = wal' >/dev/null
	local rate how
	row beside rate copies commits/s 'slowest ms' 'WAL MiB'
	for rate in 200 0; do
		for how in nothing litesafe backup vacuum reader; do
			feel $how $rate
		done
	done
}
