# What a hint tells to run can be pasted into a shell as it stands, whatever
# the paths are called.
# shellcheck shell=bash disable=SC2154

# A repository whose path no shell reads as one word.
make_odd_repository() {
	odd="it's \$(touch ran) R"
	export LITESAFE_STATE=$PWD/S
	litesafe init -r "$odd" -q
	mkdb "my app.db"
	run litesafe backup "my app.db" -r "$odd" --json
	expect_exit 0
	id=$(json_of snapshot id)
}

# paste TEXT: runs the command that the last hint has behind this text.
paste_hint() {
	local command
	command=$(sed -n "s/^litesafe: hint: .*$1//p" "$LOGS/err")
	[ -n "$command" ] || fail "no hint has '$1'"
	run eval "$command"
	[ ! -e ran ] || fail "a part of the path was run"
}

scenario_which_sets_there_are() {
	make_odd_repository
	run litesafe list -r "$odd" zzzzzzzzzzz
	refused 7
	paste_hint 'the sets are shown by: '
	expect_exit 0
	expect_out "my app.db"
	run litesafe pin -r "$odd" 77777777
	refused 7
	paste_hint 'the sets are shown by: '
	expect_out "my app.db"
}

# Neither a repository nor a set is taken for an option.
scenario_names_with_a_dash() {
	make_odd_repository
	cp "my app.db" ./-x.db
	litesafe init -r ./-R -q
	run litesafe backup -r -R -q -- -x.db
	expect_exit 0
	run litesafe show -r -R -- -x.db
	refused 7 'they are shown by: '
	paste_hint 'they are shown by: '
	expect_exit 0
	run litesafe show -r -R -- -x.db 77777777
	refused 7
	paste_hint 'what there is is shown by: '
	expect_exit 0
	run litesafe backup -r -R -- -none.db
	refused 11
	run litesafe list -r -none
	refused 5 'litesafe init -r ./-none'
}

scenario_which_snapshots_there_are() {
	make_odd_repository
	run litesafe show -r "$odd" "my app.db"
	refused 7
	paste_hint 'they are shown by: '
	expect_out "$id"
	run litesafe show -r "$odd" "my app.db" 77777777
	refused 7
	paste_hint 'what there is is shown by: '
	expect_out "$id"
}

scenario_what_is_damaged_and_what_to_do_about_it() {
	local damaged
	make_odd_repository
	damaged=$id
	flip "$(echo "$odd/my app.db"/*.tar.zst)" bit 100
	ask "my app.db" 'CREATE TABLE t(x)'
	run litesafe backup "my app.db" -r "$odd" --full
	expect_exit 0
	run litesafe export -r "$odd" "my app.db" "$damaged" -o x.tar.zst
	refused 4
	paste_hint 'every one that is damaged is named by: '
	expect_exit 4
	paste_hint 'then remove it: '
	expect_exit 0
	run litesafe verify -r "$odd"
	expect_exit 0
	rm "$odd/my app.db"/*.json
	run litesafe verify -r "$odd" --check-sql 'SELECT 1'
	refused 2
	paste_hint 'name it, as shown by: '
	expect_exit 0
}

scenario_the_jobs_that_there_are() {
	printf '%s\n' '[job night]' 'database = /srv/a.db' 'repository = /srv/r' \
		>'my conf'
	chmod 600 'my conf'
	run litesafe run -c 'my conf' zzzzzz
	refused 2
	paste_hint 'the jobs are shown by: '
	expect_out '[job night]'
}

scenario_a_repository_to_be_made() {
	run litesafe list -r "a b"
	refused 5
	paste_hint 'is made by: '
	expect_exit 0
	run litesafe verify "a b"
	refused 1 "is a folder" "-r 'a b'"
}

scenario_an_increment_alone() {
	make_odd_repository
	ask "my app.db" 'CREATE TABLE t(x)'
	run litesafe backup "my app.db" -r "$odd" --json
	expect_exit 0
	id=$(json_of snapshot id)
	run litesafe restore "$odd/my app.db"/*-incr-*.tar.zst --to new.db
	refused 12 "-r REPOSITORY --snapshot $id --to PATH 'my app.db'"
}

scenario_a_pinned_snapshot_that_is_damaged() {
	local archive
	make_odd_repository
	litesafe pin -r "$odd" "my app.db" "$id" -q
	archive=$(echo "$odd/my app.db"/*.tar.zst)
	flip "$archive" bit 100
	run litesafe discard -r "$odd" "my app.db" "$id"
	refused 12 "is pinned"
	paste_hint 'let it go, and run this again: '
	expect_exit 0
	run litesafe discard -r "$odd" "my app.db" "$id"
	expect_exit 0
}

scenario_a_hot_journal() {
	mkdir "the app"
	"$SUPPORT/mkdb" "the app/it.db"
	sqlite3 "the app/it.db" 'PRAGMA journal_mode=DELETE' >/dev/null
	# It dies in the middle of a transaction that was spilled to the file.
	sqlite3 "the app/it.db" >/dev/null <<-'END' || true
		PRAGMA cache_size = 5;
		BEGIN;
		CREATE TABLE t(x);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)
		INSERT INTO t SELECT randomblob(4000) FROM n;
		.shell kill -9 $PPID
	END
	[ -s "the app/it.db-journal" ] || fail "there is no journal"
	run litesafe backup "the app/it.db" -o a.tar.zst
	refused 11 "in the middle of a transaction"
	paste_hint 'then try again: '
	expect_exit 0
	run litesafe backup "the app/it.db" -o a.tar.zst
	expect_exit 0
}
