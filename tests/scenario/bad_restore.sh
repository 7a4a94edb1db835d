# A restore on a bad day: no room, calls that fail, a kill in the middle of the
# switch, others who come meanwhile, a database that SQLite finds fault with.
# The target is what it was, or whole.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/restore.sh
. "$here/restore.sh"

scenario_disk_full() {
	small_disk data 1m
	mkdb app.db --bytes 8000000
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to data/new.db
	refused 9 data
	expect_files data
	run bash -c 'cat a.tar.zst | "$0" restore - --to data/new.db' "$LITESAFE"
	refused 9 data
	expect_files data
	mkdb data/live.db
	local before
	before=$(fingerprint data)
	run litesafe restore a.tar.zst --to data/live.db --replace
	refused 9 data
	[ "$(fingerprint data)" = "$before" ] || fail "the target was touched"
	[ "$(df -Pk data | awk 'NR == 2 { print $3 }')" -lt 200 ] ||
		fail "space is still used"
}

# refuses CALL:ERRNO...: each of these calls is made to fail, one by one.
refuses() {
	local n each call errno
	for each; do
		call=${each%:*} errno=${each#*:}
		for ((n = 1; n < 30; n++)); do
			rm -rf data
			mkdir data
			cp old.db data/live.db
			run strace -f -q -o /dev/null -e "trace=$call" \
				-e "inject=$call:error=$errno:when=$n" \
				"$LITESAFE" restore a.tar.zst \
				--to data/live.db --replace
			is_old_or_new "$call $n, $errno"
			[ "$status" != 0 ] || break
			expect_exit 1 9 12
			expect_one_error
		done
		[ $n -gt 1 ] || fail "no call of $call failed"
	done
}

# The same for all calls and all kinds of targets: long/kill_everywhere.sh.
scenario_the_system_refuses() {
	need_strace
	archive
	mkdb old.db --rows 77
	refuses pwrite64:ENOSPC fsync:EIO '?link,linkat:EPERM' \
		'?rename,renameat,renameat2:EIO'
}

# Killed before each call with which a restore changes a folder.
scenario_killed_while_replacing() {
	need_strace
	archive
	mkdb old.db --rows 77
	local n hits=0
	local calls='?link,linkat,?rename,renameat,renameat2,?unlink,unlinkat,fsync'
	for ((n = 1; n < 30; n++)); do
		rm -rf data
		mkdir data
		cp old.db data/live.db
		# strace dies of it too, and the shell that sees it says so.
		run bash -c '"$@"; exit $?' killed strace -f -q -o /dev/null \
			-e "trace=$calls" -e "inject=$calls:signal=KILL:when=$n" \
			"$LITESAFE" restore a.tar.zst --to data/live.db --replace
		is_old_or_new "killed at change $n"
		[ "$status" != 0 ] || break
		expect_exit 137
		hits=$((hits + 1))
	done
	[ $hits -ge 5 ] || fail "only $hits of them hit"
}

# Killed with both names made: a backup and another restore say which is ours,
# and what they say to do is the cure.
scenario_killed_with_two_names() {
	need_strace
	archive
	mkdir data
	cp app.db data/live.db
	run bash -c '"$@"; exit $?' killed strace -f -q -o /dev/null \
		-e 'trace=?rename,renameat' -e 'inject=?rename,renameat:signal=KILL' \
		"$LITESAFE" restore a.tar.zst --to data/live.db --replace
	expect_exit 137
	[ "$(stat -c %h data/live.db)" = 2 ] || fail "there is one name only"
	run litesafe restore a.tar.zst --to data/live.db --replace
	refused 12 'has 2 hard links' "rm -- data/live.db.before-"
	run litesafe backup data/live.db -o b.tar.zst
	refused 12 'has 2 hard links' "rm -- $PWD/data/live.db.before-"
	eval "$(sed -n 's/^litesafe: hint: .*: rm /rm /p' "$LOGS/err")"
	run litesafe backup data/live.db -o b.tar.zst
	expect_exit 0
	same_pages app.db data/live.db
}

scenario_asked_to_stop() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	local signal before
	before=$(fingerprint data)
	for signal in 2:INT 15:TERM 1:HUP; do
		# The pipe stays open: what sleeps is out of the signal's reach.
		# shellcheck disable=SC2016 # $0 is of that shell
		run timeout --preserve-status -s "${signal#*:}" 0.5 bash -c \
			'(head -c 1000 a.tar.zst; setsid sleep 1) | exec "$0" restore - \
			--to data/live.db --replace' "$LITESAFE"
		expect_exit $((128 + ${signal%:*}))
		[ "$(fingerprint data)" = "$before" ] || fail "something changed"
	done
}

# --- others, meanwhile -------------------------------------------------------

# meanwhile COMMAND...: a restore that replaces data/live.db, during which the
# command is run: the archive comes through a pipe, and its end comes later.
meanwhile() {
	local restore
	mkfifo pipe
	"$LITESAFE" restore - --to data/live.db --replace <pipe \
		>"$LOGS/out" 2>"$LOGS/err" &
	restore=$!
	exec 9>pipe
	head -c 1000 a.tar.zst >&9
	sleep 0.3
	"$@" 9>&-
	tail -c +1001 a.tar.zst >&9
	exec 9>&-
	status=0
	wait $restore || status=$?
	rm pipe
}

scenario_somebody_opens_it_meanwhile() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	meanwhile start_holder data/live.db idle
	refused 12 "'data/live.db'" "$holder_pid"
	[ "$(rows data/live.db)" = 77 ]
	stop_holder
	expect_files data live.db

	# Without a database there is none that anybody could have open.
	rm data/live.db
	mkdb precious.db --rows 77
	meanwhile mv precious.db data/live.db
	refused 12 "'data/live.db'"
	[ "$(rows data/live.db)" = 77 ]
	expect_files data live.db
}

scenario_it_becomes_another_meanwhile() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	mkdb precious.db --rows 78
	meanwhile mv precious.db data/live.db
	refused 12 "'data/live.db'"
	[ "$(rows data/live.db)" = 78 ]
	expect_files data live.db

	meanwhile rm data/live.db
	refused 12 "'data/live.db'"
	expect_files data
}

# It commits, and is gone again before the switch: what it did is kept.
scenario_somebody_commits_meanwhile() {
	archive
	mkdir data
	mkdb data/live.db --rows 77
	meanwhile ask data/live.db 'DELETE FROM item WHERE id = 1'
	expect_exit 0
	same_pages app.db data/live.db
	[ "$(rows "$(the_one data 'live.db.before-*')")" = 76 ] ||
		fail "a commit is lost"
}

scenario_two_restores_at_once() {
	archive
	mkdb old.db --rows 77
	local n one two
	for n in 1 2 3 4 5 6; do
		rm -rf data
		mkdir data
		[ $((n % 2)) = 0 ] || cp old.db data/live.db
		"$LITESAFE" restore a.tar.zst --to data/live.db --replace \
			>"$LOGS/one" 2>&1 &
		run litesafe restore a.tar.zst --to data/live.db --replace
		one=$status two=0
		wait $! || two=$?
		[[ "$one $two" =~ ^(0|12)\ (0|12)$ ]] ||
			fail "status $one and $two: $(cat "$LOGS/one")"
		# Each may have seen the other at work there: then neither did it.
		if [ "$one$two" = 1212 ]; then
			same_pages old.db data/live.db
			run litesafe restore a.tar.zst --to data/live.db --replace
			expect_exit 0
		fi
		same_pages app.db data/live.db
		[ $((n % 2)) = 0 ] ||
			find data -name 'live.db.before-*' -exec cmp -s old.db {} \; \
				-print | grep -q . || fail "the old one is lost"
	done
}

# --- what SQLite says of it --------------------------------------------------

scenario_what_cannot_be_checked_is_restored() {
	mkdb app.db --with collation,tokenizer,module
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	expect_err 'cannot check'
	cmp app.db new.db
}

scenario_a_damaged_database_is_not_restored() {
	mkdb app.db --rows 3000
	local page
	page=$(ask app.db "SELECT rootpage FROM sqlite_schema
		WHERE name = 'item'")
	flip app.db byte $(((page - 1) * 4096)) 77
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	mkdir data
	mkdb data/live.db --rows 77
	local before
	before=$(fingerprint data)
	run litesafe restore a.tar.zst --to data/live.db --replace
	refused 4 a.tar.zst
	[ "$(fingerprint data)" = "$before" ] || fail "the target was touched"
	run litesafe restore a.tar.zst --to data/live.db --replace --check none
	expect_exit 0
	cmp app.db data/live.db
}
