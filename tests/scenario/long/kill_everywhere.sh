# Killed before every system call with which a restore or a backup changes
# anything, and at random moments: the old state or the new one, whole, and
# the next run needs no repair.
# shellcheck shell=bash disable=SC2154,SC2317

# shellcheck source=tests/scenario/restore.sh
. "$here/restore.sh"

# What changes a file or a folder, and of what changes a lock, some.
calls='?link linkat ?rename renameat renameat2 ?unlink unlinkat fsync
	fdatasync fchown fchmod ftruncate fallocate sync_file_range pwrite64
	write'
locks='fcntl close openat'

# killed CALL N COMMAND...: it, killed before its Nth CALL.  False: it ended by
# itself, since there is no such call any more.
killed() {
	local call=$1 n=$2
	shift 2
	# strace dies of it too, and the shell that sees it says so.
	run bash -c '"$@"; exit $?' killed strace -f -q -o /dev/null \
		-e "trace=$call" -e "inject=$call:signal=KILL:when=$n" "$@"
	expect_exit 0 137
	[ "$status" = 137 ]
}

# everywhere PREPARE CHECK COMMAND...: for every call and every N: PREPARE, the
# command killed there, CHECK.
everywhere() {
	local prepare=$1 check=$2 call n hits=0
	shift 2
	for call in $calls $locks; do
		for ((n = 1; ; n += 1)); do
			[[ " $locks " != *" $call "* ]] || n=$((n + n / 4))
			$prepare
			if ! killed "$call" $n "$@"; then
				when="not killed"
				$check
				break
			fi
			when="killed at $call $n"
			$check
			hits=$((hits + 1))
		done
	done
	[ $hits -ge "${least_hits:-30}" ] || fail "only $hits of them hit"
}

# restored_next_time: as it stands, a plain run puts the archive's database
# there.  (Two names of one file, which a kill between link and rename leaves,
# are refused with the one step that is to be done.)
restored_next_time() {
	local name
	run litesafe restore a.tar.zst --to data/live.db --replace
	if [ "$status" = 12 ]; then
		expect_err 'has 2 hard links'
		name=$(sed -n "s/^litesafe: hint: .*: rm -- \(.*\)$/\1/p" \
			"$LOGS/err")
		[ data/live.db -ef "$name" ] || fail "'$name' is another: $when"
		rm "$name"
		run litesafe restore a.tar.zst --to data/live.db --replace
	fi
	expect_exit 0
	same_pages app.db data/live.db
	[ -z "$(find data -name 'live.db-*')" ] ||
		fail "side files beside the restored one: $when"
}

# kept SUM PATTERN...: a file with that content is still there.
kept() {
	local sum=$1
	shift
	find data -type f -exec sha256sum {} + | grep -q "$sum" ||
		fail "the content of '$*' is lost: $when"
}

sum_of() {
	sha256sum <"$1" | cut -d' ' -f1
}

restore_everywhere() {
	need_strace
	everywhere "$1" "$2" "$LITESAFE" restore a.tar.zst --to data/live.db \
		--replace
}

# --- restore: the kinds of targets -------------------------------------------

scenario_target_missing() {
	archive
	prepare() {
		rm -rf data
		mkdir data
	}
	check() {
		[ ! -e data/live.db ] || same_pages app.db data/live.db
		# A draft has no name before it is whole.
		expect_at_most data live.db
		restored_next_time
	}
	restore_everywhere prepare check
}

scenario_target_present() {
	archive
	mkdb old.db --rows 77
	local sum
	sum=$(sum_of old.db)
	prepare() {
		rm -rf data
		mkdir data
		cp old.db data/live.db
	}
	check() {
		is_old_or_new "$when"
		kept "$sum" old.db
		restored_next_time
		kept "$sum" old.db
	}
	restore_everywhere prepare check
}

# The last commits are only in the -wal that a dead application left.
scenario_target_with_a_dead_wal() {
	archive
	mkdb old.db --leave wal
	prepare() {
		rm -rf data
		mkdir data
		cp old.db data/live.db
		cp old.db-wal data/live.db-wal
		cp old.db-shm data/live.db-shm
	}
	check() {
		local before
		if [ "$(rows data/live.db)" = 500 ]; then
			same_pages app.db data/live.db
			before=$(the_one data 'live.db.before-*Z')
			[ "$(last_words "$before")" = 200 ] ||
				fail "commits are lost in '$before': $when"
		else
			[ "$(last_words data/live.db)" = 200 ] ||
				fail "commits are lost: $when"
			[ "$(ask data/live.db 'PRAGMA quick_check')" = ok ] ||
				fail "neither old nor new: $when"
		fi
		restored_next_time
	}
	restore_everywhere prepare check
}

scenario_target_with_a_hot_journal() {
	archive
	mkdb old.db --journal delete --leave journal
	cp old.db rolled.db
	cp old.db-journal rolled.db-journal
	local content
	content=$(ask rolled.db 'SELECT * FROM item' | sha256sum)
	prepare() {
		rm -rf data
		mkdir data
		cp old.db data/live.db
		cp old.db-journal data/live.db-journal
	}
	check() {
		local before
		if [ "$(rows data/live.db)" = 500 ]; then
			same_pages app.db data/live.db
			before=$(the_one data 'live.db.before-*Z')
			[ "$(ask "$before" 'SELECT * FROM item' |
				sha256sum)" = "$content" ] ||
				fail "the old content is lost: $when"
		else
			[ "$(ask data/live.db 'SELECT * FROM item' |
				sha256sum)" = "$content" ] ||
				fail "neither old nor new: $when"
		fi
		restored_next_time
	}
	restore_everywhere prepare check
}

# SQLite cannot take its side files in: the set moves aside, and for a moment
# there is nothing under the name; but no byte without a name.
scenario_target_damaged() {
	archive
	head -c 100000 /dev/urandom >old.db
	echo its wal >old.db-wal
	echo its journal >old.db-journal
	local file sums=()
	for file in old.db old.db-wal old.db-journal; do
		sums+=("$(sum_of $file)")
	done
	prepare() {
		rm -rf data
		mkdir data
		cp old.db data/live.db
		cp old.db-wal data/live.db-wal
		cp old.db-journal data/live.db-journal
	}
	check() {
		local each
		for each in "${sums[@]}"; do
			kept "$each" old.db
		done
		if [ -e data/live.db ] && ! cmp -s old.db data/live.db; then
			same_pages app.db data/live.db
			expect_files data live.db \
				"$(cd data && echo live.db.before-*Z)" \
				"$(cd data && echo live.db.before-*Z-wal)" \
				"$(cd data && echo live.db.before-*Z-journal)"
		fi
		restored_next_time
		for each in "${sums[@]}"; do
			kept "$each" old.db
		done
	}
	restore_everywhere prepare check
}

# No database, but side files of one: never beside the new one.
scenario_target_missing_with_stale_side_files() {
	archive
	mkdb old.db --leave wal
	local wal
	wal=$(sum_of old.db-wal)
	prepare() {
		rm -rf data
		mkdir data
		cp old.db-wal data/live.db-wal
		cp old.db-shm data/live.db-shm
	}
	check() {
		kept "$wal" old.db-wal
		if [ -e data/live.db ]; then
			[ ! -e data/live.db-wal ] ||
				fail "the new one beside an old -wal: $when"
			same_pages app.db data/live.db
		fi
		restored_next_time
		kept "$wal" old.db-wal
	}
	restore_everywhere prepare check
}

# --- backup ------------------------------------------------------------------

scenario_backup_of_a_database_in_use() {
	need_strace
	mkdir app out
	mkdb app/app.db --rows 500
	mkdb old.db --rows 77
	run litesafe backup old.db -o old.tar.zst
	expect_exit 0
	start_holder app/app.db idle
	local before
	before=$(stat -c '%n %i %u %a' app/*)
	prepare() {
		rm -f out/*
		cp old.tar.zst out/a.tar.zst
	}
	check() {
		cmp -s old.tar.zst out/a.tar.zst || {
			run litesafe verify out/a.tar.zst
			expect_exit 0
		}
		[ "$(stat -c '%n %i %u %a' app/*)" = "$before" ] ||
			fail "the application's files changed: $when"
		run litesafe backup app/app.db -o out/a.tar.zst --force
		expect_exit 0
	}
	everywhere prepare check "$LITESAFE" backup app/app.db \
		-o out/a.tar.zst --force
	stop_holder
	expect_files app app.db
}

# --- at random moments -------------------------------------------------------

scenario_killed_at_random_moments() {
	mkdb app.db --bytes 30000000
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	mkdb old.db --rows 77
	local new n restore killed=0 when
	new=$(rows app.db)
	for ((n = 0; n < 60; n++)); do
		rm -rf data
		mkdir data
		cp old.db data/live.db
		"$LITESAFE" restore a.tar.zst --to data/live.db --replace \
			>"$LOGS/out" 2>&1 &
		restore=$!
		sleep "0.$(printf %03d $((n * 7)))"
		kill -KILL $restore 2>/dev/null && killed=$((killed + 1))
		wait $restore 2>/dev/null || true
		when="killed after $((n * 7)) ms"
		case $(ask data/live.db 'SELECT count(*) FROM item
			UNION ALL SELECT * FROM pragma_quick_check' |
			tr '\n' ' ') in
		"77 ok " | "$new ok ") ;;
		*) fail "neither the old nor the new database: $when" ;;
		esac
		[ "$(rows data/live.db)" = 77 ] ||
			cmp old.db "$(the_one data 'live.db.before-*Z')"
		restored_next_time
	done
	[ $killed -ge 10 ] || fail "only $killed of them were killed"
}
