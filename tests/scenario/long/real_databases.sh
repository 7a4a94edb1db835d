# Databases that no one here wrote: PROJ's, GeoPackages, calibre's, a Fossil
# repository.
#
# They come out of Debian packages, which are unpacked below build/packages and
# not installed (proj-data and fossil are taken from the system where they
# are).  A package that cannot be had is a reason to skip, not to pass.
#
# shellcheck shell=bash disable=SC2154

project=$(cd "$here/../.." && pwd)
packages=$project/build/packages

# unpack PACKAGE: its files into $packages/PACKAGE, once.
unpack() {
	[ ! -d "$packages/$1" ] || return 0
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
		skip "there is no apt-get here to fetch package '$1' with"
	rm -rf "$packages/$1.new"
	mkdir -p "$packages/$1.new"
	(cd "$packages/$1.new" && fetch "$1" && dpkg-deb -x ./*.deb . &&
		rm ./*.deb) >"$LOGS/apt" 2>&1 ||
		skip "package '$1' cannot be had: $(grep -v '^W:' "$LOGS/apt" |
			tail -1)"
	mv "$packages/$1.new" "$packages/$1"
}

# A machine without package lists gets some of its own here; those of the
# system are not touched.
fetch() {
	local own=()
	apt-cache show "$1" >/dev/null 2>&1 || own=(-o
		"Dir::State::lists=$packages/lists")
	set -- -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 \
		-o APT::Sandbox::User=root "${own[@]}" "$1"
	if [ ${#own[@]} != 0 ]; then
		mkdir -p "$packages/lists/partial"
		apt-get update -o APT::Update::Error-Mode=any "${@:1:$#-1}" ||
			return
	fi
	apt-get download "$@"
}

# find_file PACKAGE PATH: the installed file, or that of the unpacked package,
# as $file.
find_file() {
	file=/$2
	[ ! -e "$file" ] || return 0
	unpack "$1"
	file=$packages/$1/$2
	[ -e "$file" ] || skip "package '$1' has no '/$2'"
}

# there_and_back FILE [ANSWER]: a copy of it, saved, verified, restored.
there_and_back() {
	rm -rf ./*
	cp "$1" real.db
	chmod 644 real.db
	local before each
	before=$(sha256sum real.db)
	run litesafe backup real.db -o a.tar.zst
	expect_exit 0
	[ "$(sha256sum real.db)" = "$before" ] || fail "the source changed"
	for each in quick full; do
		run litesafe verify a.tar.zst --check $each --json
		expect_exit 0
		expect_out "\"result\":\"${2:-ok}\""
	done
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	cmp real.db new.db
	expect_files . real.db a.tar.zst new.db
}

# sqlite_says FILE SQL TEXT: what an application would see.
sqlite_says() {
	local answer
	answer=$(ask "$1" "$2" | tr '\n' ' ')
	[ "$answer" = "$3 " ] || fail "'$1': $2: $answer"
}

scenario_proj() {
	find_file proj-data usr/share/proj/proj.db
	there_and_back "$file"
	sqlite_says new.db 'PRAGMA integrity_check; PRAGMA foreign_key_check;
		SELECT count(*) > 1000 FROM crs_view' 'ok 1'
}

# Where nobody but root may write, and so no side file can be made.
scenario_proj_where_it_is_installed() {
	need_root
	find_file proj-data usr/share/proj/proj.db
	local before folder
	folder=$(dirname "$file")
	before=$(fingerprint "$folder")
	mkdir -m 777 out
	run as_nobody "$LITESAFE" backup "$file" -o out/a.tar.zst
	expect_exit 0
	run as_nobody "$LITESAFE" restore out/a.tar.zst --to out/new.db
	expect_exit 0
	cmp "$file" out/new.db
	expect_files out a.tar.zst new.db
	[ "$(fingerprint "$folder")" = "$before" ] ||
		fail "'$folder' changed"
}

# R-trees, triggers that call functions of GDAL (ST_MinX, ST_IsEmpty, ...), and
# an application_id that makes them what they are; SpatiaLite's tables.
scenario_geopackages() {
	local file folder=usr/lib/R/site-library/sf/gpkg found=0 each
	find_file r-cran-sf $folder
	for each in "$file"/*.gpkg "$file"/../sqlite/*.sqlite; do
		there_and_back "$each"
		sqlite_says new.db 'PRAGMA application_id; PRAGMA user_version' \
			"$(ask "$each" 'PRAGMA application_id;
				PRAGMA user_version' | tr '\n' ' ' |
				sed 's/ $//')"
		found=$((found + 1))
	done
	[ $found -ge 5 ] || fail "only $found databases"
	there_and_back "$file/nc.gpkg"
	# "GP10", as GeoPackage 1.0 writes it.
	sqlite_says new.db 'PRAGMA application_id' 1196437808
	run ask new.db "SELECT count(*) FROM sqlite_schema
		WHERE type = 'trigger' AND sql LIKE '%ST_MinX%'"
	[ "$(cat "$LOGS/out")" -gt 0 ] || fail "no trigger of GDAL's"
}

# calibre's library has triggers that call title_sort() and uuid4(), which only
# calibre knows.
scenario_calibre_library() {
	find_file calibre usr/share/calibre/metadata_sqlite.sql
	sqlite3 "$LOGS/calibre.db" <"$file"
	local trigger
	trigger=$(ask "$LOGS/calibre.db" "SELECT sql FROM sqlite_schema
		WHERE name = 'books_insert_trg'")
	[[ $trigger == *title_sort* ]] || fail "not the trigger we know"
	ask "$LOGS/calibre.db" "DROP TRIGGER books_insert_trg;
		INSERT INTO books(title, uuid) SELECT 'Title ' || value, value
			FROM json_each('[' || rtrim(replace(hex(zeroblob(2000)),
				'00', '1,'), ',') || ']');
		INSERT INTO annotations(book, format, user_type, user, timestamp,
			annot_id, annot_type, annot_data, searchable_text)
			SELECT id, 'EPUB', 'local', 'viewer', 0, id, 'highlight',
				'{}', 'words about ' || title FROM books;
		$trigger"
	there_and_back "$LOGS/calibre.db"
	sqlite_says new.db "PRAGMA integrity_check; SELECT count(*) FROM books;
		SELECT count(*) FROM annotations_fts('words')" 'ok 2000 2000'
}

# Its full-text search has a tokenizer that only calibre knows: the pages come
# back all the same, and verify says what it could not look at.
scenario_calibre_full_text_search() {
	find_file calibre usr/share/calibre/fts_sqlite.sql
	{
		echo "ATTACH '$LOGS/fts.db' AS fts_db;"
		sed "s/'calibre /'unicode61 /; s/'porter calibre /'porter unicode61 /" \
			"$file"
		echo "INSERT INTO books_text(book, format, timestamp,
			format_hash, searchable_text)
			VALUES(1, 'EPUB', 0, 'a', 'some words'),
			(2, 'EPUB', 0, 'b', 'other words');
			PRAGMA writable_schema=ON;
			UPDATE fts_db.sqlite_schema
			SET sql = replace(sql, 'unicode61 ', 'calibre ');"
	} | sqlite3 -bail :memory:
	there_and_back "$LOGS/fts.db" unverifiable
	run litesafe verify a.tar.zst --check full
	expect_exit 0
	expect_out "'books_fts'"
	expect_out 'no such tokenizer: calibre'
	expect_out "'books_fts_stemmed'"
	run litesafe verify a.tar.zst --check full --strict
	expect_exit 1
	# Once its tokenizer is known again, all is there.
	ask new.db "PRAGMA writable_schema=ON; UPDATE sqlite_schema
		SET sql = replace(sql, 'calibre ', 'unicode61 ')"
	sqlite_says new.db "PRAGMA integrity_check;
		SELECT count(*) FROM books_fts('words')" 'ok 2'
}

# --- a Fossil repository -----------------------------------------------------

fossil() {
	USER=tester HOME=$LOGS/home "$fossil" "$@"
}

# This project's own history, or some history, as git exports it.
some_history() {
	if [ "$(git -C "$project" rev-parse --is-shallow-repository)" = false ] &&
		git -C "$project" fast-export HEAD; then
		return
	fi 2>"$LOGS/git"
	local n work=$LOGS/git-work
	git init -q "$work"
	for ((n = 0; n < 50; n++)); do
		seq $((n * 100)) >"$work/file-$((n % 7))"
		git -C "$work" add .
		git -C "$work" -c user.name=a -c user.email=a@example.org \
			commit -q -m "commit $n"
	done
	git -C "$work" fast-export HEAD
}

import_repository() {
	command -v git >/dev/null || skip "git is not installed"
	find_file fossil usr/bin/fossil
	fossil=$file
	mkdir "$LOGS/home"
	"$fossil" version >"$LOGS/fossil" 2>&1 ||
		skip "fossil does not run here: $(tail -1 "$LOGS/fossil")"
	some_history >"$LOGS/history"
	run fossil import --git repo.fossil "$LOGS/history"
	expect_exit 0
}

scenario_fossil() {
	import_repository
	mv repo.fossil "$LOGS/repo.fossil"
	there_and_back "$LOGS/repo.fossil"
	# "Fossil repository", in the letters of its application_id.
	sqlite_says new.db 'PRAGMA integrity_check; PRAGMA application_id' \
		'ok 252006673'
	run fossil test-integrity -R new.db
	expect_exit 0
}

# Commits, one after the other, until told to stop.
commit_on() {
	cd "$LOGS/checkout" || return
	until [ -e "$LOGS/stop" ]; do
		# To fossil, a file that has not grown may well be the same.
		seq 500 >>log
		fossil add log
		fossil commit -m more --no-warnings --no-prompt
		touch "$LOGS/began"
	done >"$LOGS/committer" 2>&1
}

checkins_in() {
	ask "$1" "SELECT count(*) FROM event WHERE type = 'ci'"
}

# Until there have been some commits; each copy is whole, and of its moment.
back_up_during_commits() {
	local n count=0 before first committer
	rm -f "$LOGS/stop" "$LOGS/began"
	first=$(checkins_in repo.fossil)
	commit_on &
	committer=$!
	until [ -e "$LOGS/began" ]; do
		kill -0 $committer || fail "$(cat "$LOGS/committer")"
		sleep 0.02
	done
	for ((n = 0; n < 300 && count < first + 5; n++)); do
		rm -f a.tar.zst new.fossil
		before=$(checkins_in repo.fossil)
		run litesafe backup repo.fossil -o a.tar.zst --busy-timeout 20s
		expect_exit 0
		run litesafe restore a.tar.zst --to new.fossil --check full
		expect_exit 0
		count=$(checkins_in new.fossil)
		[ "$count" -ge "$before" ] || fail "$count check-ins of $before"
		[ "$count" -le "$(checkins_in repo.fossil)" ]
		run fossil test-integrity -R new.fossil
		expect_exit 0
	done
	[ "$count" -ge $((first + 5)) ] || fail "it does not commit"
	touch "$LOGS/stop"
	wait $committer || fail "$(tail -5 "$LOGS/committer")"
}

scenario_fossil_while_it_commits() {
	import_repository
	mkdir "$LOGS/checkout"
	(cd "$LOGS/checkout" && fossil open "$OLDPWD/repo.fossil") \
		>"$LOGS/open" 2>&1
	back_up_during_commits
	[ "$(ask repo.fossil 'PRAGMA journal_mode=WAL')" = wal ]
	back_up_during_commits
	[ "$(ask new.fossil 'PRAGMA journal_mode')" = wal ]
	run fossil test-integrity -R repo.fossil
	expect_exit 0
	expect_files . repo.fossil a.tar.zst new.fossil
}
