#!/bin/sh
# What the project needs from the system, by the names of Debian and Ubuntu.
#
# usage: setup.sh check GROUP...      names what is missing; 1 if anything is
#        setup.sh install GROUP...    installs what is missing, and says so
#
# A need is "how to see that it is there | package that brings it".  It is
# looked for itself, not in the package list: another distribution, or a
# library under /usr/local, is as good.
#
# One that begins with "optional" is never missed, and nothing fails for it.  It
# is installed where apt has the package for this machine in the version at the
# end of the line, or a later one, and where nobody is asked for a password.
set -eu

needs() {
	case $1 in
	build)
		echo 'tool make|make'
		echo 'compiler|gcc'
		echo 'libc|libc6-dev'
		echo 'tool pkg-config|pkg-config'
		echo 'library sqlite3|libsqlite3-dev'
		echo 'library libzstd|libzstd-dev'
		echo 'library libarchive|libarchive-dev'
		echo 'library libcrypto|libssl-dev'
		echo 'library jansson|libjansson-dev'
		echo 'library inih|libinih-dev'
		echo 'library libcurl|libcurl4-openssl-dev'
		echo 'optional multi-buffer|libipsec-mb-dev|1.3'
		;;
	demo)
		echo 'tool sqlite3|sqlite3'
		echo 'tool tar|tar'
		echo 'tool zstd|zstd'
		;;
	test)
		needs demo
		echo 'header criterion/criterion.h|libcriterion-dev'
		echo 'tool bsdtar|libarchive-tools'
		echo 'tool strace|strace'
		echo 'tool setpriv|util-linux'
		echo 'tool python3|python3'
		echo 'tool openssl|openssl'
		;;
	ci)
		echo 'tool gcc|gcc'
		echo 'tool clang|clang'
		echo 'tool clang-format|clang-format'
		echo 'tool clang-tidy|clang-tidy'
		echo 'tool cppcheck|cppcheck'
		echo 'tool shellcheck|shellcheck'
		echo 'tool mandoc|mandoc'
		echo 'tool zsh|zsh'
		echo 'tool fish|fish'
		echo 'tool git|git'
		echo 'tool fossil|fossil'
		# 87 MB to fetch, 350 MB installed
		echo 'tool firefox-esr|firefox-esr'
		echo 'tool mkfs.btrfs|btrfs-progs'
		echo 'tool mksquashfs|squashfs-tools'
		needs package
		;;
	deb)
		needs deb-nocheck
		needs test
		;;
	deb-nocheck)
		needs build
		echo 'file /usr/share/build-essential|build-essential'
		echo 'tool dpkg-buildpackage|dpkg-dev'
		echo 'tool dh|debhelper'
		;;
	package)
		needs deb
		echo 'tool lintian|lintian'
		echo 'tool rpmbuild|rpm'
		echo 'tool rpmlint|rpmlint'
		echo 'tool makepkg|makepkg'
		echo 'tool debootstrap|debootstrap'
		echo 'tool systemd-analyze|systemd'
		echo 'tool systemd-nspawn|systemd-container'
		echo 'tool bwrap|bubblewrap'
		echo 'python3 seccomp|python3-seccomp'
		echo 'file /sbin/apparmor_parser|apparmor'
		;;
	*)
		echo "setup: no group '$1'" >&2
		exit 2
		;;
	esac
}

have_compiler() {
	command -v "${CC:-gcc}" || command -v gcc || command -v clang
}

compiler() {
	for cc in "${CC:-}" gcc clang; do
		[ -z "$cc" ] || ! command -v "$cc" >/dev/null || break
	done
	"$cc" "$@"
}

present() {
	case $1 in
	compiler) have_compiler ;;
	libc) echo '#include <stdio.h>' | compiler -E - ;;
	# As the Makefile asks for its MULTI_BUFFER.
	multi-buffer)
		printf '%s\n' '#include <intel-ipsec-mb.h>' \
			'#if IMB_VERSION_NUM < 0x10300 || !defined(__x86_64__)' \
			'#error' '#endif' | compiler -E -
		;;
	'file '*) [ -e "${1#file }" ] ;;
	'python3 '*) /usr/bin/python3 -c "import ${1#python3 }" ;;
	'tool '*) command -v "${1#tool }" ;;
	'library '*) pkg-config --exists "${1#library }" ;;
	'header '*) echo "#include <${1#header }>" | compiler -E - ;;
	esac >/dev/null 2>&1
}

needs_of() {
	for group; do
		needs "$group"
	done
}

# missing GROUP...: one package a line.
missing() {
	needs_of "$@" | grep -v '^optional ' |
		while IFS='|' read -r need package; do
			present "$need" || echo "$package"
		done | awk '!seen[$0]++'
}

# welcome GROUP...: of what is optional, the packages that apt has.
welcome() {
	command -v apt-get >/dev/null || return 0
	needs_of "$@" | sed -n 's/^optional //p' |
		while IFS='|' read -r need package least; do
			present "$need" || ! on_offer "$package" "$least" ||
				echo "$package"
		done | awk '!seen[$0]++'
}

# Of this architecture: apt would take another one's if it is the only one.
on_offer() {
	version=$(LC_ALL=C apt-cache policy "$1:$(dpkg --print-architecture)" |
		sed -n 's/^ *Candidate: *//p')
	[ -n "$version" ] && [ "$version" != '(none)' ] &&
		dpkg --compare-versions "$version" ge "$2"
}

check() {
	packages=$(missing "$@" | tr '\n' ' ')
	[ -n "$packages" ] || return 0
	{
		echo "litesafe needs packages that are not installed: $packages"
		echo "install them with: apt-get install $packages"
		echo "(or with: tests/setup.sh install $*)"
	} >&2
	return 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "setup: root or sudo is needed to install packages" >&2
		return 1
	fi
}

# Whether as_root works without a password.
is_root() {
	[ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "$@" </dev/null
}

# shellcheck disable=SC2086 # package names are words
install() {
	packages=$(missing "$@" | tr '\n' ' ')
	if [ -n "$packages" ]; then
		if ! command -v apt-get >/dev/null; then
			check "$@"
		fi
		echo "setup: installing with apt-get: $packages"
		as_root apt-get update -q
		apt_install $packages
		check "$@"
	fi
	packages=$(welcome "$@" | tr '\n' ' ')
	[ -n "$packages" ] && is_root || return 0
	echo "setup: installing with apt-get, optional: $packages"
	apt_install $packages || echo "setup: going on without: $packages"
}

verb=$1
shift
case $verb in
check | install) "$verb" "$@" ;;
*)
	echo "usage: setup.sh check|install GROUP..." >&2
	exit 2
	;;
esac
