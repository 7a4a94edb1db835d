# Memory does not grow with the database.
# shellcheck shell=bash disable=SC2154

# peak COMMAND...: the most memory it had, in KiB, into $kib.
peak() {
	run bash -c '"$@" & pid=$!; most=0
		while now=$(sed -n "s/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p" \
			/proc/$pid/status 2>/dev/null) && [ -n "$now" ]; do
			most=$now; sleep 0.01
		done
		wait $pid; status=$?
		echo "peak $most"; exit $status' peak "$@"
	expect_exit 0
	kib=$(sed -n 's/^peak //p' "$LOGS/out")
}

scenario_memory_is_flat() {
	need_space 3000
	local bytes
	for bytes in 100000000 1000000000; do
		mkdb app.db --bytes $bytes
		peak "$LITESAFE" backup app.db -o a.tar.zst
		[ "$kib" -le 65536 ] || fail "backup of $bytes bytes: $kib KiB"
		peak "$LITESAFE" verify a.tar.zst
		[ "$kib" -le 65536 ] || fail "verify of $bytes bytes: $kib KiB"
		peak "$LITESAFE" restore a.tar.zst --to new.db
		[ "$kib" -le 65536 ] || fail "restore of $bytes bytes: $kib KiB"
		rm -f app.db* a.tar.zst new.db
	done
}
