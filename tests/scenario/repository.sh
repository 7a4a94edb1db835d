# Backups into a repository: increments, their chains, and what comes back.
# shellcheck shell=bash disable=SC2154

scenario_whole_walk_beside_a_writer() {
	mkdir app
	make_repository
	# So large that its increments never outgrow it, however slow we are.
	"$SUPPORT/mkdb" app/app.db --bytes 30000000
	start_writer app/app.db --journal wal --rate 500 --grow --note 2000
	local n ids=()
	sleep 1
	for ((n = 0; n < 6; n++)); do
		snapshot app/app.db
		ids+=("$id")
		[ "$kind" = "$([ $n = 0 ] && echo full || echo increment)" ] ||
			fail "backup $n is a $kind"
	done
	run litesafe verify --all
	expect_exit 0
	run litesafe list app.db --json
	expect_exit 0
	[ "$(grep -c '"type":"snapshot"' "$LOGS/out")" = 6 ] ||
		fail "not all snapshots are listed"
	stop_writers
	local commits last=0
	for id in "${ids[@]}"; do
		rm -f new.db
		run litesafe restore app.db --snapshot "$id" --to new.db
		expect_exit 0
		ledger_is_right new.db
		commits=$(commits_in new.db)
		[ "$commits" -gt "$last" ] || fail "snapshot $id is not newer"
		last=$commits
	done
	expect_files app app.db
	expect_files . R S app new.db
}

scenario_every_state_comes_back_bit_for_bit() {
	make_repository
	local n sums=() ids=()
	for ((n = 1; n <= 25; n++)); do
		churn app.db $n
		snapshot app.db
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	for ((n = 0; n < 25; n++)); do
		comes_back app.db "${ids[n]}" "${sums[n]}"
	done
	run litesafe verify --all --check full
	expect_exit 0
}

# What changed is stored, and little else.
scenario_only_changed_pages_are_stored() {
	mkdb app.db --bytes 20000000
	make_repository
	snapshot app.db
	ask app.db "UPDATE item SET name = name || 'x' WHERE id = 5"
	snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
	[ "$(json_of snapshot pages_stored)" -le 10 ] ||
		fail "$(json_of snapshot pages_stored) pages are stored"
	[ "$(json_of snapshot archive_bytes)" -le 20000 ] ||
		fail "it takes $(json_of snapshot archive_bytes) bytes"
	comes_back app.db "$id" "$(settled app.db)"
}

scenario_unchanged() {
	mkdb app.db --rows 3000
	make_repository
	snapshot app.db
	local first=$id before
	snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
	[ "$(json_of snapshot pages_stored)" = 0 ] || fail "pages are stored"
	[ "$(json_of snapshot archive_bytes)" -le 8000 ] ||
		fail "it takes $(json_of snapshot archive_bytes) bytes"
	comes_back app.db "$id" "$(settled app.db)"

	before=$(fingerprint R)
	touch app.db # what is doubtful is read
	run litesafe backup app.db --skip-unchanged --json
	expect_exit 0
	[ "$(json_of unchanged parent)" = "$id" ] || fail "another parent"
	[ "$(json_of unchanged evidence)" = scan ] || fail "no evidence"
	[ "$(fingerprint R)" = "$before" ] || fail "the repository changed"
	run litesafe list app.db
	expect_exit 0
	[[ $(tail -1 "$LOGS/out") == *"stored ok "*"; unchanged at "* ]] ||
		fail "the check is not told of"
	[ "$first" != "$id" ]
	ask app.db 'PRAGMA user_version = 5'
	snapshot app.db --skip-unchanged
	[ "$kind" = increment ] || fail "a change was skipped"
}

scenario_shrinks_grows_and_is_vacuumed() {
	mkdb app.db --rows 20000
	make_repository
	snapshot app.db
	local ids=("$id") sums=("$(settled app.db)") each
	for each in 'DELETE FROM item WHERE id > 100' 'VACUUM' \
		'INSERT INTO item(name, data) SELECT name, data FROM item' \
		'CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
			SELECT i + 1 FROM n WHERE i < 5000)
			SELECT i, randomblob(2000) AS b FROM n' \
		'DROP TABLE big' 'VACUUM'; do
		ask app.db "$each"
		snapshot app.db
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	local n
	for n in "${!ids[@]}"; do
		comes_back app.db "${ids[n]}" "${sums[n]}"
	done
}

scenario_another_page_size_begins_a_new_chain() {
	mkdb app.db --rows 2000
	make_repository
	snapshot app.db
	ask app.db 'PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192;
		VACUUM; PRAGMA journal_mode = WAL'
	snapshot app.db
	[ "$kind" = full ] || fail "it is an $kind"
	[ "$(json_of snapshot full_because)" = 'the page size changed' ] ||
		fail "it says: $(json_of snapshot full_because)"
	comes_back app.db "$id" "$(settled app.db)"
	snapshot app.db
	[ "$kind" = increment ] || fail "the new chain does not go on"
}

scenario_rollback_journal_databases() {
	mkdb app.db --journal delete --rows 3000
	make_repository
	snapshot app.db
	ask app.db 'PRAGMA user_version = 3'
	snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
	[ "$(json_of snapshot spooled)" = false ] || fail "all of it was spooled"
	comes_back app.db "$id" "$(sha256sum <app.db | cut -d' ' -f1)"
}

scenario_a_restored_database_goes_on() {
	make_repository
	local n ids=() sums=()
	for n in 1 2 3 4; do
		churn app.db $n
		snapshot app.db
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	run litesafe restore app.db --snapshot "${ids[1]}" --to app.db --replace
	expect_exit 0
	snapshot app.db
	[ "$kind" = increment ] || fail "the history does not go on"
	comes_back app.db "$id" "${sums[1]}"
	comes_back app.db "${ids[3]}" "${sums[3]}"
}

# --- whose set it is ---------------------------------------------------------

scenario_another_database_of_the_same_name() {
	mkdir a b
	mkdb a/app.db --rows 50
	mkdb b/app.db --rows 60
	make_repository
	snapshot a/app.db
	local before
	before=$(fingerprint R)
	run litesafe backup b/app.db
	refused 12 "'app.db'" "$PWD/a/app.db" "$PWD/b/app.db"
	expect_err '--set'
	[ "$(fingerprint R)" = "$before" ] || fail "the repository changed"
	snapshot b/app.db --set b/app.db
	[ "$kind" = full ] || fail "it is an $kind"
	expect_files R README.txt litesafe-repository.json litesafe-reserve \
		app.db b
	snapshot a/app.db
	[ "$kind" = increment ] || fail "it is a $kind"
}

# Through a link it is the same database.
scenario_a_symlink_means_what_it_leads_to() {
	mkdir real
	mkdb real/app.db
	ln -s real/app.db app.db
	make_repository
	snapshot real/app.db
	snapshot app.db
	[ "$kind" = increment ] || fail "it is a $kind"
}

# --- when a full is due ------------------------------------------------------

scenario_full_when_asked_or_due() {
	mkdb app.db --rows 3000
	make_repository
	snapshot app.db
	[ "$(json_of snapshot full_because)" = 'it is the first of its set' ] ||
		fail "it says: $(json_of snapshot full_because)"
	snapshot app.db --full
	[ "$kind" = full ] || fail "it is an $kind"
	snapshot app.db --full-every 1h
	[ "$kind" = increment ] || fail "it is a $kind"
	sleep 1
	snapshot app.db --full-every 1s
	[ "$kind" = full ] || fail "it is an $kind"
}

scenario_full_when_the_increments_outgrow_it() {
	mkdb app.db --rows 3000
	make_repository
	snapshot app.db
	local n fulls=0
	for ((n = 0; n < 8 && fulls == 0; n++)); do
		ask app.db 'UPDATE item SET name = hex(randomblob(40))'
		snapshot app.db
		[ "$kind" = increment ] || fulls=1
	done
	[ $fulls = 1 ] || fail "no new full after $n increments of everything"
	comes_back app.db "$id" "$(settled app.db)"
}

# --- the memory of this machine ----------------------------------------------

scenario_a_lost_or_wrong_memory_costs_nothing() {
	make_repository
	local n
	for n in 1 2 3; do
		churn app.db $n
		snapshot app.db
	done
	local sums
	sums=$(find S -name sums)
	rm -r S
	churn app.db 4
	snapshot app.db
	[ "$kind" = increment ] || fail "without its state it is a $kind"
	comes_back app.db "$id" "$(settled app.db)"

	head -c 1000 /dev/urandom >"$sums"
	churn app.db 5
	snapshot app.db
	[ "$kind" = increment ] || fail "with a wrong state it is a $kind"
	comes_back app.db "$id" "$(settled app.db)"

	flip "$sums" bit 100
	churn app.db 6
	snapshot app.db
	[ "$kind" = increment ] || fail "with a damaged state it is a $kind"
	comes_back app.db "$id" "$(settled app.db)"
}

# Two machines, one after the other, on one set.
scenario_another_machine_goes_on() {
	make_repository
	local n
	for n in 1 2 3 4 5 6; do
		churn app.db $n
		snapshot app.db --state "$PWD/S$((n % 2))"
		[ $n = 1 ] || [ "$kind" = increment ] || fail "it is a $kind"
		comes_back app.db "$id" "$(settled app.db)"
	done
}

scenario_a_state_that_cannot_be_written() {
	mkdb app.db
	make_repository
	echo a file >S
	run litesafe backup app.db
	expect_exit 0
	expect_err 'litesafe: warning: '
	run litesafe backup app.db
	expect_exit 0
	expect_out 'increment backup'
}

# --- damage on the way -------------------------------------------------------

scenario_a_damaged_parent_makes_a_new_full() {
	mkdb app.db --rows 3000
	make_repository
	snapshot app.db
	local archive
	archive=$(archive_of "$id")
	truncate -s -1 "$archive"
	run litesafe backup app.db --json
	expect_exit 0
	expect_err 'litesafe: warning: '
	[ "$(json_of snapshot kind)" = full ] || fail "built on a damaged parent"
	comes_back app.db "$(json_of snapshot id)" "$(settled app.db)"
}

# Sums that are remembered hide the damage, until verify has seen it.
scenario_what_verify_found_damaged_is_not_built_on() {
	mkdb app.db --rows 3000
	make_repository
	snapshot app.db
	local first=$id
	flip "$(archive_of "$first")" bit 9000
	run litesafe backup app.db --verify restore
	refused 4 "$(basename "$(archive_of "$first")")" '--full'
	run litesafe verify
	expect_exit 4
	ask app.db 'CREATE TABLE more (x)'
	snapshot app.db --skip-unchanged
	expect_err "found snapshot $first damaged"
	[ "$kind" = full ] || fail "it was built on what is damaged"
	comes_back app.db "$id" "$(settled app.db)"
	ask app.db 'DROP TABLE more'
	snapshot app.db
	[ "$kind" = increment ] || fail "the new full is not built on"
	comes_back app.db "$id" "$(settled app.db)"
}

# What verify found damaged keeps nothing else from being kept.
scenario_prune_keeps_what_restores() {
	mkdb app.db --rows 3000
	make_repository
	snapshot app.db
	local good=$id sum each
	sum=$(settled app.db)
	for each in 1 2 3 4; do
		snapshot app.db "$([ $each = 1 ] && echo --full || echo -q)"
		[ $each != 1 ] || flip "$(archive_of "$id")" bit 3000
	done
	run litesafe verify
	expect_exit 4
	run litesafe prune app.db --keep-last 1 --grace 0
	expect_exit 0
	comes_back app.db "$good" "$sum"
}

# --- no room -----------------------------------------------------------------

scenario_a_full_disk_leaves_the_repository_as_it_was() {
	small_disk disk 12m
	mkdb app.db --bytes 4000000
	run litesafe init -r disk/R
	expect_exit 0
	export LITESAFE_REPOSITORY=$PWD/disk/R LITESAFE_STATE=$PWD/S
	snapshot app.db
	local first=$id before sum
	sum=$(settled app.db)
	before=$(fingerprint disk/R)
	ask app.db 'CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
		SELECT i + 1 FROM n WHERE i < 1000) SELECT randomblob(12000) FROM n'
	run litesafe backup app.db
	refused 9 "$PWD/disk/R"
	[ "$(fingerprint disk/R)" = "$before" ] || fail "the repository changed"
	run litesafe backup app.db --full
	expect_exit 9
	[ "$(fingerprint disk/R)" = "$before" ] || fail "the repository changed"
	comes_back app.db "$first" "$sum"
}

# --- without litesafe --------------------------------------------------------

# The script of README.txt, exactly as it stands there.
cut_script() {
	sed -n '/^# ---- begin/,/^# ---- end/p' R/README.txt >rescue.py
	[ -s rescue.py ] || fail "README.txt has no script between its marks"
	[ "$(grep -vc '^# ----' rescue.py)" -le 30 ] || fail "the script is too long"
}

scenario_the_script_of_the_readme_restores_all() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	make_repository
	local n ids=() sums=()
	for ((n = 1; n <= 12; n++)); do
		churn app.db $((n * 7))
		snapshot app.db
		ids+=("$id")
		sums+=("$(settled app.db)")
	done
	cut_script
	for n in "${!ids[@]}"; do
		rm -f rescued.db
		run python3 rescue.py R/app.db/*-"${ids[n]:0:8}".json rescued.db
		expect_exit 0
		[ "$(sha256sum <rescued.db | cut -d' ' -f1)" = "${sums[n]}" ] ||
			fail "the script makes other bytes of snapshot ${ids[n]}"
	done
	# And says so when the bytes are not right.
	flip "$(archive_of "${ids[3]}")" bit 300
	run python3 rescue.py R/app.db/*-"${ids[3]:0:8}".json bad.db
	[ "$status" != 0 ] || fail "the script takes damage for a database"
}

scenario_increments_are_ordinary_tar_files() {
	make_repository
	churn app.db 1
	snapshot app.db
	churn app.db 2
	churn app.db 3
	snapshot app.db
	local archive
	archive=$(archive_of "$id")
	mkdir gnu bsd
	run tar --zstd -xf "$archive" -C gnu
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "GNU tar is not content"
	run bsdtar -xf "$archive" -C bsd
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "bsdtar is not content"
	expect_files gnu .litesafe app.db.pages litesafe.json
	cmp gnu/app.db.pages bsd/app.db.pages
	settled app.db >/dev/null
	[ "$(stat -c %s gnu/app.db.pages)" = "$(stat -c %s app.db)" ] ||
		fail "the pages are not as large as the image"
	# The files that are stored are the ones that the manifest sums.
	[ "$(sha256sum <"$archive" | cut -d' ' -f1)" = \
		"$(grep -o '"archive_sha256":"[0-9a-f]*"' "${archive%.tar.zst}.json" |
			cut -d'"' -f4)" ] || fail "archive_sha256 is another"
}
