# The commands of a repository: what they say, to whom, with which exit status,
# and that those which only look leave everything as it was.
# shellcheck shell=bash disable=SC2154

silent() {
	[ ! -s "$LOGS/$1" ] || fail "something is said on $1"
}

# summary EXIT-CODE: one summary, the last line, and it tells the status.
summary() {
	expect_exit "$1"
	[ "$(grep -c '"type":"summary"' "$LOGS/out")" = 1 ] || fail "not one summary"
	[[ $(tail -1 "$LOGS/out") == '{"type":"summary",'*"\"exit_code\":$1,"* ]] ||
		fail "the summary is not the last line, or not right"
}

# lines COUNT
lines() {
	[ "$(wc -l <"$LOGS/out")" = "$1" ] || fail "expected $1 lines"
}

# A repository R in use: set app.db with a full and two increments, b.db with
# a full.
used_repository() {
	make_repository
	unset LITESAFE_REPOSITORY
	mkdb app.db --rows 3000
	mkdb b.db
	litesafe backup -q -r R app.db
	litesafe backup -q -r R b.db
	local i
	for i in 1 2; do
		ask app.db "CREATE TABLE more$i AS SELECT randomblob(9000) AS x"
		litesafe backup -q -r R app.db
	done
}

# ids SET: of its snapshots, the oldest first.
ids() {
	litesafe list -r R "$1" | cut -d' ' -f1
}

# manifest_of SNAPSHOT: the path of it.
manifest_of() {
	find R -name "*-${1:0:8}.json"
}

# forge_manifest FILE SED-SCRIPT: another manifest, with a right seal.
forge_manifest() {
	local line
	line=$(head -1 "$1" | sed "$2")
	{
		printf '%s\n' "$line"
		printf '{"sha256":"%s"}\n' \
			"$(printf %s "$line" | sha256sum | cut -d' ' -f1)"
	} >"$1"
}

# --- init --------------------------------------------------------------------

scenario_init() {
	run litesafe init -r R
	expect_exit 0
	silent err
	expect_out "repository '$PWD/R' made"
	lines 1
	expect_files R litesafe-repository.json README.txt litesafe-reserve
	local before
	before=$(fingerprint R)
	run litesafe init -r R
	refused 12 "'R'"
	run litesafe init -r R --if-missing
	expect_exit 0
	expect_out 'was there already'
	run litesafe init -r R --if-missing --json
	summary 0
	expect_out '"type":"repository"'
	expect_out '"made":false'
	run litesafe init -q -r R --if-missing
	expect_exit 0
	silent out
	[ "$(fingerprint R)" = "$before" ] || fail "the repository was changed"
	run litesafe init -r R/below
	refused 12 "'R/below' would lie inside the repository '$PWD/R'"
	expect_files R litesafe-repository.json README.txt litesafe-reserve
	mkdir full
	: >full/file
	run litesafe init -r full
	refused 12 "'full'"
	run litesafe init -r full --if-missing
	refused 12 "'full'"
	expect_files full file
	run litesafe init -r none/R
	refused 1 "'none/R'"
	mkdir empty
	run env LITESAFE_REPOSITORY=empty "$LITESAFE" init
	expect_exit 0
}

scenario_a_dry_run_of_init() {
	mkdir full empty
	: >full/file
	: >file
	local before each
	before=$(fingerprint .)
	for each in R empty "$PWD/R/"; do
		run litesafe init -r "$each" --dry-run
		expect_exit 0
		expect_out "repository '$each' would be made"
	done
	run litesafe init -r R --dry-run --json
	summary 0
	expect_out '"path":"R","id":null,"made":false,"dry_run":true'
	run litesafe init -r full --dry-run --if-missing
	refused 12 "'full' is not empty"
	run litesafe init -r none/R --dry-run
	refused 1 "'none/R'" 'make the folder above it first'
	run litesafe init -r file --dry-run
	refused 1 "'file': Not a directory" 'choose an empty folder'
	[ "$(fingerprint .)" = "$before" ] || fail "something was made"
	run litesafe init -r R
	expect_exit 0
	before=$(fingerprint .)
	run litesafe init -r R --dry-run
	refused 12 "'R' is a repository already"
	run litesafe init -r R --dry-run --if-missing
	expect_exit 0
	expect_out "repository '$PWD/R' is there already"
	[ "$(fingerprint .)" = "$before" ] || fail "something was changed"
	[ "$(id -u)" = 0 ] || return 0
	chmod 755 .
	run as_nobody "$LITESAFE" init -r mine --dry-run
	refused 1 "'mine': Permission denied" 'install -d'
	run as_nobody "$LITESAFE" init -r empty --dry-run
	refused 1 "'empty': Permission denied"
}

scenario_no_repository() {
	local words
	for words in init list 'list app.db' 'pin latest' 'unpin app.db latest' \
		'prune --keep-last 3'; do
		# shellcheck disable=SC2086 # options are words
		run litesafe $words
		refused 2 '-r' 'litesafe: hint: '
	done
	mkdir empty
	for words in list 'show latest' 'pin latest' 'prune --keep-last 3'; do
		# shellcheck disable=SC2086
		run litesafe $words -r none
		refused 5 "'none'" 'litesafe init'
		# shellcheck disable=SC2086
		run litesafe $words -r empty
		refused 5 "'empty'" 'litesafe init'
		# shellcheck disable=SC2086
		run litesafe $words -r none --json
		summary 5
	done
	expect_files . empty
	expect_files empty
}

# --- list --------------------------------------------------------------------

scenario_list_of_nothing() {
	make_repository
	run litesafe list -r R
	expect_exit 0
	expect_out 'no set yet'
	run litesafe list -r R --json
	summary 0
	lines 1
	run litesafe list -r R app.db
	refused 7 "'app.db'"
}

# A filesystem that is nothing but a repository has a folder that is root's.
scenario_a_repository_of_an_ordinary_user_beside_lost_and_found() {
	need_root
	mkdir -m 777 app R S
	mkdir -m 700 R/lost+found
	local each
	as_nobody "$SUPPORT/mkdb" app/app.db
	for each in init 'backup app/app.db --state S' 'list --state S' \
		'verify --state S' 'prune --keep-last 1 --state S' \
		'restore --to app/new.db --state S'; do
		# shellcheck disable=SC2086 # several words
		run as_nobody "$LITESAFE" $each -r R
		expect_exit 0
	done
	# Any other folder may hold a set.
	mkdir -m 700 R/other
	run as_nobody "$LITESAFE" verify -r R --state S
	refused 1 'R/other'
}

scenario_list() {
	used_repository
	run litesafe list -r R
	expect_exit 0
	silent err
	lines 2
	expect_out 'app.db: 3 snapshots in 1 chain, newest '
	expect_out 'b.db: 1 snapshot in 1 chain, newest '
	expect_out 'stored ok 20'
	run litesafe list -r R --state other
	expect_exit 0
	expect_out 'never verified'
	run litesafe list -r R app.db
	expect_exit 0
	lines 3
	grep -qE '^[0-9a-f]{16}  20[0-9-]+T[0-9:]+Z  full ' "$LOGS/out"
	[ "$(grep -c '  increment  ' "$LOGS/out")" = 2 ]
	run litesafe list -r R ap.db
	refused 7 "'ap.db'" "'app.db'"
	run env LITESAFE_REPOSITORY=R "$LITESAFE" list
	expect_exit 0
	lines 2
	run litesafe list -r R -q
	expect_exit 0
	silent out
}

scenario_list_as_json() {
	used_repository
	run litesafe list -r R --json
	summary 0
	[ "$(grep -c '^{"type":"set"' "$LOGS/out")" = 2 ]
	[ "$(grep -c '^{"type":"snapshot"' "$LOGS/out")" = 4 ]
	run litesafe list -r R app.db --json
	summary 0
	[ "$(grep -c '"kind":"increment","parent":"[0-9a-f]\{16\}"' "$LOGS/out")" = 2 ]
	[ "$(grep -c '"kind":"full","parent":null' "$LOGS/out")" = 1 ]
	[ "$(grep -c '"verified":"stored","kept":null' "$LOGS/out")" = 3 ]
	expect_out '"pinned":false,"faults":[],"checks":[{"level":"stored",'
	run litesafe list -r R none --json
	summary 7
}

# What is wrong is said, beside what is right.
scenario_list_of_a_damaged_set() {
	used_repository
	local archive
	archive=$(find R/app.db -name '*-full-*.tar.zst')
	mv "$archive" away
	run litesafe list -r R app.db
	expect_exit 0
	expect_out 'archive is missing'
	[ "$(grep -c 'an ancestor is not good' "$LOGS/out")" = 2 ]
	expect_err "3 of 3 snapshots cannot be restored"
	run litesafe list -r R app.db --json
	summary 0
	expect_out '"faults":["archive is missing"]'
	mv away "$archive"
	echo x >>"${archive%.tar.zst}.json"
	run litesafe list -r R app.db
	expect_exit 0
	expect_out 'manifest cannot be read or believed'
	run litesafe list -r R app.db --json
	summary 0
	expect_out '"error":'
	run litesafe list -r R b.db
	expect_exit 0
	silent err
}

# One of another user, and one of a newer program: nothing is wrong with them.
scenario_a_manifest_that_cannot_be_read_is_no_damage() {
	need_root
	used_repository
	local last each
	last=$(manifest_of "$(ids app.db | tail -1)")
	forge_manifest "$last" 's/"litesafe_format":1/"litesafe_format":2/'
	for each in 'verify app.db' 'prune --keep-last 1 app.db' \
		'restore app.db --to new.db' 'restore app.db --fallback --to new.db'; do
		# shellcheck disable=SC2086 # several words
		run litesafe $each -r R
		refused 1 "$last" 'format 2' 'upgrade'
	done
	chmod -R go+rX R
	chmod 600 "$last"
	for each in verify 'prune --keep-last 1' 'restore app.db --to new.db'; do
		# shellcheck disable=SC2086 # several words
		run as_nobody "$LITESAFE" $each -r R --state /nowhere/at/all
		expect_exit 1
		expect_err "open '$PWD/$last': Permission denied"
	done
}

# The state is only told, so a list works without it.
scenario_list_without_a_state() {
	used_repository
	: >file
	run litesafe list -r R --state file/state
	expect_exit 0
	lines 2
	expect_err 'litesafe: warning: what was verified is not known'
}

# Not even the folders of one.
scenario_who_only_looks_makes_no_state() {
	used_repository
	litesafe list -r R --state none >/dev/null
	litesafe list -r R --state none app.db --json >/dev/null
	litesafe show -r R --state none app.db latest >/dev/null
	litesafe status -r R --state none >/dev/null
	litesafe prune -r R --state none --keep-daily 1 --dry-run >/dev/null
	[ ! -e none ] || fail "$(find none)"
}

# --- show --------------------------------------------------------------------

scenario_show() {
	used_repository
	local -a id
	mapfile -t id < <(ids app.db)
	run litesafe show -r R app.db latest
	expect_exit 0
	silent err
	expect_out "snapshot        ${id[2]} (increment)"
	expect_out "changes since ${id[1]}"
	run litesafe show -v -r R app.db latest
	expect_out "inode $(stat -c '%i of device %d' app.db)"
	run litesafe show -r R app.db latest --json
	expect_out "\"device\":$(stat -c '%d,"inode":%i,' app.db)"
	run litesafe show -r R app.db latest
	expect_out 'a restore reads 3 archives'
	expect_out 'last check      stored ok 20'
	run litesafe show -r R "${id[0]}"
	expect_exit 0
	expect_out '(full)'
	expect_out 'a restore reads 1 archive,'
	run litesafe show -r R app.db "${id[1]:0:8}" --json
	summary 0
	expect_out "\"chain\":[\"${id[0]}\",\"${id[1]}\"]"
	run litesafe show -r R latest
	refused 2 "'app.db'" "'b.db'" 'name the set'
	run litesafe show -r R app.db
	refused 7 "'app.db'" 'is a set'
	run litesafe show -r R 0000000000000000
	refused 7
	run litesafe show -r R none latest
	refused 7 "'none'"
	# The variable does not take the files away.
	export LITESAFE_REPOSITORY=R
	run litesafe show R/app.db/*-full-*.tar.zst
	expect_exit 0
	expect_out "${id[0]}"
	run litesafe show app.db latest
	expect_exit 0
	expect_out "${id[2]}"
}

# --- backup --dry-run --------------------------------------------------------

# What it says is what the backup then does, and nothing is made.
scenario_a_dry_run_foretells_the_backup() {
	used_repository
	mkdir other
	cp app.db other/
	local newest before
	newest=$(ids app.db | tail -1)
	before=$(fingerprint .)

	run litesafe backup app.db -r R --dry-run
	expect_exit 0
	silent err
	lines 1
	expect_out "as an increment after snapshot $newest"
	run litesafe backup app.db -r R --dry-run --json
	summary 0
	[ "$(json_of database kind) $(json_of database parent)" = \
		"increment $newest" ] || fail "another snapshot"
	run litesafe backup app.db -r R --dry-run --full
	expect_out 'as a full: it was asked for'
	run litesafe backup app.db -r R --dry-run --full-every 1ms --json
	[ "$(json_of database kind) $(json_of database parent)" = \
		'full null' ] || fail "another snapshot"
	[ "$(json_of database full_because)" = \
		'the last full is older than --full-every' ] || fail "another reason"
	run litesafe backup app.db -r R --set new --dry-run
	expect_out 'as a full: it is the first of its set'
	run litesafe backup app.db b.db -r R --set app.db --dry-run
	expect_exit 0
	expect_err "'b.db' joins the set"
	# Another machine remembers nothing, and is told the same.
	run litesafe backup app.db -r R --dry-run --state elsewhere
	expect_out "as an increment after snapshot $newest"
	# What would be refused is refused.
	run litesafe backup other/app.db -r R --dry-run
	refused 12 'holds backups of' --set
	run litesafe backup app.db -r R --set ../up --dry-run
	refused 2 "'../up'"
	[ "$(fingerprint .)" = "$before" ] || fail "something was changed"

	sqlite3 app.db 'PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192;
		VACUUM' >/dev/null
	run litesafe backup app.db -r R --dry-run
	expect_out 'as a full: the page size changed'
	# A set of which the newest is damaged.
	flip "$(archive_of "$newest")" bit 60
	run litesafe verify -q -r R app.db
	run litesafe backup app.db -r R --dry-run
	expect_out "'litesafe verify' found snapshot $newest damaged"
}

# --- pin ---------------------------------------------------------------------

scenario_pin() {
	used_repository
	local id
	id=$(ids app.db | head -1)
	run litesafe pin -r R app.db "${id:0:8}"
	expect_exit 0
	expect_out "app.db: snapshot $id is pinned now"
	run litesafe pin -r R "$id"
	expect_exit 0
	expect_out 'was pinned already'
	run litesafe list -r R app.db
	[ "$(grep -c 'pinned; ' "$LOGS/out")" = 1 ]
	run litesafe list -r R app.db --json
	expect_out '"kept":"pinned"'
	run litesafe unpin -r R "$id" --json
	summary 0
	expect_out '"pinned":false,"changed":true'
	run litesafe unpin -r R "$id"
	expect_exit 0
	expect_out 'was not pinned'
	run litesafe pin -r R app.db 00000000
	refused 7
	run litesafe pin -q -r R app.db latest
	expect_exit 0
	silent out
}

# --- prune -------------------------------------------------------------------

# A chain that may go: a new full after it, and nothing is young any more.
make_chains() {
	used_repository
	local i
	for i in 1 2 3; do
		ask app.db "CREATE TABLE later$i AS SELECT randomblob(9000) AS x"
		litesafe backup -q --full -r R app.db
	done
}

scenario_prune_of_nothing() {
	make_repository
	run litesafe prune -r R --keep-last 1
	expect_exit 0
	expect_out 'holds no set yet'
}

scenario_prune_needs_a_rule() {
	used_repository
	fingerprint R >before
	run litesafe prune -r R
	refused 2 'what to keep' --keep-last
	run litesafe prune -r R --grace 0
	refused 2 'what to keep'
	run litesafe prune -r R --keep-last 0
	refused 2
	run litesafe prune -r R none --keep-last 1
	refused 7 "'none'"
	run litesafe prune -r R b.dB --keep-last 1
	refused 7 "'b.db'"
	fingerprint R | cmp before -
}

scenario_prune_within_grace_deletes_nothing() {
	make_chains
	fingerprint R >before
	run litesafe prune -r R --keep-last 1
	expect_exit 0
	! grep -q 'goes with' "$LOGS/out" || fail "something young goes"
	expect_out 'app.db: 0 of 6 snapshots and 0 leftovers deleted'
	fingerprint R | cmp before -
}

scenario_prune() {
	make_chains
	local id
	id=$(ids app.db | head -1)
	fingerprint R >before
	run litesafe prune -r R app.db --keep-last 1 --grace 0 --dry-run
	expect_exit 0
	silent err
	lines 7
	[ "$(grep -c "goes with chain ${id:0:8}" "$LOGS/out")" = 3 ]
	[ "$(grep -c 'kept: ' "$LOGS/out")" = 3 ]
	expect_out 'kept: last 1 of 1'
	expect_out '3 of 6 snapshots and 0 leftovers would go'
	fingerprint R | cmp before -
	head -6 "$LOGS/out" >verdicts
	run litesafe prune -r R app.db --keep-last 1 --grace 0 --dry-run --json
	summary 0
	[ "$(grep -c '"type":"verdict".*"goes":true,"kept":null' "$LOGS/out")" = 3 ]
	expect_out '"dry_run":true,"snapshots":6,"goes":3'
	expect_out '"deleted":0'
	fingerprint R | cmp before -
	# What is done is what was said.
	run litesafe prune -r R app.db --keep-last 1 --grace 0
	expect_exit 0
	head -6 "$LOGS/out" | cmp verdicts -
	expect_out 'app.db: 3 of 6 snapshots and 0 leftovers deleted'
	[ "$(ids app.db | wc -l)" = 3 ]
	[ "$(find R/app.db -type f | wc -l)" = 6 ]
	run litesafe prune -r R --keep-last 1 --grace 0
	expect_exit 0
	expect_out 'app.db: 0 of 3 snapshots'
	expect_out 'b.db: 0 of 1 snapshots'
	run litesafe prune -q -r R --keep-last 1 --grace 0
	expect_exit 0
	silent out
}

# A plan changes nothing, so it can be had of a repository that nobody may write.
scenario_prune_of_a_read_only_repository() {
	small_disk disk 8m
	used_repository
	cp -a R disk
	mount -o remount,ro "$PWD/disk" || skip "cannot remount here"
	local each
	for each in list verify 'show app.db latest' 'prune --keep-last 1 --dry-run' \
		'restore app.db --to new.db'; do
		# shellcheck disable=SC2086 # several words
		run litesafe $each -r disk/R
		expect_exit 0
	done
	run litesafe prune --keep-last 1 --dry-run -r disk/R --json
	[ "$(grep -c '"type":"verdict"' "$LOGS/out")" = 4 ] || fail "not all are told"
}

scenario_prune_keeps_what_is_pinned() {
	make_chains
	local id
	id=$(ids app.db | sed -n 2p)
	litesafe pin -q -r R "$id"
	run litesafe prune -r R app.db --keep-last 1 --grace 0
	expect_exit 0
	expect_out 'kept: pinned'
	[ "$(ids app.db | wc -l)" = 6 ]
	litesafe unpin -q -r R "$id"
	run litesafe prune -r R app.db --keep-last 1 --grace 0
	expect_exit 0
	[ "$(ids app.db | wc -l)" = 3 ]
}

# One set cannot be trusted: it is left alone, the others have their turn.
scenario_prune_of_a_damaged_set() {
	make_chains
	local manifest
	manifest=$(find R/app.db -name '*-incr*.json' | head -1)
	echo x >>"$manifest"
	fingerprint R >before
	run litesafe prune -r R --keep-last 1 --grace 0
	refused 4 "app.db"
	expect_out 'b.db: 0 of 1 snapshots'
	fingerprint R | cmp before -
	run litesafe prune -r R --keep-last 1 --grace 0 --json
	summary 4
}

# --- restore -----------------------------------------------------------------

# A clock was wrong once: what was stored later is not the newest.
scenario_a_snapshot_from_the_future_is_told() {
	used_repository
	local first each
	first=$(manifest_of "$(ids app.db | head -1)")
	forge_manifest "$first" 's/"pin_start":"[^"]*"/"pin_start":"2999-01-01T00:00:00.000Z"/'
	for each in json tar.zst; do
		mv "${first%json}$each" "R/app.db/29990101T000000Z-full-${first: -13:8}.$each"
	done
	run litesafe restore -r R app.db --to new.db
	expect_exit 0
	expect_err 'litesafe: warning: '
	expect_err '2999-01-01'
	expect_err "'--at now'"
	run litesafe restore -r R app.db --snapshot "$(ids app.db | tail -1)" --to it.db
	expect_exit 0
	silent err
}

# --- export ------------------------------------------------------------------

scenario_export() {
	used_repository
	local id
	id=$(ids app.db | tail -1)
	run litesafe export -r R app.db latest -o one.tar.zst
	expect_exit 0
	silent err
	lines 1
	expect_out "app.db: snapshot $id exported to 'one.tar.zst'"
	run litesafe verify one.tar.zst
	expect_exit 0
	run litesafe show one.tar.zst
	expect_out "snapshot        $id (full)"
	litesafe show -r R "$id" | grep '  root ' >root
	expect_out "$(cat root)"
	litesafe restore -q one.tar.zst --to new.db
	same_pages app.db new.db
	litesafe restore -q -r R app.db --to other.db
	cmp new.db other.db
	[ "$(stat -c %a one.tar.zst)" = 600 ]

	# One in the middle of the chain, by its id alone, through a pipe.
	id=$(ids app.db | sed -n 2p)
	run litesafe export -r R "$id" -o - --json
	expect_exit 0
	expect_err '"type":"snapshot"'
	expect_err "\"id\":\"$id\",\"kind\":\"full\",\"parent\":null"
	cp "$LOGS/out" two.tar.zst
	run litesafe verify two.tar.zst
	expect_exit 0
	run litesafe export -r R "$id" -o two.tar.zst
	refused 12 "'two.tar.zst' exists" --force
	run litesafe export -r R "$id" -o two.tar.zst --force --verify restore
	expect_exit 0
	expect_out 'verified: restore'
	run litesafe export -r R "$id" -o app.db --force
	refused 12 "'app.db'"
	run litesafe export -r R "$id" -o - --verify stored
	refused 2 --verify
	run litesafe export -r R "$id"
	refused 2 -o
	run litesafe export -r R -o x.tar.zst
	refused 2 'usage: litesafe export'
	run litesafe export -r R app.db 00000000 -o x.tar.zst
	refused 7
	[ ! -e x.tar.zst ] || fail "something was exported"
}

# Among the archives it would be taken for one of them, or take its place.
scenario_other_files_stay_out_of_a_repository() {
	used_repository
	cp -a R R.before
	local each
	ln -s "$(archive_of "$(ids app.db | head -1)")" link.tar.zst
	mkdir -p Rest
	for each in R/x.tar.zst R/app.db/x.tar.zst R/README.txt link.tar.zst \
		"$(archive_of "$(ids app.db | tail -1)")"; do
		run litesafe export -r R app.db latest -o "$each" --force
		refused 12 'inside the repository' 'choose a place outside'
		run litesafe backup app.db -o "$each" --force
		refused 12 'inside the repository' 'choose a place outside'
	done
	run litesafe export -r R app.db latest -o Rest/x.tar.zst
	expect_exit 0
	run litesafe restore Rest/x.tar.zst --to R/app.db/new.db
	refused 12 'inside the repository' 'choose a place outside'
	run litesafe restore Rest/x.tar.zst --to R/new.db --dry-run
	refused 12 'inside the repository' 'choose a place outside'
	diff -r R R.before
}

scenario_export_of_a_damaged_chain() {
	used_repository
	local -a id
	local archive
	mapfile -t id < <(ids app.db)
	archive=$(archive_of "${id[1]}")
	flip "$archive" bit 60
	run litesafe export -r R "${id[2]}" -o x.tar.zst
	refused 4 "${id[2]}" "archive '$PWD/$archive' is damaged: frame" \
		'litesafe verify'
	run litesafe export -r R "${id[1]}" -o x.tar.zst
	refused 4 "${id[1]}"
	[ ! -e x.tar.zst ] || fail "something was exported"
	run litesafe export -r R "${id[0]}" -o x.tar.zst
	expect_exit 0
	mv "$archive" away
	run litesafe export -r R "${id[2]}" -o y.tar.zst
	refused 4 "${id[1]:0:8}"
	[ ! -e y.tar.zst ] || fail "something was exported"
}

# What verify found shows without naming the set; a state that is of no use is
# told once, not for each set.
scenario_list_tells_what_verify_found() {
	used_repository
	export LITESAFE_REPOSITORY=R
	flip "$(archive_of "$(ids app.db | head -1)")" bit 3000
	run litesafe list
	expect_exit 0
	silent err
	run litesafe verify -q
	expect_exit 4
	run litesafe list
	expect_exit 0
	expect_err "set 'app.db': 3 of 3 snapshots were damaged when they were verified last"
	run litesafe list --json
	summary 0
	expect_out '"damaged":3'
	: >no-folder
	local each
	for each in list 'prune --keep-last 1'; do
		# shellcheck disable=SC2086 # words
		run litesafe $each --state no-folder
		expect_exit 0
		[ "$(grep -c 'warning: .*no-folder' "$LOGS/err")" = 1 ] ||
			fail "not one warning of '$each'"
	done
}

scenario_restore_says_which_instant_it_understood() {
	used_repository
	TZ=CET-1 run litesafe restore -r R app.db --at '2036-11-19 18:00' --to new.db
	expect_exit 0
	expect_out 'at or before 2036-11-19 18:00:00 CET (2036-11-19T17:00:00.999Z):'
	rm new.db
	TZ=CET-1 run litesafe restore -r R app.db --at '2036-11-19 18:00' \
		--to new.db --json
	summary 0
	expect_out '"at":"2036-11-19T17:00:00.999Z"'
	TZ=CET-1 run litesafe restore -r R app.db --at '1999-11-19 18:00' --to no.db
	refused 7 '1999-11-19T17:00:00.999Z'
	expect_out '1999-11-19 18:00:00 CET'
}

# --- discard -----------------------------------------------------------------

scenario_discard_of_what_is_damaged() {
	used_repository
	export LITESAFE_REPOSITORY=R
	local all
	mapfile -t all < <(ids app.db)
	flip "$(archive_of "${all[1]}")" bit 3000
	run litesafe verify
	expect_exit 4
	expect_err "litesafe discard"
	# Neither what is good nor what is only concerned.
	run litesafe discard app.db "${all[0]}"
	refused 12 'is not damaged'
	run litesafe discard app.db "${all[2]}"
	refused 12 'is not damaged itself'
	litesafe pin -q app.db "${all[2]}"
	run litesafe discard app.db "${all[1]}"
	refused 12 'is pinned' 'litesafe unpin'
	litesafe unpin -q app.db "${all[2]}"
	local before
	before=$(fingerprint R)
	run litesafe discard app.db "${all[1]}" --dry-run
	expect_exit 0
	lines 3
	expect_out "goes: damaged"
	expect_out "goes: needs ${all[1]:0:8}"
	[ "$(fingerprint R)" = "$before" ] || fail "a dry run changed something"
	run litesafe discard "${all[1]:0:6}" --json
	summary 0
	expect_out "\"snapshots\":[\"${all[1]}\",\"${all[2]}\"]"
	expect_out '"deleted":2'
	[ "$(ids app.db)" = "${all[0]}" ] || fail "not only the good one stays"
	# What the night does goes on.
	run litesafe backup app.db
	expect_exit 0
	run litesafe verify -q
	expect_exit 0
	run litesafe prune -q --keep-last 5
	expect_exit 0
}

scenario_discard_of_the_last_one() {
	used_repository
	rm "$(find R/b.db -name '*.tar.zst')"
	run litesafe discard -r R b.db "$(ids b.db)"
	expect_exit 0
	expect_err "set 'b.db' has no snapshot then"
	run litesafe backup -r R b.db
	expect_exit 0
	run litesafe verify -q -r R
	expect_exit 0
	run litesafe discard -r R b.db 0000
	expect_exit 7
	local manifest
	manifest=$(manifest_of "$(ids app.db | head -1)")
	echo x >"$manifest"
	run litesafe discard -r R app.db "$(basename "$manifest" .json)"
	expect_exit 4
	expect_one_error
}
