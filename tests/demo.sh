#!/bin/bash
# The main job where a person can watch: an application writes hundreds of
# times a second, and its database is saved meanwhile, looked into, proven and
# restored.  `make demo` runs it; nothing of it stays.
set -eu
export LC_ALL=C

B=$(cd "${B:-build/release}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/litesafe-demo.XXXXXX")
export LITESAFE_STATE=$work/state LITESAFE_CONFIG=/dev/null
application=

clean() {
	[ -z "$application" ] || kill "$application" 2>/dev/null || true
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

if [ -t 1 ]; then
	bold=$'\e[1m' plain=$'\e[0m'
else
	bold='' plain=''
fi

heading() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# Shows a command as one would type it, and runs it.
show() {
	local word line=
	for word; do
		case $word in
		*[\ \(]*) line+=" '$word'" ;;
		*) line+=" $word" ;;
		esac
	done
	printf '  $%s\n' "$line"
	"$@" 2>&1 | sed 's/^/    /'
	[ "${PIPESTATUS[0]}" = 0 ]
}

litesafe() {
	"$B/litesafe" "$@"
}

ask() {
	sqlite3 -cmd '.timeout 10000' "$@"
}

commits() {
	ask "$1" 'SELECT commits FROM writer'
}

megabytes() {
	awk -v bytes="$(stat -c %s "$1")" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'
}

# field NAME FILE: of a snapshot in one line of JSON.
field() {
	sed -nE "s/.*\"$1\": *\"?([^,\"}]*).*/\\1/p" "$2" | head -1
}

cd "$work"
mkdir app

heading "An application moves money between 200 accounts, 500 commits a second"
"$B/support/mkdb" app/ledger.db --bytes 100000000
: >writer.out
"$B/support/writer" app/ledger.db --rate 500 --grow >writer.out 2>&1 &
application=$!
for ((i = 0; i < 200; i++)); do
	! grep -q ready writer.out || break
	sleep 0.05
done
sleep 2
show ls -lh app

heading "Its database is saved while it writes"
before=$(commits app/ledger.db)
show litesafe backup app/ledger.db -o ledger.tar.zst
after=$(commits app/ledger.db)

heading "The archive is an ordinary one: tar knows it"
show tar --zstd -tvf ledger.tar.zst

heading "It is proven: every sum, and SQLite's own check of a restored copy"
show litesafe verify ledger.tar.zst

heading "It becomes a database again"
show litesafe restore ledger.tar.zst --to restored.db

heading "The ledger of the restored copy adds up: one committed state"
show sqlite3 restored.db 'SELECT count(*), sum(balance) FROM account'
show sqlite3 restored.db 'PRAGMA integrity_check'
sum=$(ask restored.db 'SELECT sum(balance) FROM account')
inside=$(commits restored.db)

heading "Every hour, for years: a repository stores what changed"
show litesafe init -r backups
show litesafe backup app/ledger.db -r backups
sleep 1
show litesafe backup app/ledger.db -r backups
sleep 1
show litesafe backup app/ledger.db -r backups
show litesafe list -r backups

heading "Each of them is proven, and comes back"
show litesafe verify -r backups --all
show litesafe restore -r backups ledger.db --at '1s ago' --to earlier.db
earlier=$(ask earlier.db 'SELECT sum(balance) FROM account')
show du -sh backups

kill -TERM "$application"
wait "$application" || {
	cat writer.out
	echo "demo: the application saw an error" >&2
	exit 1
}
application=

heading "What it cost"
litesafe show ledger.tar.zst --json >shown.json
awk -v pin="$(field pin_seconds shown.json)" \
	-v before="$(field wal_bytes_before shown.json)" \
	-v after="$(field wal_bytes_after shown.json)" 'BEGIN {
	printf "  pin time          %.0f ms: so long the snapshot was held\n",
		pin * 1000
	printf "  WAL growth        %.1f MiB meanwhile\n",
		(after - before) / 1048576
}'
printf '  database          %s\n' "$(megabytes restored.db)"
printf '  archive           %s\n' "$(megabytes ledger.tar.zst)"
printf '  application       %d commits during the backup, no error; %s\n' \
	$((after - before)) \
	"slowest of all $(field slowest_ms writer.out) ms"
printf '  state saved       after commit %d, of %d before and %d after\n' \
	"$inside" "$before" "$after"

if [ "$sum" != 200000 ] || [ "$earlier" != 200000 ] || [ "$inside" -lt "$before" ] ||
	[ "$inside" -gt "$after" ]; then
	echo "demo: the restored ledger is wrong" >&2
	exit 1
fi
