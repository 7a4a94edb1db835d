# An archive is read with other people's tools only, by the letter of
# litesafe-format(5): GNU tar, bsdtar, zstd, sha256sum, od, dd, and python3
# where there is one.  litesafe writes; nothing of litesafe reads.
#
# Each function below is a paragraph of the manual.  They work on the archive
# a.tar.zst of the database $NAME, whose state is in expected.db.
# shellcheck shell=bash

# same WHAT EXPECTED FOUND
same() {
	[ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"
}

# --- small readers, each a line of litesafe-format(5) ------------------------

bytes_of() {
	stat -c %s "$1"
}

sha256() {
	sha256sum | cut -d' ' -f1
}

# little FILE OFFSET BYTES: an unsigned little-endian number of 1 to 8 bytes.
little() {
	od -An -v -tu1 -j "$2" -N "$3" "$1" | tr -s ' ' '\n' |
		awk 'NF { v += $1 * m[n++] } BEGIN { m[0] = 1
			for (i = 1; i < 8; i++) m[i] = m[i - 1] * 256 }
			END { printf "%.0f", v }'
}

# le NUMBER BYTES: the number as little-endian bytes.
le() {
	local v=$1 i
	for ((i = 0; i < $2; i++)); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf %03o $((v % 256)))"
		v=$((v / 256))
	done
}

# field KEY: a number or text of the manifest, which is indented, a key a line.
field() {
	sed -n "s/^ *\"$1\": *\"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" \
		out/litesafe.json | head -n 1
}

# expected PRAGMA: its value in the state that was backed up.
expected() {
	sqlite3 'file:expected.db?immutable=1' "PRAGMA $1"
}

# --- what is asked of every archive ------------------------------------------

members() {
	printf '%s\n' "$NAME" ".litesafe/$NAME.sums" litesafe.json >expected
	export LC_ALL=C.UTF-8 # tar shows names as they are
	tar --zstd -tf a.tar.zst >found || fail 'GNU tar cannot list it'
	cmp -s expected found || fail "GNU tar lists: $(cat found)"
	bsdtar -tf a.tar.zst >found || fail 'bsdtar cannot list it'
	cmp -s expected found || fail "bsdtar lists: $(cat found)"
	same 'files only' 3 "$(tar --zstd -tvf a.tar.zst | grep -c '^-')"
}

extraction() {
	rm -rf out other
	mkdir out other
	tar --zstd -xf a.tar.zst -C out || fail 'GNU tar cannot extract it'
	bsdtar -xf a.tar.zst -C other || fail 'bsdtar cannot extract it'
	diff -r out other || fail 'GNU tar and bsdtar disagree'
	cmp expected.db "out/$NAME" || fail 'the image is not the source'
	same quick_check ok "$(sqlite3 "file:out/$NAME?immutable=1" \
		'PRAGMA quick_check')"
	zstd -q -d -M4MB -c a.tar.zst >stream.tar ||
		fail 'zstd cannot decode it within a window of 2 MiB'
}

manifest() {
	same format 1 "$(field litesafe_format)"
	same kind full "$(field kind)"
	same parent null "$(field parent)"
	same set "$NAME" "$(field set)"
	same name "$NAME" "$(field name)"
	same 'page size' "$page_size" "$(field page_size)"
	same 'page count' "$(($(bytes_of expected.db) / page_size))" \
		"$(field page_count)"
	same 'pages stored' "$(field page_count)" "$(field pages_stored)"
	same encoding "$(expected encoding)" "$(field encoding)"
	same 'journal mode' "$([ "$(little expected.db 18 1)" = 2 ] &&
		echo wal || echo rollback)" "$(field journal_mode)"
	same owner "$(stat -c '%u %g 0%a' "$NAME")" \
		"$(field uid) $(field gid) $(field mode)"
	same user_version "$(expected user_version)" "$(field user_version)"
	same application_id "$(expected application_id)" \
		"$(field application_id)"
	same 'image_sha256' "$(sha256 <expected.db)" "$(field image_sha256)"
}

page_sums() {
	local pages n sums
	pages=$(field page_count)
	sums=out/.litesafe/$NAME.sums
	same 'size of the sums' $((pages * 16)) "$(bytes_of "$sums")"
	{
		le "$page_size" 4
		le "$pages" 8
		cat "$sums"
	} | sha256 >found
	same root "$(field root)" "$(cat found)"

	od -An -v -tx1 -w16 "$sums" | tr -d ' ' >stored.sums
	for ((n = 0; n < pages && n < 200; n++)); do
		dd if="out/$NAME" bs="$page_size" skip="$n" count=1 \
			status=none | sha256 | cut -c1-32
	done >found
	head -n "$n" stored.sums | cmp -s - found || fail 'the page sums differ'
}

offsets() {
	local sums=out/.litesafe/$NAME.sums
	tail -c +$(($(field image_offset) + 1)) stream.tar |
		head -c "$(bytes_of expected.db)" | cmp -s - expected.db ||
		fail 'the image does not begin at image_offset'
	tail -c +$(($(field sums_offset) + 1)) stream.tar |
		head -c "$(bytes_of "$sums")" | cmp -s - "$sums" ||
		fail 'the sums do not begin at sums_offset'
	same 'the end of the stream' "$(head -c 1024 /dev/zero | sha256)" \
		"$(tail -c 1024 stream.tar | sha256)"
	same 'stored_sha256' "$(field stored_sha256)" \
		"$(head -c "$(field stored_bytes)" a.tar.zst | sha256)"
}

# Leaves the entries, "stored raw" a line, in the file `table`.
seek_table() {
	local total frames begin
	total=$(bytes_of a.tar.zst)
	same 'magic at the end' b1ea928f \
		"$(tail -c 4 a.tar.zst | od -An -tx1 | tr -d ' \n')"
	same descriptor 0 "$(little a.tar.zst $((total - 5)) 1)"
	frames=$(little a.tar.zst $((total - 9)) 4)
	begin=$((total - 17 - 8 * frames))
	same 'skippable magic' 5e2a4d18 "$(od -An -tx1 -j "$begin" -N 4 \
		a.tar.zst | tr -d ' \n')"
	same 'size of the table' $((8 * frames + 9)) \
		"$(little a.tar.zst $((begin + 4)) 4)"
	tail -c +$((begin + 9)) a.tar.zst | head -c $((8 * frames)) |
		od -An -v -tu1 -w8 | awk '{
		print $1 + 256 * ($2 + 256 * ($3 + 256 * $4)),
			$5 + 256 * ($6 + 256 * ($7 + 256 * $8)) }' >table
	same 'stored bytes of all frames' "$begin" \
		"$(awk '{ s += $1 } END { printf "%.0f", s }' table)"
	same 'raw bytes of all frames' "$(bytes_of stream.tar)" \
		"$(awk '{ s += $2 } END { printf "%.0f", s }' table)"
	same 'stored bytes before the last' "$(field stored_bytes)" \
		"$((begin - $(tail -n 1 table | cut -d' ' -f1)))"
}

# Each frame alone, cut out by the table: standard, checksummed, well cut.
frames() {
	local stored=0 raw=0 n=0 length content image_end
	image_end=$(($(field image_offset) + $(bytes_of expected.db)))
	while read -r length content; do
		tail -c +$((stored + 1)) a.tar.zst | head -c "$length" >frame.zst
		zstd -q -d -c frame.zst >frame ||
			fail "frame $n does not decode alone"
		same "raw bytes of frame $n" "$content" "$(bytes_of frame)"
		zstd -lv frame.zst 2>&1 | grep -q 'Check: XXH64' ||
			fail "frame $n has no checksum"
		[ "$content" -le 2162688 ] || fail "frame $n is too large"
		if [ "$raw" -gt 0 ] && [ "$raw" -lt "$image_end" ]; then
			same "frame $n begins inside a page" 0 \
				$(((raw - $(field image_offset)) % page_size))
		fi
		stored=$((stored + length))
		raw=$((raw + content))
		n=$((n + 1))
	done <table
	tar -tf frame >found || fail 'the last frame is no tar stream'
	same 'the last frame' litesafe.json "$(cat found)"
}

python_agrees() {
	command -v python3 >/dev/null || return 0
	python3 - <<-'END' || fail 'python does not agree'
		import hashlib, json, tarfile
		t = tarfile.open("stream.tar")
		image, sums, last = t.getmembers()
		m = json.load(t.extractfile(last))
		d, = m["databases"]
		data = t.extractfile(image).read()
		stored = t.extractfile(sums).read()
		size, count = d["page_size"], d["page_count"]
		mine = b"".join(
		    hashlib.sha256(data[i * size:(i + 1) * size]).digest()[:16]
		    for i in range(count))
		root = hashlib.sha256(size.to_bytes(4, "little")
		    + count.to_bytes(8, "little") + mine).hexdigest()
		assert mine == stored and root == d["root"]
		assert len(data) == size * count
		assert d["image_offset"] == image.offset_data
		assert d["sums_offset"] == sums.offset_data
		assert m["litesafe_format"] == 1 and m["features"] == []
		assert m["pin_start"] <= m["pin_end"] <= m["finished"]
		assert "%04o" % image.mode == d["mode"]
		assert (image.uid, image.gid) == (d["uid"], d["gid"])
	END
}

back_up() {
	rm -f a.tar.zst
	run litesafe backup "$NAME" -o a.tar.zst --image-sha256
	expect_exit 0
	same 'mode of the archive' 600 "$(stat -c %a a.tar.zst)"
}

read_it() {
	page_size=$(expected page_size)
	members
	extraction
	manifest
	page_sums
	offsets
	seek_table
	frames
	python_agrees
}

# --- the databases -----------------------------------------------------------

# make_source PAGE-SIZE ROWS ENCODING: about 600 bytes a row, half of it noise.
make_source() {
	rm -f "$NAME" "$NAME"-* expected.db*
	sqlite3 "$NAME" >/dev/null <<-END
		PRAGMA page_size = $1;
		PRAGMA encoding = '$3';
		CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB);
		CREATE INDEX t_a ON t(a);
		PRAGMA user_version = 77;
		PRAGMA application_id = 1234;
		WITH RECURSIVE n(i) AS
		 (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
		 INSERT INTO t SELECT i, printf('row %06d of many, many', i),
		  randomblob(300) || zeroblob(200) FROM n;
		DELETE FROM t WHERE id % 7 = 0;
	END
	chmod 640 "$NAME"
}

# Rollback-journal mode: the file is the state.
rollback_case() {
	make_source "$@"
	cp "$NAME" expected.db
	back_up
	read_it
	cmp "$NAME" expected.db || fail 'the source was changed'
}

# WAL mode, with commits that are only in the -wal.  The state is what a copy
# of both files holds once the copy was checkpointed.  An open connection, as
# an application's, keeps the -wal where it is.
wal_case() {
	local holder input
	make_source "$@"
	coproc HOLD { exec sqlite3 "$NAME"; }
	holder=$HOLD_PID
	writers+=("$holder") # so that tidy() ends it, whatever happens
	input=${HOLD[1]}
	cat >&"$input" <<-'END'
		PRAGMA journal_mode = WAL;
		PRAGMA wal_autocheckpoint = 0;
		UPDATE t SET b = randomblob(300) WHERE id % 5 = 0;
		INSERT INTO t SELECT id + 1000000, a, b FROM t WHERE id % 11 = 0;
		SELECT 'ready';
	END
	while read -r line <&"${HOLD[0]}" && [ "$line" != ready ]; do
		:
	done
	cp "$NAME" expected.db
	cp "$NAME-wal" expected.db-wal
	sqlite3 expected.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f expected.db-wal expected.db-shm
	cp "$NAME" before.db
	cp "$NAME-wal" before.db-wal
	back_up
	read_it
	cmp "$NAME" before.db || fail 'the source was changed'
	cmp "$NAME-wal" before.db-wal || fail 'the -wal was changed'
	exec {input}>&-
	wait "$holder"
	writers=()
}

# --- scenarios ---------------------------------------------------------------

NAME=source.db

scenario_foreign_rollback_journal() {
	rollback_case 512 40 UTF-8
	rollback_case 4096 6000 UTF-16le
	rollback_case 65536 3000 UTF-16be
}

scenario_foreign_wal_small_pages() {
	wal_case 512 3000 UTF-8
}

scenario_foreign_wal_usual_pages() {
	wal_case 4096 100 UTF-16be
	wal_case 4096 8000 UTF-8
}

scenario_foreign_wal_large_pages() {
	wal_case 65536 6000 UTF-8
}

# A name that needs a pax header of its own.
scenario_foreign_long_name() {
	NAME=zähler-$(printf '%0120d' 0).db
	wal_case 1024 500 UTF-8
}

# The state is not known beforehand; the ledger in it must add up.
scenario_foreign_while_someone_writes() {
	start_writer "$NAME" --journal wal --rate 500 --grow
	back_up
	stop_writers
	tar --zstd -xOf a.tar.zst "$NAME" >expected.db
	read_it
	ledger_is_right expected.db
}
