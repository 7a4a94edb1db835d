# The packages and what else is installed: built from a clone of what is
# committed, the same twice, sound by their own tools' word.
# long/package_debian installs and uses one.
#
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/shared/package.sh
. "$here/shared/package.sh"

# --- what is built -----------------------------------------------------------

scenario_the_tarball_is_the_same_from_every_clone() {
	clone one
	(umask 077 && mkdir -p deep/er && clone deep/er/two)
	find deep -exec touch -h -d '2001-01-01' {} +
	quietly 'make dist' make_in one dist
	(umask 077 && TZ=Pacific/Apia quietly 'make dist' make_in deep/er/two dist)
	sums() {
		sha256sum "$@" | cut -d' ' -f1 | sort -u
	}
	[ "$(sums one/build/packages/*.gz deep/er/two/build/packages/*.gz |
		wc -l)" = 1 ] || fail "two clones gave two tarballs"

	# Without git, from the tarball itself.
	mkdir three
	tar -C three --strip-components=1 -xf one/build/packages/*.gz
	quietly 'make dist' make_in three dist
	[ "$(sums {one,three}/build/packages/*.gz | wc -l)" = 1 ] ||
		fail "the tarball is not made of itself"
	! tar -tf one/build/packages/*.gz | grep -v '^litesafe-[0-9]' ||
		fail "something lies outside of the folder of the version"
}

scenario_debian_packages_are_sound_and_the_same_twice() {
	need_tools dpkg-buildpackage dh lintian
	clone one
	clone somewhere/else
	DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)"
	export DEB_BUILD_OPTIONS
	quietly 'make deb' make_in one deb
	(umask 077 && TZ=Pacific/Apia quietly 'make deb' make_in somewhere/else deb)
	local name
	for name in one/build/packages/litesafe*.{deb,dsc,tar.*}; do
		cmp "$name" "somewhere/else/${name#*/}" ||
			fail "two builds gave two packages"
	done
	grep -q '^Built-For-Profiles:.* nocheck' one/build/packages/*.changes ||
		fail "what only tests need is asked for without them"
	# With Intel's library, unless the package was built for being without.
	local uses
	uses=$(dpkg-deb -f one/build/packages/litesafe_*.deb Depends |
		grep -c libipsec-mb || true)
	if [ "$(dpkg --print-architecture)" != amd64 ] ||
		grep -q '^Built-For-Profiles:.*nomultibuffer' \
			one/build/packages/*.changes; then
		[ "$uses" = 0 ] || fail "it needs libipsec-mb"
	else
		[ "$uses" = 1 ] || fail "it was built without libipsec-mb"
	fi
	# Without them no health check at an https address is believed.
	dpkg-deb -f one/build/packages/litesafe_*.deb Recommends |
		grep -qw ca-certificates || fail "no certificates for pings"
	quietly lintian lintian --allow-root --fail-on error,warning \
		one/build/packages/*.changes
	# For the scenarios below.
	mkdir -p "$packages"
	cp one/build/packages/litesafe_*.deb "$packages"
}

scenario_rpm_package() {
	need_tools rpmbuild
	clone one
	quietly 'make rpm' make_in one rpm
	local found=(one/build/packages/*.x86_64.rpm one/build/packages/*.src.rpm)
	rpm -qpl "${found[@]}" >list
	grep -qx /usr/bin/litesafe list || fail "no program in the package"
	grep -q '/litesafe@\.timer$' list || fail "no timer in the package"

	# No timer outlives its package, and an upgrade ends none.
	mkdir bin
	printf '#!/bin/sh\necho "$*" >>"%s/asked"\n' "$PWD" >bin/systemctl
	chmod 755 bin/systemctl
	rpm -qp --qf '%{PREUN}' one/build/packages/*.x86_64.rpm >preun
	PATH=$PWD/bin:$PATH sh -e preun 1
	! grep -s stop asked || fail "an upgrade ends a backup"
	PATH=$PWD/bin:$PATH sh -e preun 0
	grep -q 'stop .*litesafe@\*\.timer' asked || fail "timers stay"
	! command -v rpmlint >/dev/null ||
		quietly rpmlint rpmlint --rpmlintrc one/packaging/rpm/rpmlintrc \
			"${found[@]}" one/packaging/rpm/litesafe.spec
}

# makepkg builds here as on an Arch, but for the names of what is needed.
scenario_arch_package() {
	need_tools makepkg setpriv
	need_root
	clone one
	quietly 'make dist' make_in one dist
	mkdir arch
	cp one/packaging/arch/PKGBUILD one/build/packages/*.tar.gz arch
	chown -R nobody arch
	chmod 711 .
	cd arch || return
	quietly makepkg as_nobody env -u B HOME="$PWD" makepkg --nodeps
	tar -tf litesafe-*.pkg.tar.* >list
	grep -qx usr/bin/litesafe list && grep -qx etc/litesafe/litesafe.conf list &&
		grep -qx 'usr/lib/systemd/system/litesafe@.timer' list ||
		fail "the package lacks something"
}

# What abuild does with an APKBUILD: its functions, by a plain shell, in the
# folder of the sources.  Not tried: an Alpine, its names of packages, musl.
scenario_alpine_build_file() {
	clone one
	quietly 'make dist' make_in one dist
	tar -xf one/build/packages/*.tar.gz
	# shellcheck disable=SC2016 # the shell inside
	quietly APKBUILD env -u B sh -euc '. ./one/packaging/alpine/APKBUILD
		cd "$pkgname-$pkgver"
		pkgdir=$1 srcdir=..
		build
		check
		package' - "$PWD/apk"
	[ -x apk/usr/bin/litesafe ] && [ -f apk/etc/litesafe/litesafe.conf ] ||
		fail "the package lacks something"
	[ ! -e apk/usr/lib ] || fail "units where systemd is not"
}

# --- what is shipped ---------------------------------------------------------

# expect_in FOLDER PATH...
expect_in() {
	local folder=$1 each
	shift
	for each; do
		[ -f "$folder/$each" ] || fail "there is no '$folder/$each'"
	done
}

scenario_installed_and_uninstalled_by_make() {
	make_install() {
		quietly "make $1" make_in "$top" B="$(dirname "$LITESAFE")" "$1" \
			DESTDIR="$PWD/$2" SYSCONFDIR=/etc
	}
	make_install install to
	expect_in to etc/litesafe/litesafe.conf usr/local/bin/litesafe \
		usr/local/share/man/man1/litesafe-unpin.1 \
		usr/local/lib/systemd/system/litesafe.timer \
		usr/local/share/bash-completion/completions/litesafe
	grep -q '^ExecStart=/usr/local/bin/litesafe run -v$' \
		to/usr/local/lib/systemd/system/litesafe.service ||
		fail "the unit does not name the program where it is"

	# The operator's configuration is his.
	echo '# mine' >to/etc/litesafe/litesafe.conf
	make_install install to
	make_install uninstall to
	[ "$(find to ! -type d)" = to/etc/litesafe/litesafe.conf ] &&
		[ "$(cat to/etc/litesafe/litesafe.conf)" = '# mine' ] ||
		fail "left: $(find to -type f)"

	# A timer that was enabled is his as well; that it is left is said.
	local wants=to/etc/systemd/system/timers.target.wants
	make_install install to
	mkdir -p $wants
	ln -s /usr/local/lib/systemd/system/litesafe@.timer \
		$wants/litesafe@shop.timer
	ln -s /usr/lib/systemd/system/litesafe.timer $wants/litesafe.timer
	make_in "$top" B="$(dirname "$LITESAFE")" DESTDIR="$PWD/to" \
		SYSCONFDIR=/etc uninstall >said
	grep -q "still enabled: $PWD/$wants/litesafe@shop.timer - to end that:\
 systemctl disable --now litesafe@shop.timer\$" said ||
		fail "it is not said: $(cat said)"
	[ -L $wants/litesafe@shop.timer ] || fail "it was taken away"
}

# The units, as `make install` writes them to a place where they can be run.
scenario_units_are_sound() {
	need_tools systemd-analyze
	quietly 'make install' make_in "$top" B="$(dirname "$LITESAFE")" install \
		PREFIX="$PWD/usr" SYSCONFDIR="$PWD/etc"
	local units=usr/lib/systemd/system each
	cp $units/litesafe@.service $units/litesafe@x.service
	cp $units/litesafe@.timer $units/litesafe@x.timer
	for each in litesafe.service litesafe@x.service litesafe.timer \
		litesafe@x.timer; do
		run env SYSTEMD_UNIT_PATH="$PWD/$units:" systemd-analyze verify \
			--man=no "$units/$each"
		expect_exit 0
		! grep litesafe "$LOGS/err" || fail "systemd-analyze verify $each"
	done
	run systemd-analyze security --offline=yes --threshold=30 \
		$units/litesafe.service
	expect_exit 0
	measured "$(grep -o 'Overall.*: [0-9.]*' "$LOGS/out")"
	# Those of all jobs are those of one, but for its name.
	for each in service timer; do
		diff <(sed 's/: job %i/: all jobs/; s/ %i$//' \
			$units/litesafe@.$each) $units/litesafe.$each ||
			fail "the two units differ"
	done
}

scenario_examples_are_sound() {
	local examples=$top/packaging/examples
	if [ -x /sbin/apparmor_parser ] && [ -d /etc/apparmor.d/abstractions ]; then
		quietly apparmor_parser /sbin/apparmor_parser \
			--skip-kernel-load --skip-cache "$top/packaging/apparmor/litesafe"
	fi
	# Every drop-in names settings that systemd knows.
	if command -v systemd-analyze >/dev/null; then
		local each
		for each in "$examples"/systemd/*.conf; do
			cp "$top/packaging/systemd/litesafe@.service" x.service
			sed -i 's|^ExecStart=.*|ExecStart=/bin/true|' x.service
			mkdir -p x.service.d
			cp "$each" x.service.d/
			run systemd-analyze verify --man=no ./x.service
			! grep -iE 'unknown|ignor|fail' "$LOGS/err" ||
				fail "systemd-analyze verify: $each"
			rm -r x.service.d
		done
	fi
	# The line of cron, as cron would run it, with a program that only tells.
	mkdir bin
	printf '#!/bin/sh\necho "litesafe $*" >>"%s/ran"\n' "$PWD" >bin/litesafe
	chmod 755 bin/litesafe
	local line
	line=$(sed -n 's/^[0-9]* [0-9]* \* \* \*  root  //p' "$examples/cron.d")
	[ -n "$line" ] || fail "no line of cron"
	run env -i PATH="$PWD/bin:/usr/bin:/bin" /bin/sh -c "$line"
	expect_exit 0
	[ -d /run/systemd/system ] || [ "$(cat ran)" = 'litesafe run' ] ||
		fail "cron did not run it"
}
