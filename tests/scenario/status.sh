# litesafe status: it notices what a backup that stopped, a database that went
# away and a disk that rots look like, and says so to people and to programs.
#
# Snapshots get old by manifests that are forged to be.
#
# shellcheck shell=bash disable=SC2154

# seal FILE SED-SCRIPT: a manifest changed, with a right sum.
seal() {
	local line
	line=$(head -1 "$1" | sed "$2")
	printf '%s\n{"sha256":"%s"}\n' "$line" \
		"$(printf %s "$line" | sha256sum | cut -d' ' -f1)" >"$1"
}

# aged SET HOURS...: how old its snapshots are, the oldest first; "-5" is to come.
aged() {
	local set=$1 ids id file name time each
	shift
	mapfile -t ids < <(litesafe list -r R --state S "$set" | cut -d' ' -f1)
	for id in "${ids[@]}"; do
		time=$(date -u -d "$1 hours ago" +%Y-%m-%dT%H:%M:%S)
		shift
		file=$(find "R/$set" -name "*-${id:0:8}.json")
		seal "$file" "s/\"pin_start\":\"[^\"]*\"/\"pin_start\":\"$time.000Z\"/"
		name=${file##*/}
		name=$(tr -d ':-' <<<"$time")Z-${name#*-}
		for each in json tar.zst; do
			[ "${file%json}$each" = "R/$set/${name%json}$each" ] ||
				mv "${file%json}$each" "R/$set/${name%json}$each"
		done
	done
}

# grown DATABASE [BACKUP-OPTION...]: another state of it, stored.
grown() {
	ask "$1" "CREATE TABLE IF NOT EXISTS more(x);
		INSERT INTO more VALUES(randomblob(9000))"
	litesafe backup -q "$@"
}

one_snapshot() {
	make_repository
	mkdb app.db --rows 300
	litesafe backup -q app.db
}

# finding NAME SEVERITY: the last command found it; none NAME: it did not.
finding() {
	grep -qE "^  $2: .* \[$1\]$" "$LOGS/out" || fail "no $2 '$1' was found"
}

none() {
	! grep -q "\[$1\]$" "$LOGS/out" || fail "'$1' was found"
}

# --- fresh, and not -----------------------------------------------------------

scenario_fresh() {
	one_snapshot
	local before
	before=$(fingerprint R)$(fingerprint S)
	run litesafe status
	expect_exit 0
	[ "$(wc -l <"$LOGS/out")" = 2 ] || fail "more was said than that"
	expect_out 'app.db: fresh, newest '
	expect_out 'drill never, 1 snapshot of '
	expect_out '1 set: 1 fresh; oldest '
	run litesafe status app.db --max-age 1h --max-verify-age 1h --json
	expect_exit 0
	[ "$(json_of status status)" = fresh ]
	[ "$(json_of status snapshots)" = 1 ]
	[ "$(json_of status severity)" = info ]
	[ "$(json_of summary exit_code)" = 0 ]
	run litesafe status -q
	expect_exit 0
	[ ! -s "$LOGS/out" ] || fail "-q is not quiet"
	[ "$(fingerprint R)$(fingerprint S)" = "$before" ] ||
		fail "something was changed"
	# Who never backed up here leaves nothing here.
	run litesafe status --state none
	expect_exit 0
	finding unverified warning
	expect_files . R S app.db
	litesafe verify -q
	run litesafe status
	! grep -q 'drill never' "$LOGS/out" || fail "the drill is not known"
}

scenario_nothing_to_look_at() {
	make_repository
	run litesafe status
	refused 7 'no set'
	mkdb app.db
	litesafe backup -q app.db
	run litesafe status ap.db
	refused 7 "'ap.db'" "'app.db'"
	run litesafe status -r none
	refused 5 "'none'"
	run litesafe status -r none --json
	expect_exit 5
	[ "$(json exit_code)" = 5 ]
	[ "$(json_of error path)" = none ]
	unset LITESAFE_REPOSITORY
	run litesafe status
	refused 2 '-r'
	run litesafe status -r R --json --nagios
	expect_exit 3
}

scenario_stale() {
	one_snapshot
	aged app.db 3
	run litesafe status
	expect_exit 0
	run litesafe status --max-age 2h
	refused 1 "set 'app.db': stale: " 'at most 2 h 00 min'
	finding stale error
	expect_out 'app.db: stale, newest 3 h 0'
	run litesafe status --max-age 2h --json
	expect_exit 1
	[ "$(json_of status status)" = stale ]
	expect_out '"id":"stale","severity":"error"'
	# Who has it before his eyes is not told it again.
	command -v script >/dev/null || skip "needs script(1)"
	run script -qec "'$LITESAFE' status --max-age 2h --color never" /dev/null
	expect_exit 1
	expect_out "litesafe: error: set 'app.db': stale"
	[ "$(grep -c 'at most 2 h 00 min' "$LOGS/out")" = 1 ] ||
		fail "it is not told once"
	run script -qec "'$LITESAFE' status --max-age 2h -q" /dev/null
	expect_out 'at most 2 h 00 min'
	run litesafe status --max-age 4h
	expect_exit 0
	# It was found to be that state still.
	run litesafe backup app.db --skip-unchanged
	expect_out 'nothing stored'
	run litesafe status --max-age 2h
	expect_exit 0
	expect_out 'newest 3 h 0'
	expect_out ', unchanged '
}

scenario_backups_that_stopped() {
	one_snapshot
	local i
	for i in 1 2 3 4; do
		grown app.db
	done
	aged app.db 100 76 52 28 4
	run litesafe status
	expect_exit 0
	none stopped
	grep -qE ', next in (19 h 5. min|20 h 00 min),' "$LOGS/out"
	aged app.db 200 176 152 128 104
	run litesafe status
	expect_exit 0
	finding stopped warning
	expect_out 'next was due 3 d 08 h ago'
	expect_out '1 fresh, 1 with a warning'
	run litesafe status --strict
	refused 1 'stopped: '
	run litesafe status --max-age 1w
	none stopped
}

scenario_a_clock_from_the_future() {
	one_snapshot
	grown app.db
	aged app.db 50 -24
	run litesafe status --max-age 60h
	expect_exit 0
	finding future warning
	expect_out 'newest 2 d 02 h ago'
	# It does not hide that nothing came since.
	run litesafe status --max-age 40h
	expect_exit 1
	finding stale error
	aged app.db -23 -24
	run litesafe status
	expect_exit 1
	finding missing error
	expect_out 'app.db: missing'
}

# --- proofs -------------------------------------------------------------------

scenario_never_verified() {
	make_repository
	mkdb app.db --rows 300
	litesafe backup -q app.db --verify none
	run litesafe status
	expect_exit 0
	finding unverified warning
	run litesafe status --max-verify-age 1h
	expect_exit 1
	finding unverified error
	litesafe verify -q --level stored
	sleep 0.1
	run litesafe status --max-verify-age 1h
	expect_exit 0
	none unverified
	run litesafe status --max-verify-age 50ms
	refused 1 'verify-old'
	finding verify-old error
}

# What proved a set is gone some day; that it was proved is not.
scenario_the_last_proof_survives_a_prune() {
	make_repository
	mkdb app.db --rows 300
	litesafe backup -q app.db
	litesafe verify -q
	local proved i
	run litesafe status --json
	proved=$(json_of status drilled)
	[ "$proved" != null ] || fail "the drill is not known"
	for i in 1 2 3 4; do
		grown app.db --full --verify none
	done
	run litesafe prune app.db --keep-last 1 --grace 0
	expect_exit 0
	run litesafe status --json
	[ "$(json_of status snapshots)" = 3 ] || fail "nothing was pruned"
	[ "$(json_of status drilled)" = "$proved" ] ||
		fail "the drill was forgotten"
	run litesafe list app.db
	expect_out 'never verified'
}

scenario_damage() {
	one_snapshot
	grown app.db
	local archive
	archive=$(find R/app.db -name '*-full-*.tar.zst')
	flip "$archive" bit 5000
	run litesafe status
	expect_exit 0
	run litesafe verify
	expect_exit 4
	run litesafe status
	refused 4 "set 'app.db': damaged: "
	finding damaged damage
	expect_out 'app.db: damaged, '
	flip "$archive" bit 5000
	litesafe verify -q
	run litesafe status
	expect_exit 0
	rm "$archive"
	run litesafe status
	refused 4 'faulty: ' 'has no archive'
	run litesafe status --json
	expect_exit 4
	[ "$(json_of status faulty)" = 2 ]
}

# A backup takes a damaged database as it is; a drill finds it.
scenario_a_database_that_was_damaged() {
	make_repository
	mkdb app.db --rows 3000
	ask app.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	head -c 100 /dev/zero | tr '\0' x |
		dd of=app.db bs=1 seek=8192 conv=notrunc 2>/dev/null
	run litesafe backup app.db
	expect_exit 0
	run litesafe verify
	expect_exit 4
	run litesafe status
	refused 4 'database-damaged: '
	finding database-damaged damage
	none damaged
}

# --- the databases ------------------------------------------------------------

scenario_vanished() {
	one_snapshot
	cp app.db kept.db
	rm app.db
	run litesafe status
	refused 1 'vanished: ' "app.db' does not exist"
	: >app.db
	run litesafe status
	expect_exit 1
	finding vanished error
	expect_out "app.db' is empty"
	echo 'It was a database.' >app.db
	run litesafe status
	expect_exit 1
	finding vanished error
	# Another machine's is not looked for here.
	seal R/app.db/*.json 's/"host":"[^"]*"/"host":"elsewhere"/'
	run litesafe status
	expect_exit 0
	none vanished
	run litesafe status --json
	expect_out '"live":"elsewhere"'
}

scenario_shrank() {
	make_repository
	mkdb app.db --rows 5000
	litesafe backup -q app.db
	ask app.db "PRAGMA journal_mode=DELETE; DELETE FROM item WHERE id > 100;
		VACUUM" >/dev/null
	run litesafe status
	expect_exit 0
	finding shrank warning
	expect_out 'now, and was'
	litesafe backup -q app.db
	run litesafe status
	finding shrank warning
	expect_out 'in the newest snapshot, and was'
	# It is told for a day, however often a backup is made.
	grown app.db
	run litesafe status
	finding shrank warning
	aged app.db 30 2 1
	run litesafe status
	none shrank
}

# A folder that is one set has one database less, and each run goes well.
scenario_a_database_left_its_set() {
	make_repository
	mkdir app
	mkdb app/one.db
	mkdb app/two.db
	mkdb app/users.db
	printf '%s\n' '[job app]' "repository = $PWD/R" \
		"database = $PWD/app" 'several = set' >app.conf
	run litesafe run -c app.conf
	expect_exit 0
	run litesafe status -c app.conf
	none left
	rm app/users.db
	run litesafe run -c app.conf
	expect_exit 0
	run litesafe status -c app.conf
	expect_exit 0
	finding left warning
	expect_out "'users.db' is in snapshot"
}

# A database beside which its application writes is looked at, and not disturbed.
scenario_a_live_database() {
	make_repository
	mkdb app.db --rows 300 --journal wal
	start_writer app.db
	litesafe backup -q app.db
	local i
	for ((i = 0; i < 20; i++)); do
		run litesafe status
		expect_exit 0
		none vanished
		none shrank
	done
	stop_writers
}

scenario_a_set_of_several() {
	make_repository
	mkdb a.db
	mkdb b.db
	litesafe backup -q a.db b.db --set pair
	run litesafe status -v
	expect_exit 0
	expect_out '  b.db: '
	rm b.db
	run litesafe status
	refused 1 "1 of its 2 databases vanished" "b.db' does not exist"
}

# --- for programs -------------------------------------------------------------

# plugin STATUS WORD: one line, of that kind.
plugin() {
	expect_exit "$1"
	[ "$(wc -l <"$LOGS/out")" = 1 ] || fail "not one line"
	[ ! -s "$LOGS/err" ] || fail "something is said on stderr"
	[ "$(wc -c <"$LOGS/out")" -le 4096 ] || fail "the line is too long"
	grep -q "^LITESAFE $2 - " "$LOGS/out" || fail "the answer is not $2"
}

scenario_nagios() {
	one_snapshot
	run litesafe status --nagios --max-age 26h
	plugin 0 OK
	grep -qE ' \| sets=1;;;0 warnings=0;;;0 errors=0;;;0 damaged=0;;;0 age=[0-9]+s;;93600;0 verify_age=[0-9]+s;;;0 stored=[0-9]+B;;;0 stored_7d=[0-9]+B;;;0$' \
		"$LOGS/out" || fail "the performance data are not right"
	run litesafe status --nagios --state none
	plugin 1 WARNING
	run litesafe status --nagios --max-age 1ms
	plugin 2 CRITICAL
	rm app.db
	run litesafe status --nagios -q
	plugin 2 CRITICAL
	expect_out "does not exist"
	run litesafe status --nagios -r none
	plugin 3 UNKNOWN
	run litesafe status --nagios no.db
	plugin 3 UNKNOWN
	run litesafe status --nagios --bogus
	plugin 3 UNKNOWN
	rm -r R/app.db
	run litesafe status --nagios
	plugin 3 UNKNOWN
	run litesafe status --nagios --help
	expect_exit 0
	expect_out 'usage: '
}

# metrics FILE: it is what Prometheus reads, to the letter.
metrics() {
	! command -v promtool >/dev/null || promtool check metrics <"$1" ||
		fail "promtool does not like it"
	command -v python3 >/dev/null || skip "python3 is not installed"
	python3 - "$1" <<-'END' || fail "'$1' is not in the text format"
		import re, sys
		label = r'[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
		sample = re.compile(r'(litesafe_[a-z0-9_]+)(?:\{%s(?:,%s)*\})? (-?[0-9]+(?:\.[0-9]+)?)$' % (label, label))
		text = open(sys.argv[1], encoding='utf-8').read()
		assert text.endswith('\n')
		seen, typed, last, samples = set(), None, None, set()
		lines = text.split('\n')[:-1]
		for i, line in enumerate(lines):
		    if line.startswith('# HELP '):
		        name = line.split(' ', 3)[2]
		        assert name not in seen, name
		        seen.add(name)
		        assert lines[i + 1] == '# TYPE %s gauge' % name, line
		        assert sample.match(lines[i + 2]).group(1) == name, line
		        last = name
		    elif not line.startswith('# TYPE '):
		        match = sample.match(line)
		        assert match and match.group(1) == last, line
		        assert line.rsplit(' ', 1)[0] not in samples, line
		        samples.add(line.rsplit(' ', 1)[0])
	END
}

scenario_prometheus() {
	one_snapshot
	litesafe backup -q app.db --set 'a|b "c" {d="e"} ä, 100%' --full
	umask 077
	run litesafe status --prometheus x.prom
	expect_exit 0
	metrics x.prom
	[ "$(stat -c %a x.prom)" = 644 ] || fail "not everybody may read it"
	grep -qF ',set="a|b \"c\" {d=\"e\"} ä, 100%"} ' x.prom ||
		fail "the name is not right"
	rm app.db
	run litesafe status --prometheus x.prom --max-age 1ms
	expect_exit 1
	metrics x.prom
	grep -qF 'finding="vanished",severity="error"} 1' x.prom
	grep -qF 'litesafe_max_age_seconds{' x.prom
	# Where there is nothing to look at, that is what is written.
	run litesafe status --prometheus x.prom -r none
	expect_exit 5
	metrics x.prom
	grep -qFx 'litesafe_repository_readable{repository="none"} 0' x.prom
	run litesafe status app.db app.db --prometheus x.prom
	metrics x.prom
	run litesafe status --prometheus none/x.prom
	refused 1 "'none'" 'NAME.prom'
	run litesafe status --prometheus -
	refused 12 "'-'"
	mkfifo fifo
	run litesafe status --prometheus fifo
	refused 12 "'fifo'"
	mkdir folder
	run litesafe status --prometheus folder
	refused 12 "'folder'"
	expect_files . R S fifo folder x.prom
}

# Who reads it meanwhile reads a whole one.
scenario_metrics_are_replaced_at_once() {
	one_snapshot
	litesafe status -q --prometheus x.prom
	(
		while [ ! -e enough ]; do
			lines=$(tail -1 x.prom)
			[ "${lines%%\{*}" = litesafe_live_database_bytes ] ||
				echo "$lines" >>torn
		done
	) &
	others+=($!)
	local i
	for ((i = 0; i < 50; i++)); do
		litesafe status -q --prometheus x.prom
	done
	: >enough
	wait "${others[0]}" || true
	others=()
	[ ! -e torn ] || fail "half a file was read: $(head -1 torn)"
	[ "$(find . -name 'x.prom*' | wc -l)" = 1 ] || fail "a draft was left"
}

# An answer that is lost is none; what was there stays.
scenario_no_space_for_the_answer() {
	one_snapshot
	# shellcheck disable=SC2016 # for the other shell
	run bash -c '"$LITESAFE" status --nagios >/dev/full'
	expect_exit 3
	small_disk small 64k
	litesafe status -q --prometheus small/x.prom
	head -c 61440 /dev/zero >small/fill || true
	cp small/x.prom before
	run litesafe status --prometheus small/x.prom
	refused 9 "'small/x.prom'"
	cmp small/x.prom before
	expect_files small x.prom fill
}

# Who reads the answer reads it, also when the metrics have no place.
scenario_metrics_that_cannot_be() {
	one_snapshot
	run litesafe status --prometheus none/x.prom --max-age 26h
	refused 1 "metrics cannot be written to 'none/x.prom'"
	expect_out 'app.db: fresh'
	run litesafe status --prometheus none/x.prom --json
	expect_exit 1
	[ "$(json_of error path)" = none/x.prom ] || fail "no line of type error"
	[ "$(json_of status status)" = fresh ] || fail "no line of the set"
	run litesafe status --nagios --prometheus none/x.prom
	plugin 3 UNKNOWN
	run litesafe status --nagios --prometheus none/x.prom --max-age 1ms
	plugin 2 CRITICAL
	expect_out 'none/x.prom'
	# Damage is worse.
	rm R/app.db/*.tar.zst
	run litesafe status -q --prometheus none/x.prom
	expect_exit 4
	expect_err "'none/x.prom'"
	expect_err "faulty"
}

# Sets that change while they are looked at: no false alarm.
scenario_beside_backups_and_prunes() {
	one_snapshot
	(
		while [ ! -e enough ]; do
			grown app.db --full
			litesafe prune -q --keep-last 1 --grace 0
		done
	) &
	others+=($!)
	local i
	for ((i = 0; i < 60; i++)); do
		run litesafe status
		expect_exit 0
	done
	: >enough
	wait "${others[0]}" || fail "a backup or a prune failed"
	others=()
}

# --- who asks -----------------------------------------------------------------

scenario_a_user_who_may_not_read_the_state() {
	need_root
	one_snapshot
	run as_nobody "$LITESAFE" status
	refused 5 "'$PWD/R"
	run as_nobody "$LITESAFE" status --nagios
	plugin 3 UNKNOWN
	chmod -R a+rX R
	chmod 600 app.db
	run as_nobody "$LITESAFE" status
	expect_exit 0
	finding forgotten warning
	finding unseen info
	expect_out 'verified unknown, drill unknown'
	run as_nobody "$LITESAFE" status --max-verify-age 1h
	refused 1 'forgotten: '
	# A snapshot that this user cannot read is not damaged.
	chmod 600 R/app.db/*.json
	run as_nobody "$LITESAFE" status
	refused 1 'Permission denied'
	finding unreadable error
	none faulty
}

# --- jobs ---------------------------------------------------------------------

# two_jobs: "apps", a folder with two databases, and "single".
two_jobs() {
	run litesafe init -r R
	mkdir -p srv/x
	mkdb srv/app.db
	mkdb srv/x/b.db
	mkdb one.db
	cat >c.conf <<-END
		[global]
		state = $PWD/S
		[repository main]
		url = $PWD/R
		[job apps]
		repository = main
		database = $PWD/srv
		every = 1h
		[job single]
		repository = main
		database = $PWD/one.db
		set = solo
		max-age = 8d
		drill = 7d
	END
	litesafe backup -q --no-config -r R --state S --recursive srv
	litesafe backup -q --no-config -r R --state S one.db --set solo
}

scenario_jobs() {
	two_jobs
	litesafe verify -q --no-config -r R --state S solo
	run litesafe status -c c.conf
	expect_exit 0
	expect_out "job 'apps', repository '$PWD/R':"
	expect_out 'x/b.db: fresh'
	expect_out 'solo: fresh'
	expect_out ', next in '
	run litesafe status -c c.conf single --json
	expect_exit 0
	[ "$(grep -c '"type":"status"' "$LOGS/out")" = 1 ]
	[ "$(json_of status job)" = single ]
	[ "$(json_of status max_age_seconds)" = 691200 ]
	run litesafe status -c c.conf x/b.db
	expect_out 'x/b.db: fresh'
	expect_out '1 set: 1 fresh'
	run litesafe status -c c.conf nobody
	refused 7 "'nobody'" 'the jobs are shown by: litesafe config show -c c.conf'
	run litesafe status -c c.conf singel
	refused 7 "'singel'" "did you mean 'single'?"
	# An hourly job is late after an hour and a half; a weekly one is not.
	aged app.db 2
	aged solo 100
	run litesafe status -c c.conf
	refused 1 "set 'app.db': stale: " 'normal for its schedule'
	expect_out 'solo: fresh'
	run litesafe status -c c.conf --max-age 3h
	expect_exit 1
	finding late warning
	# A drill was asked for; a restore that asks not what a job does is none.
	aged solo 400
	run litesafe status -c c.conf single --max-age 60d
	expect_exit 0
	finding drill-old warning
	litesafe backup -q --full --no-config -r R --state S one.db --set solo
	run litesafe run -c c.conf single
	expect_exit 0
	run litesafe status -c c.conf single
	expect_exit 0
	none drill-old
	! grep -q 'drill never' "$LOGS/out" || fail "the drill is not known"
}

# The set of the one is fresh; the other is in no backup at all.
scenario_two_jobs_that_would_be_one_set() {
	mkdir app wiki link
	make_repository
	mkdb app/app.db
	mkdb wiki/app.db
	ln -s ../app/app.db link/app.db
	printf '%s\n' '[global]' "repository = $PWD/R" "state = $PWD/S" \
		'[job app]' "database = $PWD/app/app.db" \
		'[job linked]' "database = $PWD/link/app.db" \
		'[job wiki]' "database = $PWD/wiki/app.db" >c.conf
	run litesafe config check -c c.conf
	expect_exit 0
	expect_out "c.conf:9: '$PWD/wiki/app.db' and '$PWD/app/app.db' of the job 'app' would both be the set 'app.db'"
	[ "$(grep -c note: "$LOGS/out")" = 1 ] || fail "a link is no other one"
	run litesafe run -c c.conf
	refused 3 'wiki: ' 'set = NAME'
	run litesafe status -c c.conf
	refused 1 "set 'app.db': other-database: "
	[ "$(grep -c '^app.db: fresh' "$LOGS/out")" = 2 ] || fail "two are fresh"
	finding other-database error
	expect_out "holds backups of '$PWD/app/app.db', and none of '$PWD/wiki/app.db'"
	expect_out 'what to do: '
	run litesafe status -c c.conf app linked
	expect_exit 0
	# The next step that was named; so it is, too, with a name of its own.
	echo 'set = wiki' >>c.conf
	run litesafe config check -c c.conf
	! grep -q note: "$LOGS/out" || fail "they are two sets now"
	litesafe run -c c.conf -q
	run litesafe status -c c.conf
	expect_exit 0
	sed -i "s|wiki/app.db|app/app.db|" c.conf
	run litesafe status -c c.conf
	refused 1 "set 'wiki': other-database: "
}

# advice: runs what the last command said to do.
advice() {
	local command
	command=$(sed -n 's/^    what to do: .*: litesafe /litesafe /p' "$LOGS/out")
	[ -n "$command" ] || fail "nothing is said to be done"
	run eval "$command"
}

scenario_what_to_do_about_it() {
	make_repository
	mkdb "my app.db"
	printf '%s\n' '[job a]' "database = $PWD/my app.db" \
		"repository = $PWD/R" "state = $PWD/S" >'my c.conf'
	run litesafe status -c 'my c.conf'
	refused 1 missing
	advice
	expect_exit 0
	cp "my app.db" kept.db
	rm "my app.db"
	run litesafe status -c 'my c.conf'
	refused 1 vanished
	advice
	expect_exit 0
	same_pages kept.db "my app.db"
	aged "my app.db" 30
	run litesafe status -c 'my c.conf' --max-age 26h
	refused 1 stale
	advice
	expect_exit 0
	run litesafe status -c 'my c.conf' --max-age 26h
	expect_exit 0
	run litesafe status --state none --max-verify-age 1h --json
	expect_out '"advice":"verify it: litesafe verify -r '
}

scenario_what_a_job_does_not_find() {
	two_jobs
	# No backup of it yet.
	mkdb srv/new.db
	run litesafe status -c c.conf
	refused 1 "set 'new.db': missing: "
	# Nor is there a file any more.
	rm -r srv/x srv/new.db
	run litesafe status -c c.conf
	refused 1 "set 'x/b.db': vanished: "
	expect_out 'app.db: fresh'
	rm -r srv
	run litesafe status -c c.conf
	expect_exit 1
	expect_out 'x/b.db: vanished'
	expect_out 'app.db: vanished'
	# The place where a filesystem was mounted.
	mkdir srv
	run litesafe status -c c.conf --nagios
	plugin 2 CRITICAL
	expect_out 'there is no database in'
	run litesafe status -c c.conf
	expect_exit 1
	expect_err 'there is no database in'
	run litesafe status -c c.conf single
	expect_exit 0
	# A repository of one job that is not there is not the other one's fault.
	mv R away
	run litesafe status -c c.conf --nagios
	plugin 3 UNKNOWN
	run litesafe status -c c.conf
	refused_all 5
}

# refused_all STATUS: each job said so.
refused_all() {
	expect_exit "$1"
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = 2 ] ||
		fail "not one error for each job"
}
