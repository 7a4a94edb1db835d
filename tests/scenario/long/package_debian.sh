# The package in a minimal Debian: installed, used there, also by its timer under
# systemd, and removed.
#
# The minimal Debian is the machine's own release, made by debootstrap from where
# apt gets its packages here.  It is kept in build/packages/minimal for the
# scenarios of this file; the last one removes it.
#
# shellcheck shell=bash disable=SC2154,SC2031

# shellcheck source=tests/scenario/shared/package.sh
. "$here/shared/package.sh"

minimal=$packages/minimal
applications=0

# --- the minimal Debian ------------------------------------------------------

# The first source of apt here that is a whole distribution of this release.
mirror() {
	# shellcheck disable=SC2016 # its own variables
	apt-get indextargets --format '$(CREATED_BY) $(CODENAME) $(RELEASE) $(REPO_URI)' |
		awk -v release="$1" '$1 == "Packages" && $2 == release &&
			$3 == release { print $4; exit }'
}

need_minimal() {
	need_root
	need_tools debootstrap dpkg-buildpackage dh
	unshare --mount true || skip "cannot mount here"
	[ -d "$minimal" ] && return
	local release uri
	release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	uri=$(mirror "$release")
	[ -n "$uri" ] || skip "apt has no source of this release"
	rm -rf "$minimal.part"
	mkdir -p "$packages"
	debootstrap --variant=minbase "$release" "$minimal.part" "$uri" \
		>"$LOGS/debootstrap" 2>&1 || {
		rm -rf "$minimal.part"
		! grep -q 'Failed getting release' "$LOGS/debootstrap" ||
			skip "the mirror of apt cannot be reached"
		tail "$LOGS/debootstrap"
		fail "debootstrap"
	}
	cp /etc/resolv.conf "$minimal.part/etc/resolv.conf"
	mv "$minimal.part" "$minimal"
}

need_package() {
	package=("$packages"/litesafe_*.deb)
	[ -e "${package[0]}" ] && [ -z "$(find "$LITESAFE" "$top/packaging" \
		"$top/Makefile" -newer "${package[0]}")" ] || {
		DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
			quietly 'make deb' make_in "$top" deb
		package=("$packages"/litesafe_*.deb)
	}
}

# debian: a copy in ./root, with the package in its /root.
make_debian() {
	need_minimal
	need_package
	cp -a "$minimal" root
	cp "${package[0]}" root/root/litesafe.deb
	mount -t proc proc root/proc
	mounts+=("$PWD/root/proc")
}

inside() {
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive chroot root "$@"
}

apt() {
	quietly "apt-get $*" inside apt-get -y -q --no-install-recommends "$@"
}

# whole: all that is there, but for what apt, dpkg and ldconfig remember.
whole() {
	(cd root && find . -xdev \( -path ./proc -o -path ./var/lib/apt \
		-o -path ./var/lib/dpkg -o -path ./var/cache -o -path ./var/log \
		-o -path ./root/litesafe.deb -o -path ./tmp \) -prune \
		-o -printf '%p %y %u:%g %m %l ' \
		-a \( -type f -exec sha256sum {} \; -o -printf '\n' \) | sort)
}

scenario_installed_used_and_removed_in_a_minimal_debian() {
	make_debian
	# What is needed stays; then the package alone comes and goes.
	apt update
	apt satisfy "$(dpkg-deb -f root/root/litesafe.deb Depends)" sqlite3 zstd
	whole >"$LOGS/before"

	apt install /root/litesafe.deb
	local each
	for each in usr/bin/litesafe usr/share/man/man1/litesafe.1.gz \
		usr/share/man/man5/litesafe.conf.5.gz etc/litesafe/litesafe.conf \
		usr/share/doc/litesafe/copyright usr/lib/litesafe/report-failure \
		usr/share/doc/litesafe/examples/cron.d \
		usr/share/bash-completion/completions/litesafe; do
		[ -e "root/$each" ] || fail "the package brought no '/$each'"
	done
	[ "$(inside dpkg --verify litesafe)" = '' ] || fail "dpkg --verify"

	# As a user of its own, as autopkgtest would.
	cp "$top/packaging/debian/tests/backup" root/tmp/backup-test
	quietly 'autopkgtest' inside setpriv --reuid=4001 --regid=4001 \
		--clear-groups /tmp/backup-test

	# By root, from the configuration that the package brought.
	inside sh -ec 'mkdir /srv/app
		sqlite3 /srv/app/app.db "PRAGMA journal_mode=WAL; CREATE TABLE t(x);
			INSERT INTO t VALUES(1)"
		litesafe init -r /var/backups/litesafe
		cat >/etc/litesafe/conf.d/app.conf <<-END
			[repository backups]
			url = /var/backups/litesafe

			[job app]
			repository = backups
			database = /srv/app/app.db
		END' >/dev/null
	run inside litesafe run app
	expect_exit 0
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ] ||
		fail "the job was not silent"
	[ -d root/var/lib/litesafe ] || fail "no state in /var/lib/litesafe"

	# Removed: configuration, state and backups stay.  Purged: backups.
	apt remove litesafe
	[ ! -e root/usr/bin/litesafe ] && [ ! -e root/usr/lib/litesafe ] &&
		[ -e root/etc/litesafe/litesafe.conf ] &&
		[ -d root/var/lib/litesafe ] || fail "removed too much or too little"
	apt install /root/litesafe.deb
	quietly 'verify' inside litesafe verify -r /var/backups/litesafe
	inside rm /etc/litesafe/conf.d/app.conf
	apt purge litesafe
	[ -d root/var/backups/litesafe/app.db ] || fail "a purge deleted backups"
	inside rm -r /var/backups/litesafe /srv/app
	whole >"$LOGS/after"
	diff "$LOGS/before" "$LOGS/after" || fail "something stayed or is gone"
}

# A repository below the state is the operator's mistake, not our licence.
scenario_a_purge_keeps_a_repository_in_the_folder_of_the_state() {
	make_debian
	apt update
	apt install /root/litesafe.deb
	inside mkdir -p /var/lib/litesafe
	quietly init inside litesafe init -r /var/lib/litesafe/mine
	apt purge litesafe
	[ -f root/var/lib/litesafe/mine/litesafe-repository.json ] ||
		fail "a purge deleted a repository"
}

# --- under systemd -----------------------------------------------------------

# boot: ./root with systemd as its first process, in namespaces of its own.
boot() {
	local i
	umount root/proc
	systemd-nspawn --quiet -D root --register=no --keep-unit --boot \
		--console=pipe --machine="litesafe-$$" \
		>"$LOGS/boot" 2>&1 </dev/null &
	nspawn=$!
	others+=("$nspawn")
	for ((i = 0; i < 120; i++)); do
		sleep 0.5
		kill -0 "$nspawn" 2>/dev/null || break
		first=$(first_process "$nspawn")
		[ -n "$first" ] || continue
		case $(booted systemctl is-system-running 2>/dev/null) in
		running | degraded) return 0 ;;
		esac
	done
	tail -5 "$LOGS/boot"
	skip "systemd does not start in a container here;" \
		"long/sandbox applies the unit's restrictions by hand"
}

first_process() {
	local child
	for child in $(ps -o pid= --ppid "$1"); do
		[ "$(ps -o comm= -p "$child")" = systemd ] && echo "$child"
	done || true
}

booted() {
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive nsenter -t "$first" -a "$@"
}

unboot() {
	booted systemctl poweroff || true
	wait "$nspawn" || true
	others=()
}

# drop_in UNIT: a part of it, from standard input.
drop_in() {
	mkdir -p "root/etc/systemd/system/$1.d"
	cat >"root/etc/systemd/system/$1.d/test.conf"
	booted systemctl daemon-reload
}

# job_done UNIT: it is started and must succeed; job_fails UNIT.
job_done() {
	booted systemctl start "$1" || {
		booted journalctl --no-pager -n 30 -u "$1"
		fail "$1 failed: $2"
	}
}

job_fails() {
	! booted systemctl start "$1" 2>/dev/null || fail "$1 did not fail: $2"
}

snapshots() {
	find root/var/backups/litesafe -name '*.tar.zst' | wc -l
}

# The application, of a user of its own: as a service, which it usually is, and
# of another name each time.
start_application() {
	local i
	application=application-$((++applications))
	booted systemd-run --quiet --collect --unit="$application" --uid=shop \
		--property=Type=exec /usr/local/bin/writer /srv/shop/app.db \
		--journal wal --rate 200
	for ((i = 0; i < 100; i++)); do
		! booted journalctl -u "$application" | grep -q ready || return 0
		sleep 0.1
	done
	fail "the application did not begin"
}

end_application() {
	local i
	booted systemctl kill --kill-whom=main --signal="$1" "$application"
	for ((i = 0; i < 100; i++)); do
		case $(booted systemctl is-active "$application") in
		active | deactivating) sleep 0.1 ;;
		*) return 0 ;;
		esac
	done
	fail "the application did not end"
}

# Nothing of another user's lies beside the database.
all_his() {
	local others
	others=$(find root/srv/shop ! -uid 4001 -o ! -gid 4001)
	[ -z "$others" ] || fail "not the application's: $others"
}

begin_systemd() {
	need_tools systemd-nspawn
	make_debian
	apt update
	apt install systemd dbus sqlite3 /root/litesafe.deb
	cp "$SUPPORT/writer" root/usr/local/bin/writer
	inside useradd --uid 4001 --user-group shop
	inside install -d -o shop -g shop /srv/shop
	inside litesafe init -r /var/backups/litesafe >/dev/null
	cat >root/etc/litesafe/conf.d/shop.conf <<-END
		[repository backups]
		url = /var/backups/litesafe

		[job shop]
		repository = backups
		database = /srv/shop/app.db
		verify = restore

		[job broken]
		repository = backups
		database = /srv/shop/none.db
	END
	boot
}

scenario_the_timer_under_systemd() {
	begin_systemd
	start_application
	booted systemd-analyze verify --man=no \
		litesafe@shop.service litesafe.service \
		litesafe@shop.timer litesafe.timer >"$LOGS/verify" 2>&1 ||
		fail "systemd-analyze verify: $(cat "$LOGS/verify")"
	! grep -q litesafe "$LOGS/verify" ||
		fail "systemd-analyze verify: $(cat "$LOGS/verify")"

	# The timer itself, every second instead of every night.
	drop_in litesafe@shop.timer <<-END
		[Timer]
		OnCalendar=*:*:*
		RandomizedDelaySec=0
		AccuracySec=1ms
	END
	booted systemctl enable --now litesafe@shop.timer 2>/dev/null
	local i
	for ((i = 0; i < 300; i++)); do
		[ "$(snapshots)" -lt 2 ] || break
		sleep 0.1
	done
	booted systemctl stop litesafe@shop.timer
	[ "$(snapshots)" -ge 2 ] || {
		booted journalctl --no-pager -n 30
		fail "the timer made no backups"
	}
	all_his

	# The sandbox is in force.
	drop_in litesafe@shop.service <<-'END'
		[Service]
		ExecStartPre=/bin/sh -c '! touch /usr/x /etc/x 2>/dev/null'
		ExecStartPre=/bin/sh -c 'grep -qx "CapEff:\t000000000008000b" /proc/self/status'
		ExecStartPre=/bin/sh -c 'grep -qx "Seccomp:\t2" /proc/self/status'
		ExecStartPre=/bin/sh -c '[ "$(ionice)" = idle ] && [ "$(nice)" = 10 ]'
	END
	job_done litesafe@shop.service 'an application at work'
	all_his

	# Nobody has it open: SQLite makes the side files, and they go again.
	end_application TERM
	fingerprint root/srv/shop >"$LOGS/before"
	job_done litesafe@shop.service 'a database that nobody has open'
	fingerprint root/srv/shop >"$LOGS/after"
	diff "$LOGS/before" "$LOGS/after" || fail "the folder was changed"

	# A dead application's -wal, with its -shm and without.
	start_application
	end_application KILL
	job_done litesafe@shop.service 'a dead application'
	rm root/srv/shop/app.db-shm
	job_done litesafe@shop.service 'a dead application without -shm'
	all_his
	start_application
	all_his
	end_application TERM

	run inside litesafe verify -r /var/backups/litesafe
	expect_exit 0
	run inside litesafe restore -r /var/backups/litesafe app.db --to /srv/back.db
	expect_exit 0
	ledger_is_right root/srv/back.db

	# A failure is mailed.
	printf '#!/bin/sh\nexec cat >/var/mail/root\n' >root/usr/sbin/sendmail
	chmod 755 root/usr/sbin/sendmail
	job_fails litesafe@broken.service 'no database'
	for ((i = 0; i < 100; i++)); do
		! grep -qs none.db root/var/mail/root || break
		sleep 0.1
	done
	grep -qs '^Subject: litesafe@broken.service failed' root/var/mail/root &&
		grep -q "none.db" root/var/mail/root || {
		cat root/var/mail/root || true
		booted journalctl --no-pager -n 20 -u 'litesafe-failure@*'
		fail "nothing was mailed"
	}
	booted systemctl reset-failed

	# Removed while its timers are at work.
	booted systemctl start litesafe@shop.timer litesafe.timer
	quietly 'apt-get purge' booted apt-get -y -q purge litesafe
	run booted systemctl list-timers
	! grep litesafe "$LOGS/out" || fail "a timer outlived its package"
	[ ! -e root/etc/systemd/system/timers.target.wants/litesafe@shop.timer ] &&
		[ ! -e root/var/lib/systemd/timers/stamp-litesafe@shop.timer ] ||
		fail "something of a timer stayed"
	unboot
}

scenario_the_drop_ins_under_systemd() {
	begin_systemd
	local examples=root/usr/share/doc/litesafe/examples i

	# Only what is named is written.
	start_application
	drop_in litesafe@shop.service <"$examples/systemd/strict.conf"
	job_done litesafe@shop.service 'strict, an application at work'
	end_application TERM
	job_done litesafe@shop.service 'strict, a database that nobody has open'
	sed 's| /srv$||' "$examples/systemd/strict.conf" |
		drop_in litesafe@shop.service
	start_application
	job_done litesafe@shop.service 'strict, the folder is read-only'
	all_his

	# A user who reads all and writes nothing.
	mkdir -p root/etc/sysusers.d root/etc/tmpfiles.d
	cp "$examples/sysusers.conf" root/etc/sysusers.d/litesafe.conf
	cp "$examples/tmpfiles.conf" root/etc/tmpfiles.d/litesafe.conf
	rm -r root/var/backups/litesafe root/var/lib/litesafe
	booted systemd-sysusers
	booted systemd-tmpfiles --create litesafe.conf
	booted runuser -u litesafe -- litesafe init -q -r /var/backups/litesafe
	drop_in litesafe@shop.service <"$examples/systemd/user.conf"
	chmod 700 root/srv/shop
	job_done litesafe@shop.service 'as litesafe, an application at work'
	all_his
	[ "$(snapshots)" = 1 ] || fail "not one snapshot"
	end_application TERM
	fingerprint root/srv/shop >"$LOGS/before"
	job_fails litesafe@shop.service 'as litesafe, a database that nobody has open'
	fingerprint root/srv/shop >"$LOGS/after"
	diff "$LOGS/before" "$LOGS/after" || fail "the folder was changed"

	# Root's jobs store into it, and it is litesafe's.
	rm root/etc/systemd/system/litesafe@shop.service.d/test.conf
	booted systemctl daemon-reload
	job_done litesafe@shop.service 'root, into the repository of litesafe'
	run booted runuser -u litesafe -- litesafe verify -r /var/backups/litesafe
	expect_exit 0
	unboot
	rm -rf "$minimal"
}
