# Several databases as one: one instant, one snapshot, each database by itself.
# long/sets_1000.sh cuts many more times.
# shellcheck shell=bash disable=SC2154

# start_mover HOW JOURNAL DATABASE...: returns once it moves money.
start_mover() {
	local number=${#writers[@]} i
	rm -f "$LOGS/writer-$number"
	"$SUPPORT/mover" "$@" >"$LOGS/writer-$number" 2>&1 </dev/null &
	writers+=($!)
	for ((i = 0; i < 300; i++)); do
		! grep -qs ready "$LOGS/writer-$number" || return 0
		sleep 0.05
	done
	fail "the mover did not begin: $(cat "$LOGS/writer-$number")"
}

# How many moves the copy of a database has seen, and what is in its purse.
moves_in() {
	sqlite3 "$1" 'SELECT n FROM move'
}

purse_of() {
	sqlite3 "$1" 'SELECT purse FROM move'
}

# attached_is_whole FOLDER: one state of a.db, b.db and c.db together.
attached_is_whole() {
	local a b c
	a=$(moves_in "$1/a.db") b=$(moves_in "$1/b.db") c=$(moves_in "$1/c.db")
	[ "$a" = "$b" ] && [ "$b" = "$c" ] &&
		[ $(($(purse_of "$1/a.db") + $(purse_of "$1/b.db") + \
			$(purse_of "$1/c.db"))) = 3000 ]
}

# sequence_is_possible FOLDER: no later commit without the earlier one.
sequence_is_possible() {
	local a b c
	a=$(moves_in "$1/a.db") b=$(moves_in "$1/b.db") c=$(moves_in "$1/c.db")
	[ "$a" -ge "$b" ] && [ "$b" -ge "$c" ] && [ "$c" -ge $((a - 1)) ]
}

# cuts NUMBER CHECK [OPTION...]: so many are wrong: $torn.
cuts() {
	local n number=$1 check=$2
	shift 2
	torn=0
	for ((n = 1; n <= number; n++)); do
		rm -rf s.tar.zst cut
		run litesafe backup a.db b.db c.db --set shop -o s.tar.zst "$@"
		expect_exit 0
		run litesafe restore s.tar.zst --to cut --check none
		expect_exit 0
		"$check" cut || torn=$((torn + 1))
	done
}

scenario_one_transaction_over_three_is_never_torn() {
	start_mover attach wal a.db b.db c.db
	cuts 15 attached_is_whole --verify none
	stop_writers
	[ $torn = 0 ] || fail "$torn of 15 cuts are torn"
	expect_files . a.db b.db c.db s.tar.zst cut
}

# What the test above would see if there were no instant.
scenario_one_after_the_other_they_are_torn() {
	start_mover attach wal a.db b.db c.db
	cuts 25 attached_is_whole --verify none --no-instant
	stop_writers
	[ $torn -gt 0 ] || fail "none of 25 cuts is torn: this proves nothing"
}

scenario_one_after_the_other_committed_is_never_reversed() {
	start_mover sequence wal a.db b.db c.db
	cuts 25 sequence_is_possible --verify none
	stop_writers
	[ $torn = 0 ] || fail "$torn of 25 cuts are impossible"
}

scenario_databases_with_a_rollback_journal() {
	start_mover attach delete a.db b.db c.db
	cuts 12 attached_is_whole --verify none
	stop_writers
	[ $torn = 0 ] || fail "$torn of 12 cuts are torn"
	start_mover sequence delete a.db b.db c.db
	cuts 12 sequence_is_possible --verify none
	stop_writers
	[ $torn = 0 ] || fail "$torn of 12 cuts are impossible"
	expect_files . a.db b.db c.db s.tar.zst cut
}

scenario_databases_of_both_kinds() {
	start_mover sequence wal,delete,wal a.db b.db c.db
	cuts 20 sequence_is_possible --verify none
	stop_writers
	[ $torn = 0 ] || fail "$torn of 20 cuts are impossible"
	expect_files . a.db b.db c.db s.tar.zst cut
}

# A set of three in a repository, each with some rows.
make_set() {
	local each
	for each in a b c; do
		churn $each.db 1
	done
	run litesafe init -r R
	expect_exit 0
	export LITESAFE_REPOSITORY=$PWD/R LITESAFE_STATE=$PWD/S
}

# take [DATABASE...]: a snapshot of the set; its id is $id.
take() {
	run litesafe backup "$@" --set shop --json
	expect_exit 0
	id=$(grep -o '"id":"[0-9a-f]*"' "$LOGS/out" | head -1 | cut -d'"' -f4)
	[ -n "$id" ] || fail "no id was told"
}

# same_set FOLDER DATABASE...: the databases, as they are now.
same_set() {
	local folder=$1 each
	shift
	expect_files "$folder" "$@"
	for each; do
		sqlite3 "$each" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
		same_pages "$each" "$folder/$each"
	done
}

scenario_increments_of_a_set() {
	make_set
	take a.db b.db c.db
	local n
	for n in 1 2 3; do
		churn a.db $n
		[ $n = 2 ] || churn c.db $((n + 10))
		take a.db b.db c.db
		expect_out '"kind":"increment"'
		rm -rf out
		run litesafe restore shop --to out
		expect_exit 0
		same_set out a.db b.db c.db
	done
	run litesafe verify --all --level restore
	expect_exit 0
	rm -rf S
	take a.db b.db c.db
	expect_out '"pages_stored":0'
	run litesafe backup a.db b.db c.db --set shop --skip-unchanged
	expect_exit 0
	expect_out 'nothing stored'
	run litesafe export shop latest -o e.tar.zst
	expect_exit 0
	rm -rf out
	run litesafe restore e.tar.zst --to out
	expect_exit 0
	same_set out a.db b.db c.db
}

# One that comes, one that goes and comes again, one whose page size changes.
scenario_a_set_that_changes() {
	make_set
	churn d.db 9
	take a.db b.db
	take a.db b.db c.db
	expect_out '"kind":"increment"'
	expect_err "'c.db' joins the set"
	churn c.db 5
	take a.db c.db
	expect_err "'b.db' is not in it any more"
	churn b.db 6
	take b.db c.db a.db d.db
	expect_err "'b.db' joins the set, 'd.db' joins the set"
	take a.db b.db c.db d.db --full
	sqlite3 d.db 'PRAGMA journal_mode=delete; PRAGMA page_size=8192; VACUUM' \
		>/dev/null
	take a.db b.db c.db d.db
	expect_out '"kind":"increment"'
	rm -rf out
	run litesafe restore shop --to out
	expect_exit 0
	same_set out a.db b.db c.db d.db
	run litesafe verify --all --level restore
	expect_exit 0
	take a.db
	run litesafe restore shop --to a2.db
	expect_exit 0
	same_pages a.db a2.db
}

scenario_another_database_in_the_place_of_one() {
	make_set
	take a.db b.db c.db
	mkdir other
	churn other/b.db 4
	run litesafe backup a.db other/b.db --set shop
	expect_exit 12
	expect_err --set
	run litesafe backup other/b.db --set shop
	expect_exit 12
	run litesafe backup a.db other/b.db b.db --set mix -o m.tar.zst
	expect_exit 12
	expect_err symlink
}

scenario_the_same_file_twice_is_one() {
	make_set
	ln -s a.db link.db
	run litesafe backup a.db link.db ./a.db b.db --set two -o t.tar.zst -v
	expect_exit 0
	expect_out '2 databases at one instant'
	run litesafe restore t.tar.zst --to out
	expect_exit 0
	same_set out a.db b.db
	# Then it is not a set that needs a name.
	run litesafe backup a.db ./a.db link.db -o one.tar.zst --json
	expect_exit 0
	[ "$(json_of snapshot set)" = a.db ] || fail 'not called a.db'
	run litesafe backup a.db link.db b.db -o two.tar.zst
	refused 2 "'b.db' is a second database"
	run litesafe backup a.db missing.db -o two.tar.zst
	refused 2 "'missing.db' is a second database"
}

scenario_one_database_of_a_set() {
	make_set
	take a.db b.db c.db
	churn b.db 3
	take a.db b.db c.db
	run litesafe restore shop --database b.db --to mine.db
	expect_exit 0
	sqlite3 b.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	same_pages b.db mine.db
	run litesafe restore shop --database x.db --to x.db
	expect_exit 7
	expect_err "'b.db'"
	expect_files . R S a.db b.db c.db mine.db
}

scenario_a_set_goes_to_a_folder() {
	make_set
	run litesafe backup a.db b.db c.db --set shop -o s.tar.zst
	expect_exit 0
	litesafe restore - --to piped <s.tar.zst >/dev/null
	same_set piped a.db b.db c.db
	# A file is no place for three; an existing database is kept.
	run litesafe restore s.tar.zst --to a.db --replace
	expect_exit 12
	mkdir out
	cp b.db out/b.db
	run litesafe restore s.tar.zst --to out
	expect_exit 12
	expect_files out b.db
	run litesafe restore s.tar.zst --to out --replace
	expect_exit 0
	expect_out 'put aside'
	mkdir below
	run litesafe restore s.tar.zst --to below/../below
	expect_exit 0
	grep -q "^below/../below: restored from " "$LOGS/out" ||
		fail "the folder is not told as it was given"
	expect_out '  below/../below/'
	run litesafe restore s.tar.zst --to new --dry-run
	expect_exit 0
	[ ! -e new ] || fail "a dry run made a folder"
	mkdir new
	cp a.db b.db new/
	run litesafe restore s.tar.zst --to new --dry-run
	refused 12 --replace
	run litesafe restore s.tar.zst --to new --dry-run --replace
	expect_exit 0
	expect_out '2 databases that are there now would be put aside'
	rm new/b.db
	run litesafe restore s.tar.zst --to new --dry-run --replace
	expect_out '  the database that is there now would be put aside'
	run litesafe restore s.tar.zst --to new --dry-run --replace --json
	expect_out '"restored":false,"dry_run":true,'
	expect_out ',"replaces":1'
	expect_files new a.db
}

# Damage of one of them keeps all from their names.
scenario_a_damaged_set_gives_nothing() {
	make_set
	run litesafe backup a.db b.db c.db --set shop -o s.tar.zst
	expect_exit 0
	flip s.tar.zst bit $(($(stat -c %s s.tar.zst) / 2))
	run litesafe restore s.tar.zst --to out
	expect_exit 4
	[ ! -e out ] || fail "something was restored"
	run litesafe verify s.tar.zst
	expect_exit 4
}

scenario_the_script_rebuilds_each_of_a_set() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	make_set
	cp a.db 'Übersicht.db'
	take a.db c.db
	churn c.db 1
	take a.db c.db 'Übersicht.db'
	churn 'Übersicht.db' 2
	take a.db c.db 'Übersicht.db'
	sed -n '/^# ---- begin/,/^# ---- end/p' R/README.txt >rescue.py
	local each
	for each in a.db c.db 'Übersicht.db'; do
		rm -f rescued.db
		run python3 rescue.py R/shop/*-"${id:0:8}".json rescued.db "$each"
		expect_exit 0
		sqlite3 "$each" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
		same_pages "$each" rescued.db
	done
	rm -f rescued.db
	run python3 rescue.py R/shop/*-"${id:0:8}".json rescued.db
	expect_exit 1
}

# start_unequal: calm.db, which comes first and takes a while, and busy.db, whose
# WAL grows from the first moment on.
start_unequal() {
	mkdir app
	mkdb app/calm.db --journal wal --rows 20000
	mkdb app/busy.db --rows 30000
	start_writer app/busy.db --journal wal --autocheckpoint 0 --grow \
		--note 4000 --rate 400
}

# While another one's pages are read a database is pinned as well.
scenario_limits_hold_for_all_that_is_pinned() {
	start_unequal
	local before=$SECONDS
	run litesafe backup app/calm.db app/busy.db --set two -o a.tar.zst \
		--rate 200K --max-wal-growth 1M
	refused 6 "app/busy.db' was given up: its WAL grew by" \
		'--max-wal-growth'
	[ $((SECONDS - before)) -lt 6 ] ||
		fail "it was heard of when calm.db was done"
	expect_files . app
	stop_writers
	ledger_is_right app/busy.db
}

# What one's WAL grew while the other was read is on its bill.
scenario_the_bill_begins_with_the_pin() {
	command -v python3 >/dev/null || skip "needs python3"
	start_unequal
	run litesafe backup app/calm.db app/busy.db --set two -o a.tar.zst --rate 2M --json
	expect_exit 0
	python3 - "$LOGS/out" <<-'END' || fail "bytes and frames disagree"
		import json, sys
		for line in open(sys.argv[1]):
		    it = json.loads(line)
		    if it["type"] == "snapshot":
		        busy, = [db for db in it["databases"]
		                 if db["name"] == "busy.db"]
		frames = busy["wal_frames_after"] - busy["wal_frames_before"]
		grown = busy["wal_bytes_after"] - busy["wal_bytes_before"]
		assert frames > 500, frames
		# The file was as long as its frames all the time.
		assert grown > frames * 4096 * 0.9, (grown, frames)
	END
	stop_writers
	ledger_is_right app/busy.db
}

# A writer that holds its lock for longer than we wait.
scenario_no_instant_in_time() {
	make_set
	start_holder b.db write
	run litesafe backup a.db b.db c.db --set shop -o s.tar.zst \
		--busy-timeout 300ms
	stop_holder
	expect_exit 6
	expect_err --no-instant
	expect_files . R a.db b.db c.db
}
