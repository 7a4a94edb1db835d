# Databases are found, each becomes a set of its own, and what cannot be saved
# is told without stopping the rest.
# shellcheck shell=bash disable=SC2154

# A tree srv with databases (WAL and rollback), and much that is none.
make_tree() {
	make_repository
	mkdir -p srv/shop/deep srv/blog srv/none
	mkdb srv/shop/app.db
	mkdb srv/shop/deep/data --journal delete
	mkdb srv/blog/app.db
	mkdb srv/root.sqlite3
	echo 'no database' >srv/shop/notes.db
	: >srv/blog/empty.db
	mkfifo srv/fifo
	ln -s shop srv/current
	ln -s shop/app.db srv/link.db
}

# sets NAME...: the repository has these.
sets() {
	local found
	found=$(litesafe list | sed 's/: .*//' | tr '\n' ' ')
	[ "$found" = "$* " ] || fail "sets: $found"
}

# errors COUNT: that many were told, each once.
errors() {
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = "$1" ] ||
		fail "expected $1 errors"
}

# While writers commit; each set comes back whole.
scenario_found_and_saved_while_written() {
	make_tree
	rm srv/shop/app.db srv/blog/app.db
	start_writer srv/shop/app.db
	start_writer srv/blog/app.db
	run litesafe backup --recursive srv
	expect_exit 0
	[ "$(wc -l <"$LOGS/out")" = 4 ] || fail "not one line for each"
	[ ! -s "$LOGS/err" ] || fail "something is said"
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
	run litesafe backup --recursive srv/ --json
	expect_exit 0
	[ "$(grep -c '"kind":"increment"' "$LOGS/out")" = 4 ] ||
		fail "not four increments"
	[ "$(json_of summary databases) $(json_of summary stored) $(json_of summary failed)" \
		= '4 4 0' ] || fail "the summary counts otherwise"
	stop_writers
	local set
	for set in shop/app.db blog/app.db; do
		run litesafe restore "$set" --to back.db
		expect_exit 0
		ledger_is_right back.db
		rm back.db
	done
	run litesafe backup --recursive srv --skip-unchanged --json
	expect_exit 0
	[ "$(json_of summary unchanged)" = 2 ] || fail "not two are unchanged"
	run litesafe verify
	expect_exit 0
	# What is true of all sets is said once.
	run litesafe backup --recursive srv --state /dev/null
	expect_exit 0
	[ "$(grep -c 'nothing is remembered' "$LOGS/err")" = 1 ] ||
		fail "not one warning"
	run litesafe backup --recursive srv --state /dev/null -q
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "it is not quiet"
}

scenario_dry_run() {
	make_tree
	local before
	before=$(fingerprint .)
	run litesafe backup --recursive srv --dry-run
	expect_exit 0
	[ "$(cut -d: -f1,2 <"$LOGS/out")" = "blog/app.db: would be stored
root.sqlite3: would be stored
shop/app.db: would be stored
shop/deep/data: would be stored" ] || fail "another list"
	expect_out "shop/app.db: would be stored: '$PWD/srv/shop/app.db', "
	run litesafe backup --recursive srv --dry-run --json
	expect_exit 0
	[ "$(grep -c '"type":"database"' "$LOGS/out")" = 4 ] || fail "not four"
	[ "$(json_of summary databases) $(json_of summary stored)" = '4 0' ] ||
		fail "the summary counts otherwise"
	run litesafe backup srv/root.sqlite3 --set here --dry-run
	expect_exit 0
	expect_out "here: would be stored: '$PWD/srv/root.sqlite3'"
	run litesafe backup srv/root.sqlite3 srv/shop/app.db --set both \
		--dry-run
	expect_exit 0
	[ "$(cut -d, -f1 <"$LOGS/out")" = \
		"both: would be stored: '$PWD/srv/root.sqlite3'
both: would be stored: '$PWD/srv/shop/app.db'" ] || fail "another set"
	run litesafe backup srv/root.sqlite3 srv/blog/empty.db --set both \
		--dry-run
	refused 11 'is empty'
	run litesafe backup srv/blog/empty.db --dry-run
	refused 11 'is empty'
	[ "$(fingerprint .)" = "$before" ] || fail "something was changed"
}

# Quoted, so that litesafe expands it.
scenario_patterns() {
	make_tree
	run litesafe backup 'srv/*/app.db'
	expect_exit 0
	# Not current/app.db: that is the same file, and the link may move on.
	sets blog/app.db shop/app.db
	run litesafe backup "$PWD//srv/./[bs]*/*"
	expect_exit 0
	sets blog/app.db shop/app.db
	run litesafe backup 'srv/[s]*' --recursive
	expect_exit 0
	sets blog/app.db shop/app.db shop/deep/data
	run litesafe backup 'srv/*.none'
	refused 7 "no database matches 'srv/*.none'"
	run litesafe backup 'srv/r*' 'srv/*.none'
	expect_exit 3
	errors 1
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
	# A name is a name before it is a pattern.
	mkdb 'what[1]?.db'
	run litesafe backup 'what[1]?.db'
	expect_exit 0
	run litesafe backup 'what[1]?.db' -o w.tar.zst
	expect_exit 0
}

scenario_requests_that_make_no_sense() {
	make_tree
	run litesafe backup --recursive srv -o a.tar.zst
	refused 2 'holds one set' '-r PATH'
	run litesafe backup 'srv/*' -o a.tar.zst
	refused 2 'holds one set'
	run litesafe backup --recursive srv --set all
	refused 2 '--set names one set'
	run litesafe backup 'srv/*/*' --set all
	refused 2 '--set names one set'
	run litesafe backup --recursive
	refused 2 'too little was named'
	run litesafe backup srv/root.sqlite3 --one-file-system
	refused 2 'is for --recursive'
	run litesafe backup srv/root.sqlite3 -o a.tar.zst --dry-run
	refused 2 '--dry-run is for'
	run litesafe backup srv
	refused 11 "'srv' is a folder" '--recursive'
	run litesafe backup --recursive srv/none
	refused 7 "there is no database in 'srv/none'"
	run litesafe backup --recursive srv/gone
	refused 11 "'srv/gone' does not exist"
	expect_files R litesafe-repository.json README.txt litesafe-reserve
}

# Two databases that would be one set: nothing is stored of any.
scenario_one_name_for_two() {
	make_tree
	run litesafe backup --recursive srv/shop srv/blog
	refused 12 "'srv/blog/app.db' and 'srv/shop/app.db' would both be the set 'app.db'"
	expect_files R litesafe-repository.json README.txt litesafe-reserve
	run litesafe backup --recursive srv/shop/app.db srv/blog/app.db
	refused 12 "would both be the set 'app.db'"
	# The same file by two ways is one, by the first way.
	run litesafe backup --recursive srv srv/shop ./srv/link.db srv/
	expect_exit 0
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
}

# Also when something else was told before.
scenario_one_name_for_two_is_told() {
	make_repository
	mkdir -p a b
	mkdb a/app.db
	mkdb b/app.db
	mkdb $'a/new\nline.db'
	run litesafe backup --recursive a b
	expect_exit 12
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = 2 ] || fail "not two errors"
	expect_err "would both be the set 'app.db'"
}

# One that fails gives its own code, one of several 3, all in the same way
# that one.
scenario_failures_do_not_stop_the_rest() {
	make_tree
	head -c 300 srv/root.sqlite3 >srv/cut.db
	printf 'SQLite format 3\0nonsense and more of it to be long enough for the rules' \
		>srv/odd.db
	run litesafe backup --recursive srv
	expect_exit 3
	errors 2
	expect_err "error: cut.db: '$PWD/srv/cut.db' is cut off"
	expect_err "error: odd.db: '$PWD/srv/odd.db'"
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
	run litesafe backup --recursive srv --json
	summary_is 3
	[ "$(grep -c '"type":"error"' "$LOGS/out")" = 2 ] || fail "not two errors"
	[ "$(json_of error set) $(json_of error path) $(json_of error exit_code)" \
		= 'odd.db srv/odd.db 11' ] || fail "the error says otherwise"
	[ "$(json_of summary databases) $(json_of summary stored) $(json_of summary failed)" \
		= '6 4 2' ] || fail "the summary counts otherwise"
	mkdir only both
	mv srv/cut.db only
	run litesafe backup --recursive only
	refused 11 'is cut off'
	cp only/cut.db both/a.db
	cp only/cut.db both/b.db
	run litesafe backup --recursive both
	expect_exit 11
	errors 2
}

summary_is() {
	expect_exit "$1"
	[[ $(tail -1 "$LOGS/out") == '{"type":"summary",'*"\"exit_code\":$1,"* ]] ||
		fail "the summary is not the last line, or not right"
}

# An empty file whose data is in its -wal is found, and nothing touches it.
scenario_an_empty_file_with_a_wal() {
	make_tree
	echo data >srv/blog/empty.db-wal
	run litesafe backup --recursive srv
	expect_exit 3
	errors 1
	expect_err 'which is deleted when anything opens'
	[ "$(cat srv/blog/empty.db-wal)" = data ] || fail "the -wal is gone"
}

scenario_names_that_no_set_can_have() {
	make_tree
	local long
	long=$(printf '%0120d' 0)
	mkdir -p srv/$'new\nline' "srv/$long/$long"
	mkdb "srv/$long/$long/a.db"
	mkdb srv/$'new\nline/b.db'
	mkdb srv/$'bad\xff.db'
	run litesafe backup --recursive srv
	expect_exit 3
	errors 3
	expect_err '--set NAME'
	expect_err 'make a symlink with a plain name'
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
	# The next step that is named does it.
	run litesafe backup srv/$'new\nline/b.db' --set newline
	expect_exit 0
	run litesafe backup "srv/$long/$long/a.db" --set long
	expect_exit 0
	ln -s srv/$'bad\xff.db' bad.db
	run litesafe backup bad.db
	expect_exit 0
}

# Folders that are not entered: a repository, and what a restore put aside.
scenario_our_own_is_not_found() {
	make_tree
	litesafe init -q -r srv/backups
	mkdb srv/backups/inside.db
	litesafe backup -q srv/root.sqlite3
	litesafe restore -q root.sqlite3 --to srv/root.sqlite3 --replace
	compgen -G 'srv/root.sqlite3.before-*' >/dev/null || fail "nothing was put aside"
	run litesafe backup --recursive srv
	expect_exit 0
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
	run litesafe backup --recursive srv/backups
	refused 7 'there is no database'
}

scenario_other_filesystems() {
	make_tree
	small_disk srv/mounted 4m
	mkdb srv/mounted/m.db
	run litesafe backup --recursive srv --one-file-system
	expect_exit 0
	sets blog/app.db root.sqlite3 shop/app.db shop/deep/data
	run litesafe backup --recursive srv
	expect_exit 0
	sets blog/app.db mounted/m.db root.sqlite3 shop/app.db shop/deep/data
	# The folder that is named may lie anywhere.
	run litesafe backup --recursive --one-file-system srv/mounted --dry-run
	expect_exit 0
	expect_out 'm.db: would be stored'
}

scenario_what_may_not_be_read_is_told() {
	need_root
	make_tree
	chown -R 65534:65534 srv
	install -d -o 65534 -m 700 N
	chmod 755 .
	mkdir srv/secret srv/listed
	mkdb srv/secret/s.db
	mkdb srv/listed/l.db
	chmod 700 srv/secret
	chmod 744 srv/listed
	mkdb srv/hidden.db
	chmod 600 srv/hidden.db
	reach . || skip "another user cannot come to this folder"
	as_nobody "$LITESAFE" init -q -r N
	run as_nobody "$LITESAFE" backup -r N --state "$PWD/N/S" --recursive srv
	expect_exit 3
	errors 3
	expect_err "folder 'srv/secret' cannot be read"
	expect_err "folder 'srv/listed' cannot be read"
	expect_err "file 'srv/hidden.db' cannot be read"
	[ "$(litesafe list -r N | wc -l)" = 4 ] || fail "not the four others"
	run as_nobody "$LITESAFE" backup -r N --state "$PWD/N/S" 'srv/*/*.db'
	expect_exit 3
	errors 2
}

# reach FOLDER: another user can.
reach() {
	as_nobody test -r "$1/srv" -a -x "$PWD" -a -x "$LITESAFE"
}

# A signal ends all of it, not one database.
scenario_a_signal_ends_all_of_it() {
	make_repository
	mkdir srv
	local i
	mkdb first.db --rows 3000
	for ((i = 0; i < 60; i++)); do
		cp first.db "srv/$i.db"
	done
	"$LITESAFE" backup --recursive srv --json >"$LOGS/out" 2>"$LOGS/err" &
	local pid=$!
	while ! grep -qs snapshot "$LOGS/out"; do sleep 0.01; done
	kill -TERM "$pid"
	local ended=0
	wait "$pid" || ended=$?
	[ "$ended" = 143 ] || fail "exit status $ended"
	[ "$(grep -c '"type":"error"' "$LOGS/out")" -le 1 ] || fail "it went on"
	run litesafe verify -q
	expect_exit 0
}

# A repository that is full keeps what it got, and nothing half.
scenario_a_disk_that_fills_up() {
	small_disk full 6m
	litesafe init -q -r full/R
	mkdir srv
	local i
	for i in 1 2 3; do
		mkdb "srv/$i.db" --rows 300
	done
	ask srv/0-large.db 'CREATE TABLE t AS SELECT randomblob(9000000) AS x'
	run litesafe backup -r full/R --state S --recursive srv
	expect_exit 3
	errors 1
	expect_err 'error: 0-large.db: '
	[ "$(litesafe list -r full/R | wc -l)" = 3 ] || fail "not the three others"
	run litesafe verify -q -r full/R --state S
	expect_exit 0
}

# Two runs at once, killed and begun anew, while databases come and go.
scenario_killed_and_run_again() {
	make_repository
	mkdir -p srv/a srv/b
	start_writer srv/a/app.db
	mkdb srv/b/app.db --rows 2000
	local i pids
	for i in 1 2 3 4 5 6; do
		mkdb "srv/b/new$i.db"
		"$LITESAFE" backup -q --recursive srv & pids=($!)
		"$LITESAFE" backup -q --recursive srv & pids+=($!)
		sleep 0.0$i
		rm "srv/b/new$i.db"
		kill -KILL "${pids[i % 2]}" 2>/dev/null || true
		wait "${pids[@]}" 2>/dev/null || true
	done
	stop_writers
	run litesafe backup --recursive srv
	expect_exit 0
	run litesafe verify -q
	expect_exit 0
	run litesafe restore a/app.db --to back.db
	expect_exit 0
	ledger_is_right back.db
}
