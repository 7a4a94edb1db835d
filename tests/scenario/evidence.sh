# An unchanged database is recognised without reading it, and nothing else is
# taken for one.
#
# A state is believed only when the files were left alone for two seconds before
# it was read.  So the databases of a scenario are made first, then all rest
# together, then each is backed up, and then each meets its fate.
# shellcheck shell=bash disable=SC2154

# leave DATABASE SQL: by an application that ends without a checkpoint.
leave() {
	sqlite3 -bail -cmd '.timeout 10000' \
		-cmd '.dbconfig no_ckpt_on_close on' "$1" "$2" >/dev/null
}

# make_wal NAME: NAME/app.db, the state partly in its -wal.
make_wal() {
	mkdir "$1"
	mkdb "$1/app.db" --rows 3000
	leave "$1/app.db" "UPDATE item SET name = 'first' WHERE id = 7"
}

# make_closed NAME: WAL mode, and no -wal is there.
make_closed() {
	mkdir "$1"
	mkdb "$1/app.db" --rows 3000
	rm -f "$1/app.db-wal" "$1/app.db-shm"
}

make_rollback() {
	mkdir "$1"
	mkdb "$1/app.db" --journal delete --rows 3000
}

rest() {
	sleep 2.1
}

# read_all NAME...: each is read into a snapshot.
read_all() {
	local each
	rest
	for each; do
		snapshot "$each/app.db" --set "$each"
	done
}

look() {
	run litesafe backup "$1/app.db" --set "$1" --skip-unchanged --json
	expect_exit 0
}

# believed NAME EVIDENCE
believed() {
	look "$1"
	[ "$(json_of unchanged evidence)" = "$2" ] ||
		fail "$1: by '$(json_of unchanged evidence)', not by '$2'"
}

# What litesafe restores of it is what SQLite says that it is.
truly_stored() {
	rm -rf truth back.db
	mkdir truth
	# A copy, because root's mere opening changes the ctime of a -wal.
	cp "$1/app.db" truth
	[ ! -f "$1/app.db-wal" ] || cp "$1/app.db-wal" truth
	run litesafe restore "$1" --to back.db
	expect_exit 0
	[ "$(sqlite3 truth/app.db .dump | sha256sum)" = \
		"$(sqlite3 back.db .dump | sha256sum)" ] ||
		fail "$1: something else was stored"
}

# changed NAME: it was read, and another state was found.
changed() {
	look "$1"
	[ -n "$(json_of snapshot id)" ] ||
		fail "$1: a change was missed by '$(json_of unchanged evidence)'"
	truly_stored "$1"
}

# same NAME: it was read, and nothing had changed.
same() {
	believed "$1" scan
	truly_stored "$1"
}

# safe NAME: whatever it was, it was read.
safe() {
	look "$1"
	[ -n "$(json_of snapshot id)" ] ||
		[ "$(json_of unchanged evidence)" = scan ] ||
		fail "$1: it was not read"
	truly_stored "$1"
}

evidence_of() {
	find S -path "*/$1/evidence"
}

# --- what is believed --------------------------------------------------------

scenario_the_unchanged_are_believed() {
	make_repository
	make_wal wal
	make_closed stat
	make_rollback journal
	read_all wal stat journal
	local before n
	before=$(fingerprint R)
	for n in 1 2 3; do
		believed wal wal
		believed stat stat
		believed journal stat
	done
	[ "$(fingerprint R)" = "$before" ] || fail "something was stored"
	expect_files wal app.db app.db-wal app.db-shm
	expect_files stat app.db
	expect_files journal app.db
	run litesafe backup wal/app.db --set wal --skip-unchanged
	expect_out 'no page read'
	run litesafe list wal
	expect_out 'unchanged at'

	# Without --skip-unchanged: a snapshot without pages, and on from there.
	for n in 1 2; do
		snapshot wal/app.db --set wal
		[ "$(json_of snapshot pages_stored)" = 0 ] ||
			fail "pages were stored"
		[ "$(json_of snapshot evidence)" = wal ] || fail "it was read"
		! grep -q pages_per_second "$LOGS/out" ||
			fail "it tells how fast what was not read was read"
		truly_stored wal
		believed wal wal
	done
	run litesafe backup wal/app.db --set wal -v
	expect_out 'none read: nothing was written'
	! grep -q 'compared\|a second' "$LOGS/out" ||
		fail "pages that nobody read were compared"
	run litesafe verify --all --check full
	expect_exit 0

	# It does not need the page sums; and it does not need them to go on.
	rm S/*/wal/sums S/*/stat/sums
	believed wal wal
	ask wal/app.db "UPDATE item SET name = 'next' WHERE id = 9"
	ask stat/app.db "UPDATE item SET name = 'next' WHERE id = 9"
	changed wal
	changed stat
}

# look_at_shop [DATABASE...]: a.db b.db c.db, as one set.
look_at_shop() {
	run litesafe backup "$@" --set shop --skip-unchanged --json
	expect_exit 0
}

shop_is_believed() {
	look_at_shop a.db b.db c.db
	[ "$(json_of unchanged evidence)" = wal ] ||
		fail "by '$(json_of unchanged evidence)'"
}

# shop_is_read DATABASE...: not believed, and what was stored is what there is.
shop_is_read() {
	local each
	look_at_shop "$@"
	[ -n "$(json_of snapshot id)" ] || fail "a change was missed"
	rm -rf back truth
	run litesafe restore shop --to back
	expect_exit 0
	for each; do
		rm -rf truth
		mkdir truth
		cp "$each"* truth
		[ "$(sqlite3 "truth/$each" .dump | sha256sum)" = \
			"$(sqlite3 "back/$each" .dump | sha256sum)" ] ||
			fail "$each: something else was stored"
	done
}

# All are believed, or all are read: at one instant, as they belong together.
scenario_several_databases_are_believed_together() {
	make_repository
	mkdb a.db --rows 3000
	leave a.db "UPDATE item SET name = 'first' WHERE id = 7"
	mkdb b.db --journal delete --rows 3000
	mkdb c.db --rows 3000
	rest
	snapshot a.db b.db c.db --set shop
	local before each
	before=$(fingerprint R)
	for each in 1 2 3; do
		shop_is_believed
	done
	[ "$(fingerprint R)" = "$before" ] || fail "something was stored"
	expect_files . R S a.db a.db-shm a.db-wal b.db c.db
	snapshot a.db b.db c.db --set shop
	[ "$(json_of snapshot evidence)" = wal ] || fail "it was read"
	run litesafe verify shop --check full
	expect_exit 0
	shop_is_believed

	# One of them changes, each in its turn.
	for each in a.db b.db c.db; do
		leave "$each" "UPDATE item SET name = '$each' WHERE id = 9"
		shop_is_read a.db b.db c.db
	done
	leave b.db 'DELETE FROM item WHERE id > 10'
	leave c.db 'DELETE FROM item WHERE id > 10'
	shop_is_read a.db b.db c.db
	rest
	snapshot a.db b.db c.db --set shop
	shop_is_believed

	# Others than they were.
	mkdb d.db --rows 10
	shop_is_read a.db b.db c.db d.db
	shop_is_read a.db b.db c.db
}


# Beside an application that has it open, and with what it left when it died.
scenario_beside_an_application_that_rests() {
	make_repository
	mkdir app
	start_writer app/app.db --journal wal --rate 100
	start_holder app/app.db idle
	stop_writers
	rest
	snapshot app/app.db --set app
	believed app wal
	believed app wal
	start_writer app/app.db --journal wal --rate 100
	stop_writers
	changed app
	stop_holder
}

# No page of the database is read but the first.
scenario_nothing_is_read() {
	need_strace
	make_repository
	mkdir large
	mkdb large/app.db --bytes 20000000
	read_all large
	run strace -f -o trace -e trace=pread64 "$LITESAFE" backup \
		large/app.db --set large --skip-unchanged --json
	expect_exit 0
	[ "$(json_of unchanged evidence)" = stat ] || fail "it was read"
	local reads
	reads=$(grep -c 'pread64(.*, 4096, ' trace) || true
	[ "$reads" -le 4 ] || fail "$reads pages were read"
}

# --- what is not -------------------------------------------------------------

scenario_work_of_applications() {
	make_repository
	local each all='commit checkpoint restart truncate vacuum spill
		identical rollback rowless delete mode'
	for each in $all; do
		make_wal "$each"
	done
	make_rollback journal
	# shellcheck disable=SC2086 # names
	read_all $all journal
	for each in $all; do
		believed "$each" wal
	done
	believed journal stat

	leave commit/app.db "UPDATE item SET name = 'x' WHERE id = 7"
	changed commit
	leave checkpoint/app.db 'PRAGMA wal_checkpoint(PASSIVE)'
	same checkpoint
	rest
	same checkpoint
	believed checkpoint wal
	# As many frames in a WAL that began anew.
	leave restart/app.db "PRAGMA wal_checkpoint(RESTART);
		UPDATE item SET name = 'other' WHERE id = 7"
	changed restart
	leave truncate/app.db 'PRAGMA wal_checkpoint(TRUNCATE)'
	same truncate
	leave vacuum/app.db VACUUM
	safe vacuum
	leave spill/app.db "PRAGMA cache_size = 2; BEGIN;
		UPDATE item SET name = name || 'y'; ROLLBACK"
	same spill
	leave identical/app.db 'UPDATE item SET name = name'
	safe identical
	leave rollback/app.db 'BEGIN IMMEDIATE; ROLLBACK'
	look rollback
	truly_stored rollback
	leave rowless/app.db 'PRAGMA user_version = 9'
	changed rowless
	ask delete/app.db 'DELETE FROM item WHERE id = 3'
	changed delete
	ask mode/app.db 'PRAGMA journal_mode = DELETE'
	changed mode
	ask journal/app.db "UPDATE item SET name = 'z' WHERE id = 7"
	changed journal
}

# overwrite FILE CONTENT: in place, and with the times that it had.
overwrite() {
	touch -r "$1" times
	cat "$2" >"$1"
	touch -r times "$1"
}

scenario_files_that_are_replaced() {
	make_repository
	local each all='cp cp_p mv touch back link byte wal_gone wal_byte other'
	for each in $all; do
		make_wal "$each"
		# As it was once, and is no more when it is read.
		cp -p "$each/app.db" "$each.db"
		cp -p "$each/app.db-wal" "$each.wal"
		leave "$each/app.db" "UPDATE item SET name = 'second'
			WHERE id = 7; PRAGMA wal_checkpoint(PASSIVE)"
		# All of the same size and age.
		touch -d '2026-01-01 12:00' "$each.db" "$each/app.db"
	done
	mkdb else.db --rows 3000
	ask else.db "UPDATE item SET name = 'else'"
	rm -f else.db-wal else.db-shm
	# shellcheck disable=SC2086 # names
	read_all $all
	for each in $all; do
		believed "$each" wal
	done

	cat cp.db >cp/app.db
	rm cp/app.db-wal cp/app.db-shm
	changed cp
	cp -p cp_p.db cp_p/app.db
	cp -p cp_p.wal cp_p/app.db-wal
	rm cp_p/app.db-shm
	changed cp_p
	mv mv.db mv/app.db
	mv mv.wal mv/app.db-wal
	rm mv/app.db-shm
	changed mv
	touch touch/app.db
	same touch
	touch -d '2026-01-01 12:00' back/app.db
	same back
	ln link/app.db link/name
	run litesafe backup link/app.db --set link --skip-unchanged
	expect_exit 12
	rm link/name
	same link
	cp byte/app.db copy.db
	flip copy.db bit -9
	overwrite byte/app.db copy.db
	safe byte
	rm wal_gone/app.db-wal wal_gone/app.db-shm
	safe wal_gone
	cp wal_byte/app.db-wal copy
	flip copy bit 2000
	overwrite wal_byte/app.db-wal copy
	safe wal_byte
	mv else.db other/app.db
	rm other/app.db-wal other/app.db-shm
	changed other
}

# words_at FILE OFFSET BYTES
words_at() {
	od -An -tx1 -j "$2" -N "$3" "$1"
}

# Two histories from one WAL, as a power cut can make them: same salts, same
# number of frames, same sizes, same mtime.
scenario_another_history_of_the_same_wal() {
	make_repository
	make_wal cut
	cp -p cut/app.db base.db
	cp -p cut/app.db-wal base.wal
	leave cut/app.db "UPDATE item SET name = 'one' WHERE id = 7"
	touch -d '2026-01-01 12:00' cut/app.db cut/app.db-wal
	read_all cut
	believed cut wal
	local salts size
	salts=$(words_at cut/app.db-wal 16 8)
	size=$(stat -c %s cut/app.db-wal)

	cat base.wal >cut/app.db-wal
	rm cut/app.db-shm
	leave cut/app.db "UPDATE item SET name = 'two' WHERE id = 7"
	touch -d '2026-01-01 12:00' cut/app.db-wal
	[ "$(words_at cut/app.db-wal 16 8)" = "$salts" ] || fail "other salts"
	[ "$(stat -c %s cut/app.db-wal)" = "$size" ] || fail "another size"
	changed cut
}

# In the moment after a commit the clock of a filesystem may stand still.
scenario_what_was_just_written_is_read_again() {
	make_repository
	make_closed fresh
	make_wal log
	snapshot fresh/app.db --set fresh
	snapshot log/app.db --set log
	believed fresh scan
	believed log scan
	rest
	believed fresh scan
	believed log scan
	believed fresh stat
	believed log wal
}

scenario_other_filesystems() {
	need_root
	make_repository
	mkdir lower upper layers
	small_disk memory 20M
	mkdb memory/app.db --rows 3000
	small_disk disk 20M
	mkdir disk/lower disk/upper disk/work
	mkdb disk/lower/app.db --rows 3000
	local all=memory
	if mount -t overlay -o \
		lowerdir=disk/lower,upperdir=disk/upper,workdir=disk/work \
		overlay layers 2>/dev/null; then
		mounts+=("$PWD/layers")
		# Opened, it moves to the upper layer, which is a change.
		ask layers/app.db "UPDATE item SET name = 'w' WHERE id = 7"
		all='memory layers'
	fi
	# shellcheck disable=SC2086 # names
	read_all $all
	local each
	for each in $all; do
		believed "$each" stat
		ask "$each/app.db" "UPDATE item SET name = 'x' WHERE id = 7"
		changed "$each"
	done
}

# --- what is remembered ------------------------------------------------------

# reseal FILE SED: changes the words, as a liar would.
reseal() {
	local line
	line=$(head -1 "$1" | sed "$2")
	[ "$line" != "$(head -1 "$1")" ] || fail "nothing changed: $2"
	printf '%s\n{"sha256":"%s"}\n' "$line" \
		"$(printf %s "$line" | sha256sum | cut -d' ' -f1)" >"$1"
}

scenario_what_is_remembered_is_not_trusted() {
	make_repository
	make_wal app
	make_wal other
	read_all app other
	local file good n
	file=$(evidence_of app)
	good=$(mktemp -p .)
	believed app wal
	cp "$file" "$good"

	# The snapshot, its root, the path; another machine or start; the clock.
	for n in 's/^.\{8\}/00000000/' \
		's/^\(\(\S* \)\{2\}\).\{8\}/\100000000/' \
		's/^\(\(\S* \)\{3\}\).\{8\}/\100000000/' \
		's/^\(\(\S* \)\{8\}\).\{8\}/\100000000/' \
		's/^\(\(\S* \)\{13\}\S*\)\S\{12\} /\1000000000000 /'; do
		cp "$good" "$file"
		reseal "$file" "$n"
		same app
	done
	for n in '' x "$(head -c 300 "$good")" "$(head -1 "$good")"; do
		printf %s "$n" >"$file"
		same app
	done
	cat "$good" "$good" >"$file"
	same app
	cp "$(evidence_of other)" "$file"
	same app
	head -c 100000 /dev/zero >"$file"
	same app
	rm "$file"
	ln -s /dev/zero "$file"
	same app
	rm "$file"
	mkfifo "$file"
	same app
	rm "$file"
	mkdir "$file"
	same app
	rmdir "$file"
	same app
	believed app wal

	# It is believed a hundred times.
	printf '+%.0s' $(seq 98) >>"$file"
	believed app wal
	believed app scan
	believed app wal

	# What verify found damaged is not built on, however little changed.
	flip "$(archive_of "$(json_of unchanged parent)")" bit 300
	run litesafe verify app
	expect_exit 4
	snapshot app/app.db --set app --skip-unchanged
	[ "$kind" = full ] || fail "a damaged snapshot was built on"
	believed app wal
}

# json_opened: how many manifests the last traced command opened.
json_opened() {
	grep -c 'openat(.*\.json", ' trace || true
}

traced_look() {
	run strace -f -o trace -e trace=openat "$LITESAFE" backup app/app.db \
		--set app --skip-unchanged --json "$@"
	expect_exit 0
}

# While the set's folder stands still its manifests are not read again; when it
# does not, they are.
scenario_the_catalog_is_not_read_either() {
	need_strace
	make_repository
	make_wal app
	read_all app
	believed app wal
	traced_look
	[ "$(json_of unchanged evidence)" = wal ] || fail "it was read"
	[ "$(json_opened)" -le 2 ] || fail "manifests were read: $(json_opened)"
	expect_files S/*/app checks evidence sums tags

	# What would lead to another parent, or to a full, is not passed over.
	traced_look --full-every 1ms
	[ "$(json_of snapshot kind)" = full ] || fail "no full was made"
	believed app wal
	traced_look --full
	[ "$(json_of snapshot kind)" = full ] || fail "no full was made"
	believed app wal
	traced_look
	[ "$(json_opened)" -le 2 ] || fail "manifests were read: $(json_opened)"
	touch R/app/something
	believed app wal
	rm R/app/something
	traced_look
	[ "$(json_opened)" -gt 2 ] || fail "another listing was not noticed"
	traced_look
	[ "$(json_opened)" -le 2 ] || fail "manifests were read: $(json_opened)"
	local parent
	parent=$(json_of unchanged parent)
	flip "$(archive_of "$parent")" cut -100
	traced_look
	[ "$(json_of unchanged parent)" != "$parent" ] ||
		fail "a cut archive was built on"
	believed app wal
	traced_look
	[ "$(json_opened)" -le 2 ] || fail "manifests were read: $(json_opened)"

	# The path is what a set is told by.
	mkdir elsewhere
	cp -p app/* elsewhere
	run litesafe backup elsewhere/app.db --set app --skip-unchanged
	expect_exit 12
	rm R/app/*
	traced_look
	[ "$(json_of snapshot kind)" = full ] || fail "nothing was stored"
	truly_stored app
}

# Without a count nothing is believed: it would be for ever.
scenario_a_state_that_cannot_be_written() {
	need_root
	small_disk S 20M
	make_repository
	make_wal app
	read_all app
	believed app wal
	mount -o remount,ro S
	believed app scan
	mount -o remount,rw S
	believed app wal
}

scenario_frozen_databases_are_read() {
	make_repository
	make_closed app
	read_all app
	believed app stat
	local n
	for n in 1 2; do
		run litesafe backup app/app.db --set app --skip-unchanged \
			--frozen --json
		expect_exit 0
		[ "$(json_of unchanged evidence)" = scan ] || fail "it was not read"
	done
	believed app stat
}
