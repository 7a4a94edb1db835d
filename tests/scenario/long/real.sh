# Databases that no one here wrote.
# shellcheck shell=bash disable=SC2154

# from_package PACKAGE FILE: a file of a Debian package, installed or not, into
# $LOGS/found.
from_package() {
	rm -rf "$LOGS/deb"
	mkdir "$LOGS/deb"
	if [ ! -f "/$2" ]; then
		command -v apt-get >/dev/null || skip "no apt-get here"
		(cd "$LOGS/deb" && apt-get download -qq "$1" &&
			dpkg-deb -x ./*.deb .) >"$LOGS/apt" 2>&1 ||
			skip "package '$1' cannot be had: $(tail -1 "$LOGS/apt")"
	fi
	cp "$LOGS/deb/$2" "$LOGS/found" 2>/dev/null || cp "/$2" "$LOGS/found" ||
		skip "package '$1' has no '/$2'"
	rm -rf "$LOGS/deb"
}

# there_and_back FILE: a copy of it, saved and restored.
there_and_back() {
	cp "$1" real.db
	chmod 644 real.db
	local before
	before=$(sha256sum real.db)
	run litesafe backup real.db -o a.tar.zst
	expect_exit 0
	[ "$(sha256sum real.db)" = "$before" ] || fail "the source changed"
	run litesafe verify a.tar.zst --check full
	expect_exit 0
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	same_pages real.db new.db
	expect_files . real.db a.tar.zst new.db
}

scenario_proj() {
	from_package proj-data usr/share/proj/proj.db
	there_and_back "$LOGS/found"
}

# R-tree triggers that call functions of GDAL, and its own application_id.
scenario_geopackage() {
	from_package r-cran-sf usr/lib/R/site-library/sf/gpkg/nc.gpkg
	there_and_back "$LOGS/found"
}

# Triggers with functions of its own (title_sort, uuid4), a collation too.
scenario_calibre() {
	from_package calibre usr/share/calibre/metadata_sqlite.sql
	sqlite3 "$LOGS/calibre.db" <"$LOGS/found"
	there_and_back "$LOGS/calibre.db"
}

# Made by a program of its own, from a git history.
scenario_fossil_repository() {
	command -v fossil >/dev/null || skip "fossil is not installed"
	command -v git >/dev/null || skip "git is not installed"
	local n home=$LOGS/fossil
	mkdir "$home"
	git init -q "$home/work"
	for ((n = 0; n < 30; n++)); do
		seq $((n * 100)) >"$home/work/file-$n"
		git -C "$home/work" add .
		git -C "$home/work" -c user.name=a -c user.email=a@example.org \
			commit -q -m "commit $n"
	done
	git -C "$home/work" fast-export --all >"$home/history"
	USER=a HOME=$home fossil import --git "$home/made" "$home/history" \
		>"$home/log" 2>&1
	there_and_back "$home/made"
}
