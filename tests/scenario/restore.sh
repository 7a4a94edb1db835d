# Where a database is restored to: missing, present, in use, impossible.
# What was there stays whole, under its name or beside it.
# shellcheck shell=bash disable=SC2154

# The archive a.tar.zst: of a database of 500 rows, in WAL mode.
archive() {
	mkdb app.db --rows 500
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
}

rows() {
	ask "$1" 'SELECT count(*) FROM item'
}

# Rows that mkdb --leave wal commits to the -wal alone.
last_words() {
	ask "$1" "SELECT count(*) FROM item WHERE name LIKE '% last words'"
}

# The one file in FOLDER whose name begins so.
the_one() {
	local found
	found=$(find "$1" -name "$2")
	[ -f "$found" ] || fail "not exactly one '$2' in '$1': $found"
	echo "$found"
}

# What the report of the last command says that undoes it, done by a shell.
undo() {
	grep '^undo: ' "$LOGS/out" | sed 's/^undo: //' >"$LOGS/undo"
	[ -s "$LOGS/undo" ] || fail "no way back is told"
	bash -e "$LOGS/undo" || fail "the way back does not work"
}

# is_old_or_new WHEN: data/live.db is one of both, whole.
is_old_or_new() {
	[ -f data/live.db ] || fail "there is no database: $1"
	case $(ask data/live.db 'SELECT count(*) FROM item
		UNION ALL SELECT * FROM pragma_quick_check' | tr '\n' ' ') in
	'77 ok ' | '500 ok ') ;;
	*) fail "neither the old nor the new database: $1" ;;
	esac
	# Whenever the new one is there, so is the old one.
	cmp -s old.db data/live.db || the_one data 'live.db.before-*' >/dev/null
}

# --- nothing is there --------------------------------------------------------

scenario_missing() {
	archive
	mkdir data
	run litesafe restore a.tar.zst --to data/new.db
	expect_exit 0
	expect_out 'data/new.db: restored from'
	same_pages app.db data/new.db
	expect_files data new.db
}

scenario_from_standard_input() {
	archive
	run bash -c '"$0" restore - --to new.db <a.tar.zst' "$LITESAFE"
	expect_exit 0
	same_pages app.db new.db
	run bash -c 'cat a.tar.zst | "$0" restore - --to other.db' "$LITESAFE"
	expect_exit 0
	same_pages app.db other.db
}

scenario_what_sqlite_keeps_in_the_header_is_kept() {
	local mode
	for mode in wal delete; do
		mkdb $mode.db --journal $mode
		run litesafe backup $mode.db -o $mode.tar.zst
		expect_exit 0
		run litesafe restore $mode.tar.zst --to new-$mode.db
		expect_exit 0
		[ "$(ask new-$mode.db 'PRAGMA user_version; PRAGMA application_id;
			PRAGMA journal_mode' | tr '\n' ' ')" = \
			"4711 1279874386 $mode " ] || fail "header of new-$mode.db"
	done
}

scenario_strange_names() {
	archive
	mkdir data
	local name
	for name in 'with space' "it's" '"quoted"' -dash $'line\nbreak' 'ümlaut' \
		$'not\xffutf8' '*' '%s%n'; do
		run litesafe restore a.tar.zst --to "data/$name"
		expect_exit 0
		same_pages app.db "data/$name"
		run litesafe restore a.tar.zst --to "data/$name" --replace
		expect_exit 0
		! grep -qx 'break.*' "$LOGS/out" || fail "a raw name is shown"
		undo
		expect_files data "$name"
		rm "data/$name"
	done
}

# --- it cannot be there ------------------------------------------------------

scenario_folder_missing() {
	archive
	run litesafe restore a.tar.zst --to none/new.db
	refused 1 "'none'"
	expect_files . app.db a.tar.zst
}

scenario_is_a_folder() {
	archive
	mkdir folder
	local name
	for name in folder folder/ ./folder .; do
		run litesafe restore a.tar.zst --to $name --replace
		refused 2 "'$name'" folder
	done
	expect_files folder
}

scenario_is_no_regular_file() {
	archive
	mkfifo fifo
	ln -s nowhere dangling
	mkdb two.db
	ln two.db names.db
	local name
	for name in fifo dangling /dev/null two.db; do
		run litesafe restore a.tar.zst --to $name --replace
		refused 12 "${name##*/}'"
	done
	[ -p fifo ] && [ -L dangling ] && [ ! -e nowhere ]
	expect_files . app.db a.tar.zst fifo dangling two.db names.db
}

scenario_is_another_databases_side_file() {
	archive
	mkdb live.db
	local suffix
	for suffix in wal shm journal; do
		run litesafe restore a.tar.zst --to live.db-$suffix
		refused 12 "live.db-$suffix'"
	done
	expect_files . app.db a.tar.zst live.db
}

scenario_is_the_archive() {
	archive
	local before
	before=$(sha256sum a.tar.zst)
	run litesafe restore a.tar.zst --to a.tar.zst
	refused 12 a.tar.zst
	run litesafe restore a.tar.zst --to a.tar.zst --replace
	refused 12 a.tar.zst
	[ "$(sha256sum a.tar.zst)" = "$before" ] || fail "the archive is gone"
}

scenario_a_link_to_it_survives() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	ln -s data/live.db link
	run litesafe restore a.tar.zst --to link
	refused 12 live.db
	run litesafe restore a.tar.zst --to link --replace
	expect_exit 0
	[ -L link ] || fail "the link is gone"
	same_pages app.db data/live.db
	[ "$(rows "$(the_one data 'live.db.before-*')")" = 77 ]
}

scenario_folder_not_writable() {
	need_root
	archive
	chmod 644 a.tar.zst
	mkdir data
	mkdb data/live.db
	local before
	before=$(fingerprint data)
	run as_nobody "$LITESAFE" restore a.tar.zst --to data/new.db
	expect_exit 1
	expect_one_error
	run as_nobody "$LITESAFE" restore a.tar.zst --to data/live.db --replace
	expect_exit 1
	expect_one_error
	[ "$(fingerprint data)" = "$before" ] || fail "something changed"
}

# --- it is there -------------------------------------------------------------

scenario_present_is_refused() {
	archive
	echo precious >new.db
	local before
	before=$(stat -c '%i %u:%g %a %Y' new.db)
	run litesafe restore a.tar.zst --to new.db
	refused 12 "'new.db'" --replace
	[ "$(cat new.db)" = precious ]
	[ "$(stat -c '%i %u:%g %a %Y' new.db)" = "$before" ]
	expect_files . app.db a.tar.zst new.db
}

scenario_replaced_and_undone() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	local before untouched
	untouched=$(fingerprint data)
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	before=$(the_one data 'live.db.before-*')
	expect_files data live.db "${before##*/}"
	expect_out "'data/live.db' is now '$before'"
	undo
	[ "$(fingerprint data)" = "$untouched" ] ||
		fail "the way back leads elsewhere"
}

# Several in one second: each keeps what it replaced.
scenario_replaced_again_and_again() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	for _ in 1 2 3 4; do
		run litesafe restore a.tar.zst --to data/live.db --replace
		expect_exit 0
	done
	[ "$(find data -name 'live.db.before-*' | wc -l)" = 4 ] ||
		fail "a replaced database is lost"
}

# A dead application's last commits are only in its -wal: they belong to what
# is kept, and must not reach what is restored.
scenario_replaced_takes_its_wal_in_first() {
	archive
	mkdir data
	mkdb data/live.db --leave wal
	local before
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	before=$(the_one data 'live.db.before-*')
	expect_files data live.db "${before##*/}"
	[ "$(last_words "$before")" = 200 ] ||
		fail "what was only in the old WAL is lost"
	undo
	[ "$(last_words data/live.db)" = 200 ] || fail "lost by the way back"
	expect_files data live.db

	rm data/*
	mkdb data/live.db --journal delete --leave journal
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	before=$(the_one data 'live.db.before-*')
	expect_files data live.db "${before##*/}"
	[ "$(ask "$before" 'PRAGMA integrity_check')" = ok ] ||
		fail "the hot journal was not rolled back"
	[ "$(rows "$before")" = 200 ]
}

scenario_in_use_is_refused() {
	archive
	local kind journal before
	for journal in wal delete; do
		for kind in idle read write; do
			mkdb live.db --journal $journal
			start_holder live.db $kind
			before=$(stat -c '%n %i %u %a' live.db*)
			run litesafe restore a.tar.zst --to live.db --replace
			refused 12 "'live.db'" "$holder_pid" holder
			[ "$(stat -c '%n %i %u %a' live.db*)" = "$before" ]
			[ "$(rows live.db)" = 200 ]
			stop_holder
			rm -f live.db*
		done
	done
}

scenario_a_busy_writer_never_loses_its_database() {
	archive
	start_writer live.db --journal wal --rate 300
	run litesafe restore a.tar.zst --to live.db --replace
	refused 12 "'live.db'" "${writers[0]}"
	stop_writers
	ledger_is_right live.db
	expect_files . app.db a.tar.zst live.db
}

# --- what lies beside it -----------------------------------------------------

# The classic: a -wal of before, beside a database of the same name.  SQLite
# applies it without a word, and integrity_check says ok.
scenario_a_stale_wal_is_never_applied() {
	archive
	mkdir data trap
	cp app.db trap/x.db
	start_holder trap/x.db exclusive-wal # makes a table, in the -wal only
	cp trap/x.db-wal stale
	stop_holder
	cp app.db trap/x.db
	cp stale trap/x.db-wal
	[ "$(ask trap/x.db 'SELECT count(*) FROM held')" = 1 ] ||
		fail "this -wal would not be applied: nothing is tried here"

	cp stale data/new.db-wal
	echo stale >data/new.db-shm
	run litesafe restore a.tar.zst --to data/new.db
	expect_exit 0
	same_pages app.db data/new.db
	[ "$(ask data/new.db "SELECT count(*) FROM sqlite_schema
		WHERE name = 'held'")" = 0 ] || fail "the -wal was applied"
	cmp stale "$(the_one data 'new.db.before-*-wal')"
	expect_out "'data/new.db-wal' is now"
	undo
	cmp stale data/new.db-wal
	[ ! -e data/new.db ] || fail "the restored one is beside the old -wal"
	same_pages app.db "$(the_one data 'new.db.restored-2*T*Z')"
	! find data -name '*:*' | grep -q . || fail "no name for every disk"
}

scenario_a_stale_journal_is_never_applied() {
	archive
	mkdb old.db --journal delete --leave journal
	mkdir data
	cp old.db-journal data/new.db-journal
	run litesafe restore a.tar.zst --to data/new.db
	expect_exit 0
	[ ! -e data/new.db-journal ] || fail "the -journal is in its place"
	same_pages app.db data/new.db
	cmp old.db-journal "$(the_one data 'new.db.before-*-journal')"
}

scenario_a_damaged_old_database_moves_aside() {
	archive
	mkdir data
	local before
	head -c 100000 /dev/urandom >data/live.db
	echo its wal >data/live.db-wal
	echo its journal >data/live.db-journal
	before=$(cat data/live.db data/live.db-wal data/live.db-journal |
		sha256sum)
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	expect_err 'absent for a moment'
	same_pages app.db data/live.db
	[ "$(cat data/live.db.before-*Z data/live.db.before-*Z-wal \
		data/live.db.before-*Z-journal | sha256sum)" = "$before" ] ||
		fail "the damaged database was not kept whole"
	undo
	[ "$(cat data/live.db data/live.db-wal data/live.db-journal |
		sha256sum)" = "$before" ] || fail "the way back leads elsewhere"
	expect_files data live.db live.db-wal live.db-journal
}

# SQLite itself would delete the -wal of an empty database when it opens it.
scenario_an_empty_database_keeps_its_wal() {
	archive
	mkdb old.db --leave wal
	mkdir data
	: >data/live.db
	cp old.db-wal data/live.db-wal
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	same_pages app.db data/live.db
	cmp old.db-wal "$(the_one data 'live.db.before-*-wal')"
	[ ! -e data/live.db-wal ] || fail "the old -wal is in its place"
}

# A -wal that SQLite would not read is not silently dropped.
scenario_a_spoiled_wal_is_kept() {
	archive
	mkdir data
	mkdb data/live.db --leave wal
	flip data/live.db-wal bit 2
	cp data/live.db-wal wal
	run litesafe restore a.tar.zst --to data/live.db --replace
	expect_exit 0 1 4 11 12
	if [ "$status" = 0 ]; then
		same_pages app.db data/live.db
		cmp wal "$(the_one data 'live.db.before-*-wal')"
	else
		expect_one_error
		cmp wal data/live.db-wal
	fi
}

# --- owner and mode ----------------------------------------------------------

scenario_owner_and_mode_of_the_source() {
	mkdb app.db
	chmod 4640 app.db
	[ "$(id -u)" != 0 ] || chown 65534:65533 app.db
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	[ "$(stat -c '%a %u:%g' new.db)" = "640 $(stat -c '%u:%g' app.db)" ] ||
		fail "owner or mode: $(stat -c '%a %u:%g' new.db)"
}

scenario_owner_and_mode_of_what_is_replaced() {
	archive
	mkdb live.db
	chmod 660 live.db
	[ "$(id -u)" != 0 ] || chown 65534:65533 live.db
	local before
	before=$(stat -c '%a %u:%g' live.db)
	run litesafe restore a.tar.zst --to live.db --replace
	expect_exit 0
	[ "$(stat -c '%a %u:%g' live.db)" = "$before" ] ||
		fail "owner or mode: $(stat -c '%a %u:%g' live.db)"
}

# Who may not give files away gets a database that nobody else was meant to
# have, and is told.
scenario_owner_that_cannot_be_had() {
	need_root
	mkdb app.db
	chmod 664 app.db
	chown 1000:1000 app.db
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	chmod 644 a.tar.zst
	mkdir data
	chown 65534:65534 data
	run as_nobody "$LITESAFE" restore a.tar.zst --to data/new.db
	expect_exit 0
	expect_err 'did not get the owner'
	[ "$(stat -c '%a %u:%g' data/new.db)" = '644 65534:65534' ] ||
		fail "owner or mode: $(stat -c '%a %u:%g' data/new.db)"
	as_nobody "$SUPPORT/mkdb" data/live.db
	run as_nobody "$LITESAFE" restore a.tar.zst --to data/live.db --replace
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "a warning for nothing"
}
