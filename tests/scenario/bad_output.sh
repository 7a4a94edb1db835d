# An archive that cannot be written, and ends in the middle of the work: never
# a part of an archive under its name, nothing left behind, the application's
# files as they were.
# shellcheck shell=bash disable=SC2154

# A database that an application works on, and a folder for archives.
busy_database() {
	mkdir -p app out
	mkdb app/app.db --bytes "${1:-4000000}"
	start_writer app/app.db --rate 200
}

# What is under the name is whole, whatever happened.
whole_or_absent() {
	expect_at_most out a.tar.zst
	[ -e out/a.tar.zst ] || return 0
	run litesafe verify out/a.tar.zst --level stored
	expect_exit 0
}

scenario_folder_missing() {
	mkdb app.db
	run litesafe backup app.db -o none/a.tar.zst
	refused 1 "none"
	expect_files . app.db
}

scenario_exists() {
	mkdb app.db
	echo precious >a.tar.zst
	run litesafe backup app.db -o a.tar.zst
	refused 12 "'a.tar.zst'" exists
	[ "$(cat a.tar.zst)" = precious ]
	run litesafe backup app.db -o a.tar.zst --force
	expect_exit 0
	run litesafe verify a.tar.zst
	expect_exit 0
}

scenario_is_the_source() {
	mkdb app.db
	ln -s app.db link
	local before output
	before=$(fingerprint .)
	for output in app.db ./app.db "$PWD/app.db" link app.db-wal \
		app.db-shm app.db-journal; do
		run litesafe backup app.db -o "$output" --force
		refused 12 app.db
		[ "$(fingerprint .)" = "$before" ] || fail "something changed"
	done
}

scenario_is_another_database() {
	mkdb app.db
	mkdb other.db --rows 10
	local before
	before=$(sha256sum other.db)
	run litesafe backup app.db -o other.db --force
	refused 12 "other.db'"
	[ "$(sha256sum other.db)" = "$before" ]
}

scenario_is_a_folder() {
	mkdb app.db
	mkdir folder
	run litesafe backup app.db -o folder
	refused 2 "'folder'"
	expect_files folder
}

# Something is there that no archive may take the place of, as for a restore.
scenario_is_a_fifo() {
	mkdb app.db
	mkfifo fifo
	run litesafe backup app.db -o fifo --force
	refused 12 "'fifo' is not a regular file" "use '-o -'"
	[ -p fifo ]
	run litesafe backup app.db -o a.tar.zst
	expect_exit 0
	run litesafe restore a.tar.zst --to fifo --replace
	refused 12 "'fifo' is not a regular file"
	[ -p fifo ]
}

scenario_is_standard_output() {
	mkdb app.db
	run bash -c '"$0" backup app.db -o /dev/stdout --force | cat
		exit "${PIPESTATUS[0]}"' "$LITESAFE"
	refused 12 "'/dev/stdout' is not a regular file" "use '-o -'"
	[ ! -s "$LOGS/out" ] || fail "something was written"
}

scenario_a_link_to_it_survives() {
	mkdb app.db
	mkdir out
	run litesafe backup app.db -o out/a.tar.zst
	expect_exit 0
	ln -s out/a.tar.zst link
	run litesafe backup app.db -o link
	refused 12 'exists'
	run litesafe backup app.db -o link --force
	expect_exit 0
	[ -L link ] || fail "the link is gone"
	run litesafe verify link
	expect_exit 0
}

scenario_a_dangling_link() {
	mkdb app.db
	ln -s nowhere link
	run litesafe backup app.db -o link --force
	refused 12 "'link'"
	expect_files . app.db link
}

scenario_folder_not_writable() {
	need_root
	mkdir out
	mkdb app.db
	chmod 777 .
	run as_nobody "$LITESAFE" backup app.db -o out/a.tar.zst
	expect_exit 1 12
	expect_one_error
	expect_files out
}

scenario_disk_full_midway() {
	small_disk out 1m
	busy_database 1000000
	# Random bytes do not compress: the archive is larger than the disk.
	ask app/app.db 'CREATE TABLE noise(x);
		INSERT INTO noise VALUES(randomblob(3000000))'
	run litesafe backup app/app.db -o out/a.tar.zst
	refused 9 "out/a.tar.zst"
	expect_files out
	[ "$(df -Pk out | awk 'NR == 2 { print $3 }')" -lt 100 ] ||
		fail "space is still used"
	stop_writers
}

scenario_disk_full_keeps_the_old_archive() {
	small_disk out 1m
	mkdb app.db
	run litesafe backup app.db -o out/a.tar.zst
	expect_exit 0
	local before
	before=$(sha256sum out/a.tar.zst)
	ask app.db 'CREATE TABLE noise(x);
		INSERT INTO noise VALUES(randomblob(3000000))'
	run litesafe backup app.db -o out/a.tar.zst --force
	refused 9
	expect_files out a.tar.zst
	[ "$(sha256sum out/a.tar.zst)" = "$before" ]
}

# What is read back needs a scratch file, and it is said where.
scenario_full_disk_for_scratch_files() {
	small_disk small 1m
	mkdir out
	mkdb app.db
	cat /dev/zero >small/ballast 2>/dev/null || true
	run litesafe backup app.db -o out/a.tar.zst --scratch small
	refused 9 "folder 'small': write to 'the scratch file of page sums'"
	expect_files out
	run litesafe backup app.db -o out/a.tar.zst --scratch small \
		--verify restore
	refused 9 "'scratch file in small' needs" '--scratch DIR'
	expect_files out
	run litesafe backup app.db -o out/a.tar.zst --scratch none
	refused 1 "'none': No such file or directory"
	expect_files out
}

scenario_disk_full_at_the_nth_write() {
	need_strace
	busy_database 200000
	local n
	for ((n = 1; n < 3000; n += 1 + n / 5)); do
		rm -f out/a.tar.zst
		run strace -f -q -o /dev/null -e trace=write,pwrite64,fallocate \
			-e "inject=write,pwrite64:error=ENOSPC:when=$n" \
			"$LITESAFE" backup app/app.db -o out/a.tar.zst
		[ "$status" != 0 ] || break
		expect_exit 9 1
		whole_or_absent
	done
	[ "$n" -gt 2 ] || fail "no write was made to fail"
	[ "$n" -lt 3000 ] || fail "it still fails at write $n"
	stop_writers
}

scenario_the_disk_refuses_to_flush() {
	need_strace
	busy_database 200000
	local n
	for ((n = 1; n < 20; n++)); do
		rm -f out/a.tar.zst
		run strace -f -q -o /dev/null -e trace=fsync,fdatasync \
			-e "inject=fsync,fdatasync:error=EIO:when=$n" \
			"$LITESAFE" backup app/app.db -o out/a.tar.zst
		[ "$status" != 0 ] || break
		refused 1 'Input/output error'
		whole_or_absent
	done
	[ "$n" -gt 1 ] || fail "nothing was flushed"
	stop_writers
}

scenario_no_name_can_be_given() {
	need_strace
	busy_database 200000
	run strace -f -q -o /dev/null -e trace=linkat,?rename,renameat,renameat2 \
		-e inject=linkat,?rename,renameat,renameat2:error=EACCES \
		"$LITESAFE" backup app/app.db -o out/a.tar.zst
	refused 1 "out/a.tar.zst'"
	expect_files out
	stop_writers
}

scenario_without_nameless_files() {
	need_strace
	busy_database 200000
	# The first openat() with O_TMPFILE fails; which one that is depends on
	# the libraries, so all that ask for it do.
	local n
	for ((n = 1; n < 200; n++)); do
		rm -f out/a.tar.zst
		run strace -f -q -o "$LOGS/trace" -e trace=openat \
			-e "inject=openat:error=EOPNOTSUPP:when=$n" \
			"$LITESAFE" backup app/app.db -o out/a.tar.zst
		whole_or_absent
		if grep -q 'O_TMPFILE.*INJECTED' "$LOGS/trace"; then
			expect_exit 0
			stop_writers
			return
		fi
	done
	fail "no file without a name was ever asked for"
}

scenario_broken_pipe() {
	busy_database 20000000
	local -a ends
	set +e
	"$LITESAFE" backup app/app.db -o - 2>"$LOGS/err" | head -c 1000 >/dev/null
	ends=("${PIPESTATUS[@]}")
	set -e
	status=${ends[0]}
	: >"$LOGS/out"
	echo 'backup -o - | head -c 1000' >"$LOGS/command"
	refused 1 'Broken pipe'
	stop_writers
}

scenario_a_reader_that_stands_still_does_not_hold_the_pin() {
	busy_database 20000000 # far more than a pipe holds
	mkfifo pipe
	tail -f /dev/null <pipe &
	local reader=$!
	run bash -c '"$0" backup app/app.db -o - --max-pin 1s >pipe' "$LITESAFE"
	kill $reader
	refused 6 pin
	stop_writers
}

scenario_signals_at_any_moment() {
	busy_database 20000000
	local signal n pid hits
	for signal in INT:130 TERM:143; do
		hits=0
		for n in 0.002 0.01 0.02 0.04 0.08 0.15; do
			rm -f out/a.tar.zst
			# A shell's background jobs ignore SIGINT otherwise.
			env --default-signal=INT "$LITESAFE" backup app/app.db \
				-o out/a.tar.zst --level 9 \
				>"$LOGS/out" 2>"$LOGS/err" &
			pid=$!
			sleep $n
			kill -${signal%:*} $pid 2>/dev/null || true
			status=0
			wait $pid || status=$?
			echo "backup, SIG${signal%:*} after $n s" >"$LOGS/command"
			# Before the handler stands, the signal's own way ends it.
			expect_exit 0 "${signal#*:}"
			[ "$status" = 0 ] || [ ! -e out/a.tar.zst ] ||
				fail "stopped, and yet an archive"
			! grep -q 'stopped by signal' "$LOGS/err" ||
				hits=$((hits + 1))
			whole_or_absent
		done
		[ $hits -ge 2 ] || fail "only $hits of SIG${signal%:*} hit"
	done
	stop_writers
	ledger_is_right app/app.db
}

# signals_at_writes SIGNAL STATUS: sent at the Nth write of each kind.
signals_at_writes() {
	need_strace
	busy_database 3000000
	local call n hits=0
	for call in write pwrite64 fsync linkat openat; do
		for n in 1 2 3 4 5 7 9 12 16 25; do
			rm -f out/a.tar.zst
			run strace -f -q -o /dev/null -e trace=$call \
				-e "inject=$call:signal=$1:when=$n" \
				"$LITESAFE" backup app/app.db -o out/a.tar.zst
			expect_exit 0 "$2"
			[ "$status" = 0 ] || hits=$((hits + 1))
			whole_or_absent
			[ "$status" != 0 ] || break
		done
	done
	[ $hits -gt 3 ] || fail "only $hits of them hit"
	stop_writers
	expect_files app app.db
	ledger_is_right app/app.db
}

scenario_kill_at_the_nth_call() {
	signals_at_writes KILL 137
}

scenario_terminated_at_the_nth_call() {
	signals_at_writes TERM 143
}

scenario_limits_end_the_pin() {
	mkdir app out
	mkdb app/app.db --bytes 60000000
	start_writer app/app.db --grow --note 4000
	run litesafe backup app/app.db -o out/a.tar.zst --max-pin 1ms
	refused 6 pin
	expect_files out
	run litesafe backup app/app.db -o out/a.tar.zst --max-wal-growth 1
	refused 6 WAL
	expect_files out
	# 0 lifts a limit that is set elsewhere.
	LITESAFE_MAX_PIN=1ms LITESAFE_MAX_WAL_GROWTH=1 run litesafe backup \
		app/app.db -o out/a.tar.zst --max-pin 0 --max-wal-growth 0
	expect_exit 0
	stop_writers
}
