# Every shape that a database can have: what is restored is the database, byte
# for byte, page 1 included.
#
# The shapes are a covering set: any two settings meet in at least one of them
# (long/matrix_full.sh tries all combinations).  With each, three backups:
#
#   idle     an application has the database open and does nothing; the copy
#            must equal the file itself
#   frozen   a writer is stopped between two commits; in WAL mode the last
#            commits are in the -wal only.  Nothing moves, so a copy of the
#            files, taken in by SQLite itself, is the state that must come back
#   running  the writer goes on; which commit is pinned cannot be known, but
#            it must be one: its ledger adds up
#
# shellcheck shell=bash disable=SC2154

page_sizes=(512 1024 2048 4096 8192 16384 32768 65536)
journals=(wal delete truncate persist)
vacuums=(none full incremental)
encodings=(UTF-8 UTF-16le UTF-16be)
reserves=(0 1 8 32)
features=(plain without-rowid strict generated fts5 rtree freelist)

# The covering set, one shape a line: SIZE JOURNAL VACUUM ENCODING RESERVE
# FEATURE.  Every size meets every feature; the other settings rotate, each in
# another step.
covering_set() {
	local s f
	for ((s = 0; s < 8; s++)); do
		for ((f = 0; f < 7; f++)); do
			echo "${page_sizes[s]}" "${journals[(s + f) % 4]}" \
				"${vacuums[(s + f) % 3]}" \
				"${encodings[(s + 2 * f) % 3]}" \
				"${reserves[(s + f + s / 4 * 2 + f / 4 * 3) % 4]}" \
				"${features[f]}"
		done
	done
}

# make_shape SIZE JOURNAL VACUUM ENCODING RESERVE FEATURE: app.db
make_shape() {
	rm -rf ./*
	set -- "$1" "$2" "$3" "$4" "$5" "${6#plain}"
	mkdb app.db --page-size "$1" --journal "$2" --auto-vacuum "$3" \
		--encoding "$4" --reserve "$5" --with "$6"
	# A shape that SQLite declined would prove nothing.
	[ "$(ask app.db 'PRAGMA page_size; PRAGMA auto_vacuum;
		PRAGMA encoding' | tr '\n' ' ')" = \
		"$1 $(vacuum_number "$3") $4 " ] || fail "not made as asked"
	[ "$(byte_at app.db 20)" = "$5" ] || fail "reserved bytes"
}

vacuum_number() {
	case $1 in
	none) echo 0 ;;
	full) echo 1 ;;
	incremental) echo 2 ;;
	esac
}

# byte_at FILE OFFSET
byte_at() {
	od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' '
}

# back_up; bring_back: app.db into new.db.
back_up() {
	rm -rf a.tar.zst
	run litesafe backup app.db -o a.tar.zst --busy-timeout 20s
	expect_exit 0
}

# SQLite's own check runs meanwhile: restore refuses what does not pass it.
bring_back() {
	rm -rf new.db
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "restore had something to say"
}

# keeps_its_header FILE JOURNAL: what applications keep in it; a database
# remembers no journal mode but WAL.
keeps_its_header() {
	local mode=delete
	[ "$2" != wal ] || mode=wal
	[ "$(ask "$1" 'PRAGMA user_version; PRAGMA application_id;
		PRAGMA journal_mode' | tr '\n' ' ')" = \
		"4711 1279874386 $mode " ] || fail "the header of '$1'"
}

idle_backup() {
	start_holder app.db idle
	back_up
	stop_holder
	bring_back
	same_pages app.db new.db
}

freeze_writer() {
	local pid=${writers[0]} state=
	kill -USR1 "$pid"
	until [ "$state" = T ]; do
		read -r _ _ state _ <"/proc/$pid/stat" ||
			fail "the writer is gone"
	done
}

# What SQLite makes of the files as they are now: ref.db.
take_reference() {
	rm -f ref.db*
	cp app.db ref.db
	[ ! -f app.db-wal ] || cp app.db-wal ref.db-wal
	ask ref.db 'PRAGMA wal_checkpoint(TRUNCATE)' >"$LOGS/checkpoint"
	[ ! -s ref.db-wal ] || fail "the reference has a WAL"
}

frozen_backup() {
	freeze_writer
	take_reference
	[ "$1" != wal ] || [ -s app.db-wal ] || fail "nothing is in the WAL"
	back_up
	kill -CONT "${writers[0]}"
	bring_back
	same_pages ref.db new.db
	keeps_its_header new.db "$1"
}

running_backup() {
	back_up
	stop_writers
	bring_back
	ledger_is_right new.db
	keeps_its_header new.db "$1"
}

there_and_back() {
	make_shape "$@"
	idle_backup
	keeps_its_header new.db "$2"
	start_writer app.db --journal "$2" --rate 200 --busy 20000
	frozen_backup "$2"
	running_backup "$2"
	expect_at_most . app.db app.db-journal ref.db a.tar.zst new.db
}

# each_shape COMMAND: for each line of standard input, COMMAND with its words;
# all of them, whatever fails, and then the names of those that failed.
each_shape() {
	local shape count=0 failed=0 begun=0
	while read -r shape; do
		count=$((count + 1))
		set +e
		# shellcheck disable=SC2086 # a shape is words
		(
			set -e
			trap tidy EXIT
			"$1" $shape </dev/null
		)
		begun=$?
		set -e
		[ $begun = 0 ] || {
			failed=$((failed + 1))
			echo "FAILED with $shape"
		}
	done
	[ $count -gt 0 ] && [ $failed = 0 ] ||
		fail "$failed of $count shapes"
}

scenario_covering_set() {
	covering_set >"$LOGS/shapes"
	each_shape there_and_back <"$LOGS/shapes"
}

scenario_covering_set_has_every_pair() {
	local wanted found
	# 8, 4, 3, 3, 4 and 7 values: the sum of the products of any two.
	wanted=$((8 * (4 + 3 + 3 + 4 + 7) + 4 * (3 + 3 + 4 + 7) + \
		3 * (3 + 4 + 7) + 3 * (4 + 7) + 4 * 7))
	found=$(covering_set | awk '{
		for (i = 1; i < NF; i++)
			for (j = i + 1; j <= NF; j++)
				print i, $i, j, $j
	}' | sort -u | wc -l)
	[ "$found" = "$wanted" ] || fail "$found pairs of $wanted"
}

scenario_all_features_together() {
	make_shape 4096 wal incremental UTF-8 0 \
		without-rowid,strict,generated,fts5,rtree,freelist
	idle_backup
}

# More reserved bytes than any known extension asks for: SQLite's limit.
scenario_most_reserved_bytes() {
	local shape
	for shape in '512 wal none UTF-8 32' '1024 delete full UTF-16le 255' \
		'4096 wal incremental UTF-8 255' '65536 wal none UTF-16be 255'; do
		# shellcheck disable=SC2086 # a shape is words
		make_shape $shape fts5
		idle_backup
	done
}

# A frame of the archive holds 2 MiB of pages: below, at and above one and two.
scenario_sizes_around_a_frame() {
	local size bytes
	for size in 512 4096 65536; do
		for bytes in 1900000 2097152 2200000 4194304 4300000; do
			rm -rf ./*
			mkdb app.db --page-size $size --bytes $bytes
			back_up
			bring_back
			same_pages app.db new.db
		done
	done
}

scenario_smallest() {
	local size
	for size in 512 65536; do
		rm -rf ./*
		ask app.db "PRAGMA page_size=$size; PRAGMA user_version=7"
		[ "$(stat -c %s app.db)" = $size ] || fail "not one page"
		back_up
		bring_back
		same_pages app.db new.db
		[ "$(ask new.db 'PRAGMA user_version')" = 7 ]
	done
}

# --- files that are not as long as their header says -------------------------

# restored_is COUNT: app.db comes back as its first COUNT pages, which is what
# SQLite sees; a last page that the file ends in the middle of ends in zeros.
restored_is() {
	local size
	size=$(ask app.db 'PRAGMA page_size')
	[ "$(ask app.db 'PRAGMA page_count')" = "$1" ] ||
		fail "SQLite sees $(ask app.db 'PRAGMA page_count') pages"
	local before
	before=$(sha256sum app.db)
	back_up
	bring_back
	[ "$(sha256sum app.db)" = "$before" ] || fail "the source changed"
	cp app.db ref.db
	truncate -s $((size * $1)) ref.db
	cmp ref.db new.db
	[ "$(ask app.db .dump | sha256sum)" = "$(ask new.db .dump | sha256sum)" ]
}

pages_of() {
	echo $(($(stat -c %s "$1") / 4096))
}

# Space taken in advance (SQLITE_FCNTL_CHUNK_SIZE, as Firefox does), or left
# behind by a crash in a checkpoint: not part of the database.
scenario_longer_than_its_pages() {
	local journal count
	for journal in wal delete; do
		rm -rf ./*
		mkdb app.db --journal $journal
		count=$(pages_of app.db)
		truncate -s 1M app.db
		restored_is "$count"
		head -c 100000 /dev/urandom >>app.db
		restored_is "$count"
		# The application is there, and its WAL is empty.
		start_holder app.db idle
		back_up
		stop_holder
		bring_back
		cmp ref.db new.db
	done
}

# With commits in the WAL it is the WAL that says how many pages there are.
scenario_longer_than_its_pages_with_a_wal() {
	mkdb app.db --leave wal
	truncate -s 1M app.db
	take_reference
	[ "$(stat -c %s ref.db)" -lt 1000000 ]
	back_up
	bring_back
	same_pages ref.db new.db
}

# The WAL's last commit made the database smaller than its file.
scenario_shrunk_in_the_wal() {
	mkdb app.db --with freelist --rows 500
	start_holder app.db read
	ask app.db 'VACUUM'
	local pages
	pages=$(ask app.db 'PRAGMA page_count')
	[ "$pages" -lt "$(pages_of app.db)" ] || fail "it did not shrink"
	take_reference
	[ "$(pages_of ref.db)" = "$pages" ]
	back_up
	stop_holder
	bring_back
	same_pages ref.db new.db
}

# When version-valid-for is not the change counter, an old program wrote last:
# the count in the header is stale, and the length of the file counts.
scenario_stale_page_count() {
	local journal count
	for journal in wal delete; do
		rm -rf ./*
		mkdb app.db --journal $journal
		count=$(pages_of app.db)
		# It says three pages.
		flip app.db byte 31 3
		flip app.db bit 95
		restored_is "$count"
		[ "$(byte_at new.db 31)" = 3 ] || fail "page 1 was tidied up"
	done
}

# The same, and the last page is not all there.
scenario_stale_page_count_and_half_a_page() {
	mkdb app.db --journal delete
	local count
	count=$(pages_of app.db)
	flip app.db bit 95
	head -c 100 /dev/zero >>app.db
	[ "$(ask app.db 'PRAGMA page_count')" = $((count + 1)) ]
	local before
	before=$(sha256sum app.db)
	back_up
	run litesafe restore a.tar.zst --to new.db --check none
	expect_exit 0
	[ "$(sha256sum app.db)" = "$before" ] || fail "the source changed"
	truncate -s $(((count + 1) * 4096)) app.db
	cmp app.db new.db
}
