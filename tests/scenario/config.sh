# The configuration: what it says is done, what it does not say is told with
# file and line, and who may write it.
# shellcheck shell=bash disable=SC2154,SC2016

# conf LINE...: the file that is in use from now on.
conf() {
	printf '%s\n' "$@" >a.conf
	export LITESAFE_CONFIG=$PWD/a.conf
}

# A job that is right, for what else is tried with it.
good=('[job shop]' 'database = /srv/shop.db' 'repository = /srv/r')

# shows KEY VALUE [ORIGIN]: of the job `shop`.
shows() {
	run litesafe config show --origin shop
	expect_exit 0
	grep -qE -- "^${3:-.*}  $1 = $2\$" "$LOGS/out" ||
		fail "it is not '$1 = $2' by '${3:-anything}'"
}

# make_etc: a folder etc/, for with_etc.
make_etc() {
	need_root
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	unset LITESAFE_CONFIG
	mkdir -p etc/litesafe/conf.d
	# Names of users, and where libraries are, as outside.
	cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache etc/ \
		2>/dev/null || true
}

# with_etc COMMAND...: with that folder in the place of /etc.
with_etc() {
	unshare -m sh -c 'mount --bind etc /etc && exec "$@"' sh "$@"
}

# --- what is wrong -----------------------------------------------------------

scenario_a_slip_is_told_with_file_line_and_a_suggestion() {
	local line fault hint
	while IFS='|' read -r line fault hint; do
		conf "${good[@]}" "$line"
		run litesafe config check
		refused 2 "a.conf:4: $fault" "$hint"
	done <<-'END'
		levle = 3|unknown key 'levle'|did you mean 'level'?
		keep_daily = 3|unknown key 'keep_daily'|did you mean 'keep-daily'?
		[jobs x]|unknown section '[jobs x]'|did you mean '[job x]'?
		[job]|the section [job] needs a name|[job NAME]
		[job a b]|'a b' cannot be the name of a job|letters
		level = 99|level: '99' is not a whole number from 1 to 19|
		max-pin = soon|max-pin: 'soon' is not a duration|30s
		ping-timeout = 10m|ping-timeout: '10m' is not a duration of at most 5m|30s
		busy-timeout = 9w|busy-timeout: '9w' is not a duration of at most 21d|30s
		before =|before: the value is empty|leave it out
		set =|set: the value is empty|leave it out
		verify = perhaps|verify: 'perhaps' is not one of none|
		database = shop.db|database: 'shop.db' does not begin with '/'|from '/' on
		database = "/srv/a.db"|database: '"/srv/a.db"' does not begin|quotes
		url = /srv/r|'url' is no key of a section [job NAME]|[repository NAME]
		log-file = /x|'log-file' is no key of a section [job NAME]|[global]
		repository = /x|'repository' is given a second time; the first is in line 3|
		  FROM users|a line that is neither|one line
	END
}

scenario_all_faults_at_once() {
	mkdir conf.d
	conf '[global]' 'level = 0' 'repository = main' "${good[@]:0:2}" 'nice=x'
	printf '[repository mian]\nurl = sftp://h/r\n[job b]\nlevle = 1\n' \
		>conf.d/b.conf
	run litesafe config check
	expect_exit 2
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = 5 ] ||
		fail "there are five"
	expect_err "a.conf:2: level"
	expect_err "a.conf:3: repository: there is no section [repository main]"
	expect_err "did you mean 'mian'?"
	expect_err "a.conf:6: nice"
	expect_err "conf.d/b.conf:2: url: a repository can only be a folder"
	expect_err "conf.d/b.conf:4: unknown key 'levle'"
	run litesafe config check --json
	expect_exit 2
	[ "$(grep -c '"type":"fault"' "$LOGS/out")" = 5 ] || fail "in JSON, too"
	[ "$(json exit_code)" = 2 ] || fail "the summary"
	expect_out "\"file\":\"$PWD/a.conf\",\"line\":2,\"error\":"
	expect_out "/conf.d/b.conf\",\"line\":4,\"error\":"
}

# noted TEXT [NEXT]: is told of the right configuration, with what to do.
noted() {
	grep -qF -- "$1" "$LOGS/out" || fail "it is not noted: $1"
	grep -F -- "$1" "$LOGS/out" | grep -qF -- "${2:-}" || fail "no: $2"
	notes=$((notes + 1))
}

# check_notes: a configuration that is right; what it names is another matter.
check_notes() {
	notes=0
	run "$@" config check
	expect_exit 0
	expect_out "a.conf: ok ("
	[ ! -s "$LOGS/err" ] || fail "a note is no error"
}

notes_end() {
	[ "$(grep -c '^  note: ' "$LOGS/out" || true)" = "$notes" ] ||
		fail "there are others"
}

scenario_what_is_not_there_yet() {
	conf '[global]' "repository = $PWD/my R" '[job a]' \
		"database = $PWD/a.db" "database = $PWD/*.db" \
		"database = $PWD" '[job b]' "database = $PWD/a.db" \
		'[repository x]' "url = $PWD/x"
	check_notes litesafe
	noted "a.conf:2: there is no repository at '$PWD/my R'" \
		"litesafe init -r '$PWD/my R'"
	noted "a.conf:4: there is no '$PWD/a.db'" "the job 'a' fails"
	noted "a.conf:5: no file matches '$PWD/*.db'" "the job 'a' fails"
	noted "a.conf:8: there is no '$PWD/a.db'" "the job 'b' fails"
	noted "a.conf:10: there is no repository at '$PWD/x'"
	notes_end
	run litesafe config check --json
	expect_exit 0
	[ "$(grep -c '"type":"note"' "$LOGS/out")" = 5 ] || fail "in JSON, too"
	expect_out "a.conf\",\"line\":5,\"text\":\"no file matches"
	# A folder is no repository because it is there, and a pattern matches files.
	mkdir x folder.db
	check_notes litesafe
	noted "a.conf:10: '$PWD/x' is not a repository"
	noted "a.conf:5: no file"
	mkdb a.db
	rmdir x
	run litesafe init -r x
	# The next step that was named.
	run litesafe config check
	eval "$(sed -n 's/.* a new repository is made by: //p' "$LOGS/out")"
	check_notes litesafe
	notes_end
	# A name that looks like a pattern.
	mkdb 'b[1].db'
	conf '[job b]' "database = $PWD/b[1].db" 'repository = x' \
		'[repository x]' "url = $PWD/x"
	check_notes litesafe
	notes_end
}

scenario_a_log_that_cannot_be() {
	litesafe init -r R -q
	mkdb a.db
	local each
	for each in none/log a.db/log log .; do
		conf '[global]' "repository = $PWD/R" "log-file = $PWD/$each" \
			'[job a]' "database = $PWD/a.db"
		check_notes litesafe
		case $each in
		log) ;;
		.) noted "a.conf:3: the log '$PWD/.' is a folder" "fails at" ;;
		*) noted "a.conf:3: there is no folder '$PWD/${each%/log}'" "fails at" ;;
		esac
		notes_end
	done
	[ ! -e log ] || fail "a look made it"
}

# No other user could look at these, either.
scenario_what_no_database_can_be() {
	litesafe init -r R -q
	mkdb a.db
	mkfifo fifo
	ln -s loop loop
	conf '[global]' "repository = $PWD/R" '[job a]' \
		"database = $PWD/fifo" "database = $PWD/a.db/b.db" \
		"database = $PWD/loop"
	check_notes litesafe
	noted "a.conf:4: '$PWD/fifo' is neither a file nor a folder" \
		"the job 'a' fails"
	noted "a.conf:5: there is no '$PWD/a.db/b.db'" "the job 'a' fails"
	noted "a.conf:6: '$PWD/loop' cannot be looked at: Too many levels"
	notes_end
	! grep 'user who may' "$LOGS/out" || fail "that would not help"
}

scenario_no_job() {
	conf '[global]' 'keep-daily = 7'
	check_notes litesafe
	noted "a.conf:1: there is no job" "[job NAME]"
	notes_end
	run litesafe config check --json
	expect_exit 0
	[ "$(json_of note line)" = 1 ]
}

# The set of a set's only database, of a file, and of what only a search tells.
scenario_databases_that_would_be_one_set() {
	mkdir x y
	mkdb x/a.db
	mkdb y/a.db
	litesafe init -q -r R
	conf '[global]' "repository = $PWD/R" '[job x]' \
		"database = $PWD/x/a.db" "database = $PWD/y/a.db" \
		'[job y]' "database = $PWD/y/a.db" 'set = a.db' \
		'[job all]' "database = $PWD" '[job z]' \
		"database = $PWD/x/a.db" "database = $PWD/y/a.db" 'set = a.db'
	check_notes litesafe
	noted "a.conf:5: '$PWD/y/a.db' and '$PWD/x/a.db' of the job 'x' would" \
		"the job 'x' fails"
	noted "a.conf:7: '$PWD/y/a.db' and '$PWD/x/a.db' of the job 'x' would" \
		"set = NAME"
	notes_end
	conf '[job x]' "repository = $PWD/R" "database = $PWD/x/a.db" \
		'[job y]' "database = $PWD/y/a.db" "repository = $PWD/Q"
	litesafe init -q -r Q
	check_notes litesafe
	notes_end
}

scenario_what_this_user_may_not_look_at() {
	need_root
	mkdir -p closed/in
	mkdb closed/in/a.db
	litesafe init -r R -q
	chmod 700 closed
	conf '[job a]' "database = $PWD/closed/in/a.db" \
		"database = $PWD/closed/in/*.db" "repository = $PWD/R"
	chmod 644 a.conf
	check_notes litesafe
	notes_end
	check_notes as_nobody "$LITESAFE"
	noted "a.conf:2: '$PWD/closed/in/a.db' cannot be looked at: Perm" "user who may"
	noted "a.conf:3: '$PWD/closed/in/' cannot be looked at: Perm" "user who may"
	noted "a.conf:4: open the repository" "run litesafe as the one who made it"
	notes_end
}

scenario_more_faults_than_anybody_reads() {
	conf "${good[@]}" "$(yes 'levle = 3' | head -5000)"
	run litesafe config check
	expect_exit 2
	[ "$(grep -c '^litesafe: error: ' "$LOGS/err")" = 100 ] || fail "100"
	expect_err "4900 more faults"
}

scenario_what_a_job_lacks() {
	conf '[global]' 'repository = /srv/r' '[job a]' 'level = 3' '[job b]' \
		'database = /srv/b.db'
	run litesafe config check
	refused 2 "a.conf:3: the job 'a' has no database"
	conf '[job b]' 'database = /srv/b.db'
	run litesafe config check
	refused 2 "a.conf:1: the job 'b' has no repository"
	# Only where it is a person's, and never for a job that has one.
	LITESAFE_REPOSITORY=/srv/e run litesafe config check
	expect_exit 0
}

scenario_hostile_files() {
	# A longest line is whole; a longer one, and a byte that ends strings,
	# never pass for something shorter.
	conf "${good[@]}" "check-sql = SELECT $(printf '1%.0s' $(seq 8000)) -- z"
	run litesafe config show shop
	expect_exit 0
	expect_out "1 -- z"
	conf "${good[@]}" "check-sql = SELECT $(printf '1%.0s' $(seq 9000))"
	run litesafe config check
	refused 2 "a.conf:4: a line of more than 8192 bytes"
	conf "${good[@]}"
	printf 'level = 3\0 0\n' >>a.conf
	run litesafe config check
	refused 2 "a.conf:4: a line has a byte that is zero"
	head -c 2000000 /dev/zero >a.conf
	run litesafe config check
	refused 2 "more than 1048576 bytes"
	head -c 1000000 /dev/urandom >a.conf
	run litesafe config check
	expect_exit 2
	! grep -q $'\e' "$LOGS/err" || fail "escape sequences came through"
	rm a.conf
	mkfifo a.conf
	run timeout 5 "$LITESAFE" config check
	refused 2 "is not a regular file"
}

scenario_what_editors_leave() {
	printf '\xef\xbb\xbf[job shop]\r\n\tdatabase=/srv/shop.db\r\n' >a.conf
	printf '  repository : /srv/r\r\n; comment\r\n# comment\r\nlevel = 7' \
		>>a.conf
	export LITESAFE_CONFIG=$PWD/a.conf
	shows repository /srv/r "$PWD/a.conf:3 *"
	shows level 7 "$PWD/a.conf:6 *"
	# A ';' or '#' in a value is the value's.
	conf "${good[@]}" "check-sql = SELECT 1 ; -- x # y" \
		"on-failure = sh -c 'a ; b' # c"
	run litesafe config show shop
	expect_out "check-sql = SELECT 1 ; -- x # y"
	expect_out "on-failure = sh -c 'a ; b' # c"
}

# --- what counts -------------------------------------------------------------

scenario_the_levels_of_an_ordinary_command() {
	mkdb a.db --rows 10
	make_repository
	unset LITESAFE_REPOSITORY
	conf '[global]' 'repository = main' 'verify = none' 'level = 1' \
		'[repository main]' "url = file://$PWD/R"
	# The file
	snapshot a.db
	[ "$(json_of snapshot verified)" = none ] || fail "not the file's verify"
	# ... stands behind a variable
	LITESAFE_VERIFY=restore snapshot a.db
	[ "$(json_of snapshot verified)" = restore ] || fail "not the variable's"
	# ... which stands behind the command line
	LITESAFE_VERIFY=restore snapshot a.db --verify stored
	[ "$(json_of snapshot verified)" = stored ] || fail "not the option's"
	# ... and without a file there is the default.
	run litesafe backup a.db -r R --no-config --json
	[ "$(json_of snapshot verified)" = stored ] || fail "not the default"
	# A repository of the file is no -r that was typed.
	run litesafe backup a.db -o a.tar.zst
	expect_exit 0
	run litesafe show ./a.tar.zst
	expect_exit 0
	run litesafe list a.db
	expect_exit 0
	[ "$(wc -l <"$LOGS/out")" = 4 ] || fail "four were taken"
	run litesafe list --no-config
	refused 2 "no repository was named"
}

scenario_the_levels_of_a_job() {
	conf '[global]' 'state = /global' "${good[@]}"
	shows state /global "$PWD/a.conf:2 *"
	conf '[global]' 'state = /global' "${good[@]}" 'state = /job'
	shows state /job "$PWD/a.conf:6 *"
	LITESAFE_STATE=/variable shows state /variable 'LITESAFE_STATE *'
	shows busy-timeout 5s 'default *'
	LITESAFE_REPOSITORY=/variable shows repository /srv/r "$PWD/a.conf:5 *"
	LITESAFE_LEVEL=77 run litesafe config check
	refused 2 "LITESAFE_LEVEL: '77'"
	# What is repeated is one list for each level.
	conf '[global]' 'before = /one' 'before = /two' "${good[@]}"
	run litesafe config show shop
	[ "$(grep -c '^before = ' "$LOGS/out")" = 2 ] || fail "both of [global]"
	conf '[global]' 'before = /one' 'before = /two' "${good[@]}" 'before = /x'
	run litesafe config show shop
	[ "$(grep '^before = ' "$LOGS/out")" = 'before = /x' ] ||
		fail "only the job's"
}

scenario_conf_d() {
	mkdir conf.d
	conf "${good[@]}" 'level = 1' 'nice = 1'
	printf '[job shop]\nlevel = 3\ndatabase = /srv/c.db\n' >conf.d/20.conf
	printf '[job shop]\nlevel = 2\ndatabase = /srv/b.db\n' >conf.d/10.conf
	printf 'broken' >conf.d/.x.conf
	printf 'broken' >conf.d/x.conf.dpkg-old
	printf 'broken' >conf.d/x.conf~
	shows level 3 "$PWD/conf.d/20.conf:2 *"
	shows nice 1 "$PWD/a.conf:5 *"
	[ "$(grep -o 'database = .*' "$LOGS/out")" = 'database = /srv/shop.db
database = /srv/b.db
database = /srv/c.db' ] || fail "the databases are others"
	run litesafe config check --json
	expect_exit 0
	[ "$(json_of config jobs)" = 1 ] || fail "one job"
	printf '[job shop]\nlevel = 0\n' >conf.d/30.conf
	run litesafe config check
	refused 2 "$PWD/conf.d/30.conf:2: level"
	# Beside the file in use, and nowhere else.
	mkdir elsewhere
	cp a.conf elsewhere/
	run litesafe config check -c elsewhere/a.conf
	expect_exit 0
	expect_out "ok (1 file, 1 job)"
}

scenario_show_is_a_configuration_again() {
	conf '[global]' 'level = 5' 'repository = main' '[repository main]' \
		'url = file:///srv/main' "${good[@]:0:2}" 'max-pin = 2m' \
		'check-sql = SELECT 1 ; -- x'
	run litesafe config show
	expect_exit 0
	expect_out 'repository = /srv/main'
	cp "$LOGS/out" b.conf
	run litesafe config show -c b.conf
	expect_exit 0
	diff <(tail -n +2 b.conf) <(tail -n +2 "$LOGS/out") || fail "another one"
}

# --- secrets -----------------------------------------------------------------

scenario_the_ping_url_is_shown_nowhere() {
	local words
	conf '[global]' "ping-url = https://hc.example/s3cr3t" "${good[@]}"
	for words in 'show' 'show --origin' 'show shop' 'show shop --json' \
		'check' 'check --json' 'check -v'; do
		# shellcheck disable=SC2086 # they are words
		run litesafe config $words
		expect_exit 0
		! grep -q s3cr3t "$LOGS/out" "$LOGS/err" || fail "config $words"
	done
	run litesafe config show shop
	expect_out "ping-url is set, and not shown"
	# Nor when it is written wrongly.
	for words in 'ping-url https//s3cr3t' 'ping-ulr = https://s3cr3t' \
		'  https://s3cr3t' 'ping-url = https://h/s3cr3t'; do
		conf "${good[@]}" "$words" 'level = 0'
		run litesafe config check
		expect_exit 2
		! grep -q s3cr3t "$LOGS/out" "$LOGS/err" || fail "'$words'"
	done
}

scenario_a_secret_that_everybody_may_read_is_a_warning() {
	conf "${good[@]}" "ping-url = https://hc.example/s3cr3t"
	chmod 644 a.conf
	run litesafe config check
	expect_exit 0
	expect_err "a.conf:4: ping-url is a secret"
	chmod 640 a.conf
	run litesafe config check
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "no warning is due"
}

# --- who may write it --------------------------------------------------------

scenario_files_that_others_can_write() {
	conf "${good[@]}"
	chmod 646 a.conf
	run litesafe config check
	refused 12 "a.conf' can be written by everybody" "chmod go-w"
	run litesafe list -r R
	refused 12 "a.conf' can be written by everybody"
	chmod 644 a.conf
	mkdir -m 777 conf.d
	run litesafe config check
	refused 12 "conf.d' can be written by everybody"
	chmod 755 conf.d
	need_root
	chown 65534 a.conf
	run litesafe config check
	refused 12 "a.conf' belongs to user 65534, and root runs" "chown root"
	chown 0:0 a.conf
	chmod 664 a.conf
	run litesafe config check
	refused 12 "a.conf' can be written by its group"
	chmod 644 a.conf
	cp a.conf conf.d/b.conf
	chown 65534 conf.d/b.conf
	run litesafe config check
	refused 12 "conf.d/b.conf' belongs to user 65534"
}

scenario_other_users() {
	need_root
	conf "${good[@]}"
	chmod 644 a.conf
	run as_nobody "$LITESAFE" config check
	expect_exit 0
	# Their own, and what their group writes, is theirs to trust.
	chown 65534:65534 a.conf
	chmod 664 a.conf
	run as_nobody "$LITESAFE" config check
	expect_exit 0
	# Named, so it must be read.
	chown 0:0 a.conf
	chmod 600 a.conf
	run as_nobody "$LITESAFE" config check
	refused 1 "a.conf': Permission denied"
	run as_nobody "$LITESAFE" list -r /nowhere
	refused 1 "a.conf': Permission denied"
}

# --- which file --------------------------------------------------------------

scenario_a_file_that_was_named_must_be_there() {
	export LITESAFE_CONFIG=$PWD/none.conf
	for words in 'config check' 'list -r R' 'backup a.db -o x'; do
		# shellcheck disable=SC2086 # they are words
		run litesafe $words
		refused 2 "there is no configuration '$PWD/none.conf'" --no-config
	done
	run litesafe version
	expect_exit 0
	run litesafe backup --help
	expect_exit 0
	run litesafe list -r R --no-config
	expect_exit 5
	run litesafe config show --no-config
	refused 7 "--no-config"
}

scenario_the_default_file() {
	make_etc
	run litesafe init -r R
	# None
	run with_etc "$LITESAFE" list
	refused 2 "no repository was named"
	run with_etc "$LITESAFE" config check
	refused 7 "there is no configuration '/etc/litesafe/litesafe.conf'"
	# One that helps
	printf '[global]\nrepository = %s\n' "$PWD/R" >etc/litesafe/litesafe.conf
	run with_etc "$LITESAFE" list
	expect_exit 0
	run with_etc env -i "$LITESAFE" list
	expect_exit 0
	# One that is broken stops every command, and says how to go on.
	printf 'levle = 3\n' >>etc/litesafe/litesafe.conf
	run with_etc "$LITESAFE" list -r R
	refused 2 "/etc/litesafe/litesafe.conf:3: unknown key" \
		"did you mean 'level'?" --no-config
	run with_etc "$LITESAFE" list -r R --no-config
	expect_exit 0
	run with_etc "$LITESAFE" --help
	expect_exit 0
}

scenario_a_default_file_that_is_not_for_everybody() {
	make_etc
	printf '[global]\nrepository = /nowhere\n' >etc/litesafe/litesafe.conf
	chmod 600 etc/litesafe/litesafe.conf
	run with_etc setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$LITESAFE" list
	refused 2 "no repository was named"
	run with_etc setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$LITESAFE" config check
	refused 1 "Permission denied"
	# The same when only a part of it is secret.
	chmod 644 etc/litesafe/litesafe.conf
	printf '[global]\nlevel = 3\n' >etc/litesafe/conf.d/a.conf
	chmod 600 etc/litesafe/conf.d/a.conf
	run with_etc setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$LITESAFE" list
	refused 2 "no repository was named"
}

# --- the example -------------------------------------------------------------

scenario_the_example_is_right_as_it_stands() {
	local example=$here/../../packaging/litesafe.conf
	cp "$example" a.conf
	run litesafe config check -c a.conf
	expect_exit 0
	# ... and with every line of it in use.
	sed -E 's/^#([a-z[])/\1/' "$example" >b.conf
	chmod 600 b.conf
	run litesafe config check -c b.conf
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "something is said"
	run litesafe config show -c b.conf --origin shop
	! grep -q '^default' "$LOGS/out" || fail "a key is not in the example"
}

scenario_words_of_the_command() {
	conf "${good[@]}"
	run litesafe config
	refused 2 "config: too little was named"
	run litesafe config chek
	refused 2 "config: unknown word 'chek'" "litesafe config check"
	run litesafe config show shpo
	refused 2 "there is no job 'shpo'" "did you mean 'shop'?"
	run litesafe config check shop
	refused 2 "'shop' is one too many"
	run litesafe config check --origin
	refused 2 "--origin is for"
	run litesafe config check -q
	expect_exit 0
	[ ! -s "$LOGS/out" ] || fail "it is not quiet"
}
