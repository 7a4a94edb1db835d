# Databases that stand still: copies, read-only media, snapshots of filesystems
# that are taken while a writer works.  Every commit comes back, and not a byte
# changes where they lie.
# shellcheck shell=bash disable=SC2154,SC2034

# saved_frozen PATH: backed up with --frozen and restored as new.db; what lies
# beside it is as it was.
saved_frozen() {
	local before folder
	folder=$(dirname "$1")
	before=$(fingerprint "$folder")
	rm -f a.tar.zst new.db
	run litesafe backup "$1" --frozen -o a.tar.zst
	expect_exit 0
	[ "$(fingerprint "$folder")" = "$before" ] || fail "'$folder' changed"
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
}

# taken_in DATABASE: as ref.db, what SQLite makes of a copy.
taken_in() {
	local suffix
	rm -f ref.db*
	for suffix in '' -wal; do
		[ ! -e "$1$suffix" ] || cp "$1$suffix" "ref.db$suffix"
	done
	ask ref.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f ref.db-wal ref.db-shm
}

# dead_application: app/app.db, with commits that are only in the -wal.
dead_application() {
	mkdir app
	start_writer app/app.db --journal wal --rate 400
	sleep 0.3
	kill_writers
	[ -s app/app.db-wal ] || fail "there is no -wal"
}

scenario_copy_of_a_dead_application() {
	dead_application
	mkdir copy
	cp -a app/app.db app/app.db-wal copy
	taken_in copy/app.db
	saved_frozen copy/app.db
	same_pages ref.db new.db
	ledger_is_right new.db
	# With a -shm of the same moment, and with one of another moment.
	cp -a app/app.db-shm copy
	saved_frozen copy/app.db
	same_pages ref.db new.db
	head -c 65536 /dev/urandom >copy/app.db-shm
	saved_frozen copy/app.db
	same_pages ref.db new.db
}

# Without its -wal the copy is an older state, and whole as such.
scenario_copy_without_its_wal() {
	mkdir copy
	mkdb copy/app.db --rows 300
	saved_frozen copy/app.db
	cmp copy/app.db new.db
}

# A disk, a DVD, a snapshot: neither a -shm nor anything else can be made.
scenario_read_only_filesystem() {
	dead_application
	small_disk disk 20m
	cp -a app/app.db app/app.db-wal disk
	mkdb disk/clean.db
	mount -o remount,ro disk 2>/dev/null || skip "cannot remount read-only"
	taken_in disk/app.db
	run litesafe backup disk/app.db -o a.tar.zst
	refused 11 app.db 'Read-only file system' --frozen
	saved_frozen disk/app.db
	same_pages ref.db new.db
	run litesafe backup disk/clean.db -o a2.tar.zst
	refused 11 clean.db 'Read-only file system' --frozen
	saved_frozen disk/clean.db
	cmp disk/clean.db new.db
}

# Whose it is and who may write does not matter, only who may read.
scenario_of_a_user_who_is_not_here() {
	need_root
	dead_application
	chown -R 4001:4001 app
	rm app/app.db-shm
	chmod 444 app/app.db*
	chmod 555 app
	chmod 777 .
	taken_in app/app.db
	local before
	before=$(fingerprint app)
	run as_nobody "$LITESAFE" backup app/app.db --frozen -o a.tar.zst
	expect_exit 0
	[ "$(fingerprint app)" = "$before" ] || fail "the folder changed"
	run litesafe restore a.tar.zst --to new.db
	expect_exit 0
	same_pages ref.db new.db
}

scenario_squashfs() {
	need_root
	command -v mksquashfs >/dev/null || skip "mksquashfs is not installed"
	dead_application
	rm app/app.db-shm
	taken_in app/app.db
	mksquashfs app image -quiet >"$LOGS/mksquashfs" 2>&1
	mount_image image squash -t squashfs -o ro
	saved_frozen squash/app.db
	same_pages ref.db new.db
}

# mount_image FILE FOLDER OPTION...
mount_image() {
	local image=$1 folder=$2
	shift 2
	mkdir "$folder"
	mount "$@" -o loop "$image" "$folder" 2>"$LOGS/mount" ||
		skip "cannot mount it: $(tail -1 "$LOGS/mount")"
	mounts+=("$PWD/$folder")
}

# A filesystem that makes snapshots: disk, with the subvolume disk/app.
make_btrfs() {
	need_root
	command -v mkfs.btrfs >/dev/null || skip "btrfs-progs are not installed"
	need_space 200
	truncate -s 120M image
	mkfs.btrfs -q image >"$LOGS/mkfs" 2>&1
	mount_image image disk -t btrfs
	btrfs -q subvolume create disk/app
}

# The writer never stops, and holds locks on files that have the numbers of
# those in the snapshot.
scenario_btrfs_snapshots_of_a_busy_database() {
	make_btrfs
	start_writer disk/app/app.db --journal wal --rate 300
	make_repository
	local n commits last=0
	for n in 1 2 3 4 5; do
		btrfs -q subvolume snapshot -r disk/app disk/snapshot
		saved_frozen disk/snapshot/app.db
		ledger_is_right new.db
		commits=$(commits_in new.db)
		[ "$commits" -gt "$last" ] || fail "$commits commits, then $last"
		last=$commits
		# Always mounted in the same place: one history.
		run litesafe backup disk/snapshot/app.db --frozen
		expect_exit 0
		btrfs -q subvolume delete disk/snapshot >/dev/null
	done
	run litesafe list app.db
	[ "$(grep -c . "$LOGS/out")" = 5 ] || fail "not one history"
	run litesafe restore app.db --to history.db
	expect_exit 0
	ledger_is_right history.db
	[ "$(commits_in history.db)" = "$last" ] || fail "another state"
	# The original is not frozen.
	run litesafe backup disk/app/app.db --frozen -o b.tar.zst
	refused 12 'is not frozen' "process ${writers[0]} (writer)"
	stop_writers
}

# The same for a snapshot in rollback mode: whole, or with a hot journal.
scenario_btrfs_snapshots_in_rollback_mode() {
	make_btrfs
	start_writer disk/app/app.db --journal delete --rate 300
	local n before
	for n in 1 2 3 4 5 6 7 8; do
		btrfs -q subvolume snapshot -r disk/app disk/snapshot
		before=$(fingerprint disk/snapshot)
		rm -f a.tar.zst new.db
		run litesafe backup disk/snapshot/app.db --frozen -o a.tar.zst
		expect_exit 0 11
		[ "$(fingerprint disk/snapshot)" = "$before" ] || fail "changed"
		if [ "$status" = 11 ]; then
			refused 11 'its -journal' 'back up the copy'
			# The advice is a cure.
			mkdir -p copy
			cp disk/snapshot/app.db* copy
			ask copy/app.db 'PRAGMA schema_version' >/dev/null
			saved_frozen copy/app.db
			rm -r copy
		else
			run litesafe restore a.tar.zst --to new.db
			expect_exit 0
		fi
		ledger_is_right new.db
		btrfs -q subvolume delete disk/snapshot >/dev/null
	done
	stop_writers
}

scenario_not_frozen_at_all() {
	mkdir app
	local journal
	for journal in wal delete; do
		rm -f app/*
		start_writer app/app.db --journal $journal --rate 50
		run litesafe backup app/app.db --frozen -o a.tar.zst
		refused 12 'is not frozen' "process ${writers[0]} (writer)" \
			'without --frozen'
		expect_files . app
		# The advice is a cure.
		run litesafe backup app/app.db -o a.tar.zst
		expect_exit 0
		stop_writers
		rm a.tar.zst
	done
}

# Somebody who comes, commits and goes, again and again: he is seen, or he was
# not there while the pages were read.
scenario_an_application_that_comes_and_goes() {
	mkdb app.db --rows 10 --bytes 30000000 --journal delete
	ask app.db 'CREATE TABLE twin(a, b); INSERT INTO twin VALUES(0, 0)'
	(
		while [ ! -e stop ]; do
			ask app.db 'BEGIN; UPDATE twin SET a = a + 1;
				UPDATE item SET name = name
				WHERE id IN (SELECT max(id) FROM item);
				UPDATE twin SET b = b + 1; COMMIT'
			sleep 0.01
		done
	) &
	local n seen=0 comer=$!
	for n in 1 2 3 4 5 6 7 8; do
		rm -f a.tar.zst new.db
		run litesafe backup app.db --frozen -o a.tar.zst --verify none
		expect_exit 0 11 12
		if [ "$status" != 0 ]; then
			seen=$((seen + 1))
			continue
		fi
		run litesafe restore a.tar.zst --to new.db
		expect_exit 0
		[ "$(ask new.db 'SELECT a = b FROM twin')" = 1 ] || fail torn
	done
	touch stop
	wait $comer
	[ $seen -gt 0 ] || fail "nobody was seen"
}
