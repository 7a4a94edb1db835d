#!/bin/bash
# Makes a golden repository of a set of several databases, as make.sh does of
# single ones.
#
# usage: make_sets.sh FOLDER    (LITESAFE and SUPPORT as for make.sh)
#
# FOLDER gets repository/, an archive of its own shop.tar.zst, and states.txt:
# for each snapshot its set, its id, and a database in it with its SHA-256.
set -eu
export LC_ALL=C

folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$folder"
folder=$(cd "$folder" && pwd)
"$LITESAFE" init -q -r "$folder/repository"
rm -f "$folder/repository/litesafe-reserve"
cd "$work"

change() {
	"$SUPPORT/churn" "$1" "$2" --bytes 40000 >/dev/null
}

# take DATABASE...: a snapshot, and a line about each database in it.
take() {
	local id each
	id=$("$LITESAFE" backup "$@" --set shop -r "$folder/repository" \
		--state "$work/state" --json 2>/dev/null |
		grep -o '"id":"[0-9a-f]*"' | head -1 | cut -d'"' -f4)
	for each; do
		sqlite3 "$each" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
		echo "shop $id $each $(sha256sum <"$each" | cut -d' ' -f1)" \
			>>"$folder/states.txt"
	done
}

# Two WAL databases, and one with a rollback journal and another page size.
change a.db 1
change b.db 2
"$SUPPORT/mkdb" c.db --page-size 1024 --journal delete --rows 30
take a.db b.db c.db
change b.db 3
take a.db b.db c.db
# One that joins, with a name that is not ASCII; one that leaves.
"$SUPPORT/mkdb" 'Übersicht.db' --page-size 512 --rows 20
take a.db b.db c.db 'Übersicht.db'
sqlite3 'Übersicht.db' 'PRAGMA user_version = 5'
change a.db 4
take a.db c.db 'Übersicht.db'
# Another page size, in the middle of a chain.
sqlite3 c.db 'PRAGMA page_size = 2048; VACUUM'
take a.db c.db 'Übersicht.db'
take a.db c.db 'Übersicht.db'

"$LITESAFE" export -q -r "$folder/repository" shop latest \
	-o "$folder/shop.tar.zst"
