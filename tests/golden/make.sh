#!/bin/bash
# Makes a golden repository: what this version of litesafe stores, to be
# restored by every later one.
#
# usage: make.sh FOLDER      (LITESAFE and SUPPORT as for tests/scenario/run.sh)
#
# FOLDER gets a repository, repository/, and states.txt: for each snapshot its
# set, its id and the SHA-256 of the database that it is of.  Once for each
# format; what is stored here is never made anew.
set -eu
export LC_ALL=C

folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$folder"
folder=$(cd "$folder" && pwd)
"$LITESAFE" init -q -r "$folder/repository"
# Space for a prune of a full disk: no part of the format.
rm -f "$folder/repository/litesafe-reserve"
cd "$work"

# take DATABASE [OPTION...]: a snapshot, and a line about it.
take() {
	local id
	id=$("$LITESAFE" backup "$@" -r "$folder/repository" --state "$work/state" \
		--json | grep -o '"id":"[0-9a-f]*"' | head -1 | cut -d'"' -f4)
	sqlite3 "$1" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	echo "$1 $id $(sha256sum <"$1" | cut -d' ' -f1)" >>"$folder/states.txt"
}

# A WAL database, two chains: growth, change, nothing, vacuum.
for seed in 1 2 3 6 8 30 11; do
	"$SUPPORT/churn" app.db $seed --bytes 300000 >/dev/null
	take app.db
done
take app.db
take app.db --full
"$SUPPORT/churn" app.db 17 --bytes 300000 >/dev/null
take app.db

# A rollback-journal one with small pages and another encoding; and a name that
# is not ASCII.
"$SUPPORT/mkdb" 'Übersicht.db' --page-size 512 --journal delete \
	--encoding UTF-16be --rows 40
take 'Übersicht.db'
sqlite3 'Übersicht.db' 'PRAGMA user_version = 5'
take 'Übersicht.db'
