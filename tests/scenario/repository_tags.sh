# The page tags that a state remembers: they save sums, and hide no change,
# whatever became of their file.
# shellcheck shell=bash disable=SC2154

tags_file() {
	echo S/*/app.db/tags
}

# compared SUMMED: so many pages of the last snapshot were summed; "all" and
# "few" are meant as words.
compared() {
	local summed pages
	summed=$(json_of snapshot pages_summed)
	pages=$(json_of snapshot page_count)
	case $1 in
	all) [ "$summed" = "$pages" ] ;;
	few) [ "$summed" -lt 20 ] && [ "$pages" -gt 50 ] ;;
	*) [ "$summed" = "$1" ] ;;
	esac || fail "$summed of $pages pages were summed"
}

# One row of the table, and with it one or two pages.
change() {
	ask app.db "UPDATE item SET name = '$1' WHERE id = ${2:-7}"
}

scenario_only_pages_with_another_tag_are_summed() {
	mkdb app.db --rows 5000
	make_repository
	snapshot app.db
	[ "$(stat -c %a "$(tags_file)")" = 600 ] || fail "others may read the key"
	local n
	for n in 1 2 3; do
		change "changed $n"
		snapshot app.db
		compared few
		comes_back app.db "$id" "$(settled app.db)"
	done
	snapshot app.db
	compared 0
	ask app.db 'DELETE FROM item WHERE id > 4000; VACUUM'
	snapshot app.db
	comes_back app.db "$id" "$(settled app.db)"
	snapshot app.db --full
	change 'after the full' 9
	snapshot app.db
	compared few
	comes_back app.db "$id" "$(settled app.db)"
}

# A snapshot of a state, as_it_was.db with its tags.old, and one of another.
two_states() {
	mkdb app.db --rows 5000
	make_repository
	snapshot app.db
	change 'as it was'
	settled app.db >/dev/null
	cp app.db as_it_was.db
	snapshot app.db
	cp "$(tags_file)" tags.old
	change 'as it is not'
	snapshot app.db
}

# A page that is again what it was two snapshots ago has the tag of then.  With
# the tags of then it would pass for unchanged, though the parent has another.
scenario_tags_of_an_older_snapshot_hide_nothing() {
	two_states
	cp tags.old "$(tags_file)"
	settled app.db >/dev/null
	cp as_it_was.db app.db
	snapshot app.db
	compared all
	[ "$(json_of snapshot pages_stored)" -gt 0 ] || fail "the change is hidden"
	comes_back app.db "$id" "$(sum_of as_it_was.db)"
}

# The same, where the new facts stand behind the old tags.
scenario_a_file_of_two_halves_hides_nothing() {
	two_states
	local pages
	pages=$(ask app.db 'PRAGMA page_count')
	settled app.db >/dev/null
	dd if=tags.old of="$(tags_file)" bs=16 count="$pages" conv=notrunc \
		status=none
	cp as_it_was.db app.db
	snapshot app.db
	compared all
	comes_back app.db "$id" "$(sum_of as_it_was.db)"
}

sum_of() {
	sha256sum <"$1" | cut -d' ' -f1
}

# zeros FILE: as many as it has bytes.
zeros() {
	local size
	size=$(stat -c %s "$1")
	: >"$1"
	truncate -s "$size" "$1"
}

scenario_whatever_became_of_the_file() {
	mkdb app.db --bytes 4000000
	make_repository
	snapshot app.db
	local n=0 harm tags
	tags=$(tags_file)
	for harm in 'rm T' ': >T' 'truncate -s -1 T' 'truncate -s +1 T' \
		'zeros T' \
		'flip T bit 3' 'flip T bit 4000' 'chmod 644 T' \
		'rm T && mkfifo T' 'mv T U && ln -s tags.moved T' \
		'cp S/*/app.db/sums T'; do
		cp "$tags" old
		harm=${harm//U/"${tags/%tags/tags.moved}"}
		eval "${harm//T/"$tags"}"
		change "harm $n" $((n * 10 + 5))
		snapshot app.db
		[ "$kind" = increment ] || fail "after '$harm' it is a $kind"
		compared all
		comes_back app.db "$id" "$(settled app.db)"
		n=$((n + 1))
		change "no harm $n" $((n * 10 + 5))
		snapshot app.db
		compared few
		rm -f "${tags/%tags/tags.moved}"
	done
}

# Without the sums, the archives are read, and the tags are still of their root.
scenario_tags_without_sums() {
	mkdb app.db --rows 5000
	make_repository
	snapshot app.db
	change 'one'
	snapshot app.db
	rm S/*/app.db/sums
	change 'two' 50
	snapshot app.db
	compared few
	comes_back app.db "$id" "$(settled app.db)"
}

# Another machine took the snapshot in between: this one's tags are old.
scenario_tags_of_two_machines() {
	mkdb app.db --rows 5000
	make_repository
	local n
	for ((n = 0; n < 6; n++)); do
		change "$n" $((n % 2 * 30 + 3))
		snapshot app.db --state "$PWD/S$((n % 2))"
		[ $n = 0 ] || compared all
		comes_back app.db "$id" "$(settled app.db)"
	done
}

scenario_every_25th_snapshot_sums_all() {
	mkdb app.db --bytes 4000000
	make_repository
	snapshot app.db
	local n key was
	key=$(tail -c 108 "$(tags_file)" | head -c 48 | sha256sum)
	for ((n = 1; n <= 26; n++)); do
		change "$n"
		snapshot app.db
		was=$key
		key=$(tail -c 108 "$(tags_file)" | head -c 48 | sha256sum)
		if [ $n = 25 ]; then
			compared all
			[ "$key" != "$was" ] || fail "it has no new key"
		else
			compared few
			[ "$key" = "$was" ] || fail "snapshot $n has another key"
		fi
	done
	comes_back app.db "$id" "$(settled app.db)"
}

# No room for them: the backup is made all the same, and the next one sums.
scenario_no_room_for_tags() {
	small_disk disk 12m
	mkdb app.db --bytes 4000000
	make_repository
	export LITESAFE_STATE=$PWD/disk/S
	# Room for the sums of a full, and not for its tags.
	mkdir disk/S
	dd if=/dev/zero of=disk/filler bs=4k status=none || true
	truncate -s -28k disk/filler
	run litesafe backup app.db
	expect_exit 0
	expect_err 'remembered: '
	rm disk/filler
	change 'after it'
	snapshot app.db
	compared all
	comes_back app.db "$id" "$(settled app.db)"
}
