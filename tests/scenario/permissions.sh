# Who may back up whose database: by the modes of database and folder, the side
# files that are there, and the user.  Whatever the answer is, it is the right
# one, the application can write as before, and the folder is as it was, names,
# owners, modes and bytes.
#
# The application is user 4001 of group 4001.  The one who backs up is root, the
# application's user, a mate of its group, or a stranger.
#
# shellcheck shell=bash disable=SC2154

readonly app=4001
users=(root owner mate stranger)

# as USER COMMAND...
as() {
	local user=$1
	shift
	case $user in
	root) "$@" ;;
	owner) as_user $app $app "$@" ;;
	mate) as_user 4002 $app "$@" ;;
	stranger) as_user 4003 4003 "$@" ;;
	esac
}

begin() {
	need_root
	setpriv --reuid=$app --regid=$app --clear-groups true ||
		skip "setpriv cannot become another user here"
	export HOME=/
	chmod 755 .
	mkdir -m 1777 out
}

# make_database SIDE MODE FOLDER_MODE: app/app.db of 300 rows, of which 100 are
# only in the -wal where there is one.
#
#   none     nobody has it open, and its last user has cleaned up
#   alive    the application has it open: a connection that writes when told
#   dead     the application was killed: -wal and -shm are left
#   wal      the same, and the -shm is lost
make_database() {
	local side=$1
	rm -rf app
	mkdir -m 700 app
	chown $app:$app app
	as owner "$SUPPORT/mkdb" app/app.db --rows 200 --journal "$journal"
	# Side files get the mode of the database; a read-only one comes later.
	[ "$2" = 444 ] || chmod "$2" app/app.db
	start_application
	tell_application "BEGIN; INSERT INTO item(name) SELECT 'more'
		FROM item LIMIT 100; COMMIT;"
	case $side in
	none) end_application TERM ;;
	dead) end_application KILL ;;
	wal)
		end_application KILL
		rm app/app.db-shm
		;;
	esac
	chmod "$2" app/app.db*
	chmod "$3" app
}

# The application: the sqlite3 of user 4001, which says "done" to each line.
# No checkpoint, so that its commits stay in the -wal.
start_application() {
	coproc APPLICATION { exec setpriv --reuid=$app --regid=$app \
		--clear-groups sqlite3 -batch app/app.db 2>&1; }
	application=$!
	tell_application 'PRAGMA wal_autocheckpoint=0;'
}

tell_application() {
	local line
	printf '%s\n.print done\n' "$*" >&"${APPLICATION[1]}"
	while read -r -t 20 line <&"${APPLICATION[0]}"; do
		case $line in
		done) return ;;
		*[Ee]rror*) fail "the application: $line" ;;
		esac
	done
	fail "the application does not answer"
}

# end_application TERM|KILL: in good order, or not.
end_application() {
	local input=${APPLICATION[1]}
	[ "$1" = TERM ] || kill -KILL "$application"
	exec {input}>&-
	wait "$application" 2>/dev/null || [ "$1" = KILL ] ||
		fail "the application ended badly"
	application=
}

# may USER LETTER FILE: r, w or x, by owner and mode.
may() {
	as "$1" test "-$2" "$3"
}

# The answer that is right: sets $wanted and $words.
expected() {
	local user=$1 side=$2 missing=no
	wanted=0
	words=
	case $side in
	none | wal) [ "$journal" != WAL ] || missing=yes ;;
	esac
	if ! may "$user" x app || ! may "$user" r app/app.db; then
		wanted=11
		words='ermission denied'
	elif [ $missing = yes ]; then
		if ! may "$user" w app; then
			wanted=11
			words='missing and cannot be made'
		elif [ "$user" != root ] && [ "$user" != owner ]; then
			wanted=12
			words='could not write to its database any more'
		elif ! may "$user" w app/app.db; then
			wanted=12
			words='could not be removed again'
		fi
	fi
}

# A -shm may get new read marks, or be built anew from the -wal.
picture() {
	(cd app && find . -printf '%p %y %u:%g %m %s %n\n' | sort &&
		find . -type f ! -name '*-shm' -exec sha256sum {} + | sort)
}

# cell USER SIDE MODE FOLDER_MODE
cell() {
	local user=$1 side=$2 before
	label="$journal, $side, database $3, folder $4, as $user"
	make_database "$side" "$3" "$4"
	expected "$user" "$side"
	before=$(picture)
	run as "$user" "$LITESAFE" backup app/app.db -o out/a.tar.zst
	[ "$status" = "$wanted" ] || fail "$label: $status, not $wanted"
	[ "$(picture)" = "$before" ] || fail "$label: the folder changed:
$before
--
$(picture)"
	if [ "$wanted" = 0 ]; then
		all_there
	else
		refused "$wanted" "app.db" "$words"
		expect_files out
	fi
	application_works "$side"
	counted=$((counted + 1))
}

all_there() {
	run litesafe restore out/a.tar.zst --to out/new.db --check none
	expect_exit 0
	[ "$(ask out/new.db 'SELECT count(*) FROM item')" = 300 ] ||
		fail "$label: rows are missing"
	rm out/*
}

# Where it could before, it can now: the one that has it open all the time, and
# one that comes anew.
application_works() {
	[ "$1" != alive ] || {
		tell_application "INSERT INTO item(name) VALUES('after');"
		end_application KILL
	}
	may owner w app/app.db || return 0
	as owner sqlite3 -batch -bail app/app.db \
		"INSERT INTO item(name) VALUES('again')" >"$LOGS/app" 2>&1 ||
		fail "$label: the application: $(cat "$LOGS/app")"
}

# Database and folder, from private to open to all, and read-only ones.
modes=('600 700' '640 750' '660 770' '644 755' '664 775' '666 777' '644 777'
	'444 755' '644 1777')

all_cells() {
	local user side mode
	begin
	counted=0
	for mode in "${modes[@]}"; do
		for side in "$@"; do
			for user in "${users[@]}"; do
				# shellcheck disable=SC2086 # two modes
				cell $user $side $mode
			done
		done
	done
	[ $counted = $((${#modes[@]} * $# * ${#users[@]})) ]
}

scenario_wal() {
	journal=WAL
	all_cells none alive dead wal
}

scenario_rollback() {
	journal=DELETE
	all_cells none alive
}

# In a container root may lack the right to give files away.
scenario_root_that_cannot_give_files_away() {
	begin
	journal=WAL
	local side
	for side in none wal; do
		make_database $side 644 755
		before=$(picture)
		run setpriv --bounding-set=-chown \
			"$LITESAFE" backup app/app.db -o out/a.tar.zst
		refused 12 app.db CAP_CHOWN
		[ "$(picture)" = "$before" ] || fail "the folder changed"
		label=$side
		application_works $side
	done
	make_database alive 644 755
	run setpriv --bounding-set=-chown \
		"$LITESAFE" backup app/app.db -o out/a.tar.zst
	expect_exit 0
	all_there
	application_works alive
}

# Where root's own folder holds another user's database, that user cannot make
# side files, but must be able to use those that root makes.
scenario_a_database_in_roots_folder() {
	begin
	journal=WAL
	local before
	make_database none 644 755
	chown 0:0 app
	before=$(picture)
	run litesafe backup app/app.db -o out/a.tar.zst
	expect_exit 0
	[ "$(picture)" = "$before" ] || fail "the folder changed"
	make_database wal 644 755
	chown 0:0 app
	run litesafe backup app/app.db -o out/b.tar.zst
	expect_exit 0
	[ "$(stat -c %u:%g app/app.db-wal)" = $app:$app ]
	[ ! -e app/app.db-shm ] || [ "$(stat -c %u:%g app/app.db-shm)" = $app:$app ]
}

# open_and_close: the application makes its side files and takes them away, as
# often as it can, until told to stop.
open_and_close() {
	while [ ! -e stop ]; do
		as owner sqlite3 -batch -bail -cmd '.timeout 10000' app/app.db \
			"INSERT INTO item(name) VALUES('again')" || return
	done
}

# They may vanish between our look and SQLite's: whoever we are, what then comes
# into being does not lock the application out.
scenario_an_application_that_comes_and_goes() {
	begin
	journal=WAL
	make_database none 664 777
	open_and_close >"$LOGS/app" 2>&1 &
	local busy=$! n user good=0
	for ((n = 0; n < 15; n++)); do
		for user in root owner mate stranger; do
			run as $user "$LITESAFE" backup app/app.db \
				-o out/$n-$user --verify none
			expect_exit 0 12
			[ "$status" = 12 ] || good=$((good + 1))
		done
	done
	touch stop
	wait $busy || fail "the application: $(cat "$LOGS/app")"
	[ $good -gt 15 ] || fail "only $good backups"
	[ -z "$(find app ! -user $app)" ] || fail "files of others were left"
	application_works none
}
