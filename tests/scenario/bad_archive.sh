# Archives that are damaged, foreign or hostile: found, named, and never a
# database under the target's name.  What is forged here is right in all but
# the one thing that is wrong (support/forge.c).
# shellcheck shell=bash disable=SC2154

# bounded COMMAND...: it, but status 99 when it had more than 100 MiB of
# memory.  A sanitizer's own memory is not the program's.
bounded() {
	local kib=102400
	! grep -q '__[at]san_init' "$LITESAFE" || kib=4194304
	"$SUPPORT/peak" $kib "$@"
}

# A small good archive, and a database that no bad one may touch.
good_archive() {
	mkdir new old
	mkdb app.db --rows 100
	run litesafe backup app.db -o good.tar.zst
	expect_exit 0
	size=$(stat -c %s good.tar.zst)
	mkdb old/app.db --rows 10
	untouched=$(fingerprint old)
}

# found STATUS TEXT...: verify and restore both end so, name the archive and
# the reason, and leave everything as it was.
found() {
	local text code=$1
	shift
	run bounded "$LITESAFE" verify x.tar.zst --level stored
	expect_exit "$code"
	expect_one_error
	for text in x.tar.zst "$@"; do
		grep -qF -- "$text" "$LOGS/out" "$LOGS/err" ||
			fail "verify does not say: $text"
	done
	run bounded "$LITESAFE" restore x.tar.zst --to new/app.db
	refused "$code" x.tar.zst "$@"
	expect_files new
	run bounded "$LITESAFE" restore x.tar.zst --to old/app.db --replace
	refused "$code" x.tar.zst "$@"
	[ "$(fingerprint old)" = "$untouched" ] ||
		fail "the target of a refused restore was touched"
}

# forged EDIT...
forged() {
	"$SUPPORT/forge" good.tar.zst x.tar.zst "$@" || fail "forge $*"
}

# shown STATUS...: how show ends; it sees the end of the archive only.
shown() {
	run bounded "$LITESAFE" show x.tar.zst
	expect_exit "$@"
	[ "$status" = 0 ] || refused "$status" x.tar.zst
}

# Nothing was written anywhere else.
nothing_else() {
	expect_files . app.db good.tar.zst x.tar.zst new old "$@"
}

# --- not an archive at all ---------------------------------------------------

scenario_missing() {
	local command
	for command in 'verify' 'show' 'restore --to x.db'; do
		# shellcheck disable=SC2086 # a command and its options
		run litesafe $command none.tar.zst
		refused 1 "'none.tar.zst'" 'No such file' '-r REPOSITORY SET'
		# shellcheck disable=SC2086
		run litesafe $command .
		refused 1 "'.'"
	done
	expect_files .
}

scenario_empty() {
	good_archive
	: >x.tar.zst
	found 4 empty
	shown 4
	nothing_else
}

scenario_not_an_archive() {
	good_archive
	yes 'plain text' | head -c 10000 >x.tar.zst
	found 4 'not a litesafe archive'
	shown 4
	head -c 10000 /dev/urandom >x.tar.zst
	found 4 'not a litesafe archive'
	shown 4
	cp app.db x.tar.zst
	found 4 'not a litesafe archive'
	shown 4
	yes 'plain text' | head -c 10000 | zstd -q >x.tar.zst
	found 4
	shown 4
	head -c 10000 /dev/urandom | zstd -q >x.tar.zst
	found 4
	shown 4
	nothing_else
}

scenario_a_tar_without_zstd() {
	good_archive
	zstd -q -d good.tar.zst -o x.tar.zst
	found 4 'not a litesafe archive'
	shown 4
	nothing_else
}

# What other programs make of the same files is no archive of ours: that the
# frames are cut at pages is part of the proof.
scenario_other_peoples_archives() {
	good_archive
	tar --zstd -cf x.tar.zst app.db
	found 4
	shown 4
	mkdir inside
	tar --zstd -xf good.tar.zst -C inside
	tar --format=pax --zstd -C inside -cf x.tar.zst app.db \
		.litesafe/app.db.sums litesafe.json
	found 4
	shown 4
	zstd -q -d good.tar.zst -c | zstd -q >x.tar.zst
	found 4
	nothing_else inside
}

# --- damage ------------------------------------------------------------------

# The offsets at which frames, the seek table and its footer begin.
boundaries() {
	local frames at=0 stored
	frames=$(tail -c 9 good.tar.zst | od -An -tu4 -N4)
	tail -c $((9 + frames * 8)) good.tar.zst | head -c $((frames * 8)) |
		od -An -v -tu4 -w8 | while read -r stored _; do
		at=$((at + stored))
		echo "$at"
	done
	echo $((size - 9)) $((size - 9 - frames * 8)) $((size - 17 - frames * 8))
}

scenario_cut_at_any_length() {
	good_archive
	local length lengths=() n=0
	for length in $(boundaries) "$size"; do
		lengths+=($((length - 1)) $((length)) $((length + 1)))
	done
	for ((length = 0; length < size; length += 1 + size / 40)); do
		lengths+=("$length")
	done
	for length in "${lengths[@]}"; do
		[ "$length" -lt "$size" ] || continue
		n=$((n + 1))
		cp good.tar.zst x.tar.zst
		flip x.tar.zst cut "$length"
		run litesafe verify x.tar.zst --level stored
		refused 4 x.tar.zst
		run litesafe restore x.tar.zst --to new/app.db
		refused 4 x.tar.zst
		shown 4
	done
	[ $n -ge 50 ] || fail "only $n lengths"
	expect_files new
	nothing_else
}

scenario_any_byte_flipped() {
	good_archive
	local offset offsets=(0 4 5)
	for offset in $(boundaries); do
		offsets+=($((offset - 1)) $((offset)) $((offset + 4)))
	done
	for ((offset = 0; offset < size; offset += 1 + size / 80)); do
		offsets+=("$offset")
	done
	for offset in "${offsets[@]}"; do
		cp good.tar.zst x.tar.zst
		flip x.tar.zst bit "$offset"
		run litesafe verify x.tar.zst --level stored
		refused 4 x.tar.zst
		run litesafe restore x.tar.zst --to new/app.db
		refused 4 x.tar.zst
		run litesafe show x.tar.zst
		expect_exit 0 4
	done
	expect_files new
	nothing_else
}

scenario_something_behind_it() {
	good_archive
	{ cat good.tar.zst && echo more; } >x.tar.zst
	found 4
	shown 4
	{ cat good.tar.zst && printf '\0'; } >x.tar.zst
	found 4
	shown 4
	{ cat good.tar.zst && zstd -q </dev/null; } >x.tar.zst
	found 4
	shown 4
	# An empty skippable frame, which every zstd passes over.
	{ cat good.tar.zst && printf '\x50\x2a\x4d\x18\0\0\0\0'; } >x.tar.zst
	found 4
	shown 4
	cat good.tar.zst good.tar.zst >x.tar.zst
	found 4
	nothing_else
}

scenario_bytes_exchanged() {
	good_archive
	ask app.db 'CREATE TABLE noise(x);
		INSERT INTO noise VALUES(randomblob(4000000))'
	run litesafe backup app.db -o good.tar.zst --force
	expect_exit 0
	run litesafe verify good.tar.zst
	expect_exit 0
	{
		head -c 1500000 good.tar.zst
		tail -c +2500001 good.tar.zst | head -c 1000000
		tail -c +1500001 good.tar.zst | head -c 1000000
		tail -c +3500001 good.tar.zst
	} >x.tar.zst
	[ "$(stat -c %s x.tar.zst)" = "$(stat -c %s good.tar.zst)" ]
	found 4
	shown 0
	nothing_else
}

# --- members -----------------------------------------------------------------

scenario_foreign_members() {
	good_archive
	forged # the forger itself is above suspicion
	run litesafe verify x.tar.zst
	expect_exit 0
	forged before evil
	found 4 "'evil'"
	forged between evil
	found 4 "'evil'"
	forged after evil
	found 4 litesafe.json
	shown 4
	forged twice 1
	found 4 "'app.db'"
	forged twice 2
	found 4 .litesafe/app.db.sums
	forged twice 3
	found 4 litesafe.json
	forged without 1
	found 4 .litesafe/app.db.sums
	forged without 2
	found 4 .litesafe/app.db.sums
	forged without 3
	found 4 'no litesafe.json'
	shown 4
	nothing_else
}

scenario_names_that_lead_elsewhere() {
	good_archive
	local name
	for name in ../evil.db ../../evil.db "$PWD/evil.db" new/evil.db .. . \
		'..\evil.db' litesafe.json .litesafe $'evil\n.db' $'\e[31mred'; do
		forged name "$name"
		found 4 'member 1'
		! grep -q $'\e' "$LOGS/out" "$LOGS/err" ||
			fail "a name from an archive reaches the terminal"
		forged pax path "$name"
		found 4 'member 1'
	done
	forged name other.db # harmless, but not that of the sums
	found 4 .litesafe/other.db.sums
	nothing_else
}

scenario_links_and_other_kinds() {
	good_archive
	forged type 2 link /etc/passwd
	found 4 "'app.db'" link
	forged type 1 link old/app.db
	found 4 "'app.db'" link
	local kind
	for kind in 3 4 5 6; do # devices, a folder, a FIFO
		forged type $kind
		found 4 "'app.db'" 'not a regular file'
	done
	forged type S # sparse, as GNU tar once marked it
	found 4
	forged pax GNU.sparse.major 1 pax GNU.sparse.minor 0
	found 4
	forged pax GNU.sparse.map 0,512,1099511627776,512
	found 4
	nothing_else
}

scenario_sizes_that_cannot_be() {
	good_archive
	local number
	for number in ^63 ^62 00000000000 00000000777; do
		forged size $number
		found 4 'member 1'
	done
	# More and less than there is, and no number at all.
	for number in ^40 77777777777 00000060000 00000040000 88888888888; do
		forged size $number
		found 4
	done
	for number in 9223372036854775808 18446744073709551615 -1 \
		9223372036854775807; do
		forged pax size $number
		found 4 'member 1'
	done
	forged pax size 1099511627776
	found 4
	nothing_else
}

# --- frames ------------------------------------------------------------------

scenario_bombs_and_limits() {
	good_archive
	forged bomb 4400000000
	found 4 'frame 0' 'content size'
	forged liar 400000000
	found 4 'frame 0'
	# A bomb of the usual kind: no content size, and a large window.
	head -c 268435456 /dev/zero | zstd -q --long=27 >x.tar.zst
	found 4 'frame 0'
	forged window 27
	found 4 'frame 0' window
	forged dictionary
	found 4 'frame 0' dictionary
	forged bare
	found 4 'frame 0' checksum
	forged packed # no sum covers it, so it has only one form
	found 4 'frame 2'
	shown 4
	nothing_else
}

scenario_a_seek_table_that_lies() {
	good_archive
	local frames
	forged table no
	found 4 'seek table'
	shown 4
	for frames in 0 1 2 4 134217727 134217728 2147483648 4294967295; do
		forged frames $frames
		found 4 'seek table'
		shown 4
	done
	forged entry 0 5
	found 4 'seek table'
	shown 4
	forged entry 2 4294967295
	found 4 'seek table'
	shown 4
	nothing_else
}

# --- the manifest ------------------------------------------------------------

scenario_made_by_a_newer_litesafe() {
	good_archive
	local edit
	for edit in '"litesafe_format": 1/"litesafe_format": 2' \
		'"features": []/"features": ["encryption"]' \
		'"kind": "full"/"kind": "delta"'; do
		forged replace "${edit%%/*}" "${edit#*/}"
		found 1 upgrade
		shown 1
		expect_err upgrade
	done
	nothing_else
}

scenario_manifests_that_lie() {
	good_archive
	local edit
	for edit in '"page_size": 4096/"page_size": 1024' \
		'"page_count": 5/"page_count": 4294967294' \
		'"page_count": 5/"page_count": 4' \
		'"name": "app.db"/"name": "../../evil.db"' \
		'"name": "app.db"/"name": "other.db"' \
		'"set": "app.db"/"set": "\u001b[31mred"' \
		'"set": "app.db"/"set": "/etc"' \
		'"mode": "0644"/"mode": "7777777"' \
		'"uid": 0/"uid": -1' '"gid": 0/"gid": 4294967296' \
		'"root": "/"root": "0' '"stored_sha256": "/"stored_sha256": "0' \
		'"stored_bytes": /"stored_bytes": 1' \
		'"stored_bytes": /"stored_bytes": -' \
		'"image_offset": 512/"image_offset": 1024' \
		'"litesafe_format": 1/"litesafe_format": 0' \
		'"litesafe_format": 1/"litesafe_format": 1e999' \
		'"parent": null/"parent": "0123456789abcdef"' \
		'"id": "/"id": "0123456789abcdef", "id": "'; do
		# The owner of what runs here may not be root.
		grep -qaF "${edit%%/*}" <(zstd -dcq good.tar.zst) || continue
		forged replace "${edit%%/*}" "${edit#*/}"
		found 4 manifest
		! grep -q $'\e' "$LOGS/out" "$LOGS/err" ||
			fail "a manifest reaches the terminal"
	done
	nothing_else
}

scenario_manifests_that_are_none() {
	good_archive
	: >m
	forged manifest m
	found 4 litesafe.json
	shown 4
	head -c 600000 /dev/zero | tr '\0' ' ' >m
	forged manifest m
	found 4 litesafe.json 524288
	shown 4
	head -c 500000 /dev/zero | tr '\0' '[' >m
	forged manifest m
	found 4 manifest JSON
	shown 4
	{
		yes '{"a":' | head -5000
		echo 1
		yes '}' | head -5000
	} >m
	forged manifest m
	found 4 manifest JSON
	shown 4
	head -c 1000 /dev/urandom >m
	forged manifest m
	found 4 manifest JSON
	shown 4
	echo '{}' >m
	forged manifest m
	found 4 manifest litesafe_format
	shown 4
	nothing_else m
}

# --- how it is told ----------------------------------------------------------

scenario_damage_is_told_as_json() {
	good_archive
	cp good.tar.zst x.tar.zst
	flip x.tar.zst bit $((size / 3))
	run litesafe verify x.tar.zst --json
	expect_exit 4
	expect_out '"result":"damaged"'
	[ "$(json type)" = summary ]
	[ "$(json exit_code)" = 4 ]
	run litesafe restore x.tar.zst --to new/app.db --json
	expect_exit 4
	expect_out '"restored":false'
	[ "$(json exit_code)" = 4 ]
}

scenario_the_worst_of_several_decides() {
	good_archive
	cp good.tar.zst x.tar.zst
	flip x.tar.zst bit $((size / 3))
	run litesafe verify good.tar.zst x.tar.zst none.tar.zst good.tar.zst
	expect_exit 4
	[ "$(grep -c '^good.tar.zst: ok' "$LOGS/out")" = 2 ] ||
		fail "the good ones are not told"
	expect_out "x.tar.zst: damaged"
	expect_err "'none.tar.zst'"
	run litesafe verify none.tar.zst good.tar.zst
	expect_exit 1
	expect_out "good.tar.zst: ok"
}

scenario_from_a_pipe_too() {
	good_archive
	run bash -c 'cat good.tar.zst | "$0" verify -' "$LITESAFE"
	expect_exit 0
	cp good.tar.zst x.tar.zst
	flip x.tar.zst bit $((size / 3))
	run bash -c 'cat x.tar.zst | "$0" restore - --to new/x.db' "$LITESAFE"
	refused 4 'frame 0'
	run bash -c 'head -c '$((size - 30))' good.tar.zst |
		"$0" restore - --to new/x.db' "$LITESAFE"
	refused 4
	run bash -c ': | "$0" restore - --to new/x.db' "$LITESAFE"
	refused 4 empty
	expect_files new
	nothing_else
}

# A named pipe is an archive once somebody writes it, and until then no trap.
scenario_a_fifo() {
	mkdb app.db
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	mkfifo fifo
	local command
	for command in 'verify fifo' 'restore fifo --to new.db'; do
		# shellcheck disable=SC2086
		run timeout --preserve-status -s TERM 0.5 \
			"$LITESAFE" $command
		expect_exit 143
		expect_files . app.db a.tar.zst fifo
	done
	run timeout 10 "$LITESAFE" show fifo
	refused 2 'not a regular file'

	cat a.tar.zst >fifo &
	run litesafe restore fifo --to new.db
	expect_exit 0
	wait
	same_pages app.db new.db
}
