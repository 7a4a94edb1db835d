# One fault at a time, anywhere in a repository: verify finds each, names the
# snapshots that need what is damaged, and the others come back.
# shellcheck shell=bash disable=SC2154

# Two chains: a full and three increments, a full and one increment.
history() {
	make_repository
	ids=() sums=()
	local n
	for n in 1 2 3 4 5 6; do
		churn app.db $((n * 5))
		case $n in
		5) snapshot app.db --full ;;
		*) snapshot app.db ;;
		esac
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	cp -a R R.good
}

# needs N: the snapshots that cannot be restored without number N, N included.
needs() {
	case $1 in
	0) echo 0 1 2 3 ;;
	1) echo 1 2 3 ;;
	2) echo 2 3 ;;
	3) echo 3 ;;
	4) echo 4 5 ;;
	5) echo 5 ;;
	esac
}

# found N WHAT: verify says that exactly those that need number N are damaged.
found() {
	local n result expected
	run litesafe verify --level stored --json
	expect_exit 4
	for n in 0 1 2 3 4 5; do
		result=$(grep '"type":"verify"' "$LOGS/out" |
			grep "\"id\":\"${ids[n]}\"" | grep -o '"result":"[a-z]*"' |
			cut -d'"' -f4)
		expected=ok
		[[ " $(needs "$1") " != *" $n "* ]] || expected=damaged
		# Of a manifest that is gone nothing is left to be told of.
		[ -n "$result" ] || [ "$n" = "$1" ] || result=missing
		[ -z "$result" ] || [ "$result" = $expected ] ||
			fail "$2: snapshot $n (${ids[n]}) is '$result', not $expected"
	done
}

others_come_back() {
	local n
	for n in 0 1 2 3 4 5; do
		[[ " $(needs "$1") " != *" $n "* ]] || continue
		comes_back app.db "${ids[n]}" "${sums[n]}"
	done
}

again() {
	rm -rf R
	cp -a R.good R
}

scenario_flipped_bytes() {
	history
	local n file size at step
	for n in 0 1 2 3 4 5; do
		for file in "$(archive_of "${ids[n]}")" \
			"$(archive_of "${ids[n]}" | sed 's/tar.zst$/json/')"; do
			size=$(stat -c %s "$file")
			step=$((size / 37 + 1))
			for ((at = 0; at < size; at += step)); do
				flip "$file" bit $at
				found $n "byte $at of ${file##*/}"
				flip "$file" bit $at
			done
			flip "$file" bit $((size - 1))
			found $n "the last byte of ${file##*/}"
			others_come_back $n
			again
		done
	done
	for file in R/README.txt R/litesafe-repository.json; do
		size=$(stat -c %s $file)
		for ((at = 0; at < size; at += 41)); do
			flip $file bit $at
			run litesafe verify --level stored
			expect_exit 4 5
			flip $file bit $at
		done
	done
	run litesafe verify --level stored
	expect_exit 0
}

scenario_cut_off_and_gone() {
	history
	local n archive manifest size at
	for n in 0 1 2 3 4 5; do
		archive=$(archive_of "${ids[n]}")
		manifest=${archive%.tar.zst}.json
		size=$(stat -c %s "$archive")
		for at in 0 1 $((size / 2)) $((size - 1)); do
			flip "$archive" cut $at
			found $n "${archive##*/} cut to $at bytes"
			again
		done
		rm "$archive"
		found $n "${archive##*/} gone"
		others_come_back $n
		again
		flip "$manifest" cut 100
		found $n "${manifest##*/} cut off"
		again
		echo more >>"$archive"
		found $n "${archive##*/} with something behind it"
		again
	done
	# Without its manifest an archive is named; those on it are damaged.
	for n in 0 1 2 4; do
		archive=$(archive_of "${ids[n]}")
		rm "${archive%.tar.zst}.json"
		found $n "the manifest of ${archive##*/} gone"
		grep -q "$(basename "$archive")" "$LOGS/out" "$LOGS/err" ||
			fail "the archive without a manifest is not named"
		others_come_back $n
		again
	done
}

scenario_exchanged() {
	history
	local a b
	a=$(archive_of "${ids[1]}")
	b=$(archive_of "${ids[2]}")
	mv "$a" t
	mv "$b" "$a"
	mv t "$b"
	found 1 'two archives exchanged'
	others_come_back 1
	again
	# An older archive in the place of a newer one.
	cp "$(archive_of "${ids[0]}")" "$(archive_of "${ids[4]}")"
	found 4 'an older full in the place of a newer one'
	others_come_back 4
	again
	# With its manifest, whole, under the other's names.
	cp "$a" "$b"
	cp "${a%.tar.zst}.json" "${b%.tar.zst}.json"
	run litesafe verify --level stored --json
	expect_exit 4
}

scenario_restore_falls_back_only_when_asked() {
	history
	flip "$(archive_of "${ids[3]}")" bit 200
	run litesafe restore app.db --snapshot "${ids[3]}" --to new.db
	expect_exit 4
	expect_err "${ids[2]:0:8}"
	expect_err '--fallback'
	[ ! -e new.db ] || fail "there is a database"
	run litesafe restore app.db --snapshot "${ids[3]}" --to new.db --fallback
	expect_exit 0
	expect_err 'litesafe: warning: '
	[ "$(sha256sum <new.db | cut -d' ' -f1)" = "${sums[2]}" ] ||
		fail "it did not fall back to the newest good one before it"
}
