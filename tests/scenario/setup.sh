# tests/setup.sh where an optional library is not installed: apt, sudo and the
# compiler's answer are made up.
# shellcheck shell=bash disable=SC2154

setup() {
	run env PATH="$PWD/bin:$PATH" CC="$PWD/bin/compiler" \
		"$here/../setup.sh" "$@"
}

program() {
	cat >"bin/$1"
	chmod 755 "bin/$1"
}

# begin VERSION: what apt says that it has.
begin() {
	mkdir bin
	program compiler <<-'END'
		#!/bin/sh
		! grep -q ipsec
	END
	program apt-cache <<-END
		#!/bin/sh
		printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "\$2" '$1'
	END
	program apt-get <<-END
		#!/bin/sh
		echo "\$*" >>'$PWD/asked'
		[ ! -e '$PWD/offline' ]
	END
	program sudo <<-END
		#!/bin/sh
		[ ! -e '$PWD/password' ] || exit 1
		[ "\$1" != -n ] || shift
		exec "\$@"
	END
	run "$here/../setup.sh" check build
	[ "$status" = 0 ] || skip "what a build needs is not all installed"
	command -v dpkg >/dev/null || skip "no dpkg here"
}

nothing_is_asked_or_said() {
	expect_exit 0
	[ ! -e asked ] || fail "apt-get $(cat asked)"
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ] ||
		fail "said: $(cat "$LOGS/out" "$LOGS/err")"
}

scenario_an_optional_library_is_installed_where_apt_has_it() {
	begin 1.5-1
	setup check build
	nothing_is_asked_or_said
	setup install build
	expect_exit 0
	grep -qx 'install .* libipsec-mb-dev' asked || fail "it is not installed"
	# Once, however many groups want it.
	rm asked
	setup install build build
	[ "$(grep -o libipsec-mb-dev asked | wc -l)" = 1 ] || fail "not once"
}

scenario_an_optional_library_that_apt_has_not() {
	begin '(none)'
	setup install build
	nothing_is_asked_or_said
}

scenario_an_optional_library_that_is_too_old_in_apt() {
	begin 1.2-3
	setup install build
	nothing_is_asked_or_said
}

scenario_an_optional_library_that_cannot_be_fetched() {
	begin 1.5-1
	touch offline
	setup install build
	expect_exit 0
	expect_out 'going on without: libipsec-mb-dev'
}

scenario_nobody_is_asked_for_a_password_for_an_optional_library() {
	begin 1.5-1
	touch password
	program id <<-'END'
		#!/bin/sh
		echo 1000
	END
	setup install build
	nothing_is_asked_or_said
}
