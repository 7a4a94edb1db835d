# Firefox at work: pages of 32 KiB, files that are longer than their databases,
# WAL and rollback journal side by side, and a dozen databases that it keeps
# locked exclusively.  Each is either backed up right or refused with the right
# reason; Firefox goes on, and at the end its databases are whole.
#
# It is the system's firefox-esr, headless, with a profile of its own, reading a
# page from this machine that leaves history, a cookie and two kinds of site
# data, and then goes to the next.
#
# shellcheck shell=bash disable=SC2154,SC2034

page='<script>
const n = Number(new URLSearchParams(location.search).get("n") || 0);
document.cookie = "n=" + n + "; max-age=3600";
localStorage.setItem("n", n);
document.title = "page " + n;
const open = indexedDB.open("shop", 1);
open.onupgradeneeded = () => open.result.createObjectStore("goods");
open.onsuccess = () => {
	const t = open.result.transaction("goods", "readwrite");
	t.objectStore("goods").put("x".repeat(5000), n);
	t.oncomplete = () => setTimeout(() => location.href = "?n=" + (n + 1), 50);
};
</script>'

# serve_page: leaves $url; $LOGS/pages gets a line for each page.
serve_page() {
	mkdir "$LOGS/site"
	echo "$page" >"$LOGS/site/index.html"
	python3 -u -m http.server --bind 127.0.0.1 --directory "$LOGS/site" 0 \
		>"$LOGS/server" 2>"$LOGS/pages" </dev/null &
	others+=($!)
	wait_for 20 grep -q 'port [0-9]' "$LOGS/server"
	url=http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\).*/\1/p' \
		"$LOGS/server")/
}

# wait_for SECONDS COMMAND...
wait_for() {
	local i tries=$(($1 * 10))
	shift
	for ((i = 0; i < tries; i++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

pages_read() {
	sed -n '/"GET [/][?]n=/p' "$LOGS/pages" | wc -l
}

has_read() {
	[ "$(pages_read)" -ge "$1" ]
}

# start_firefox PROFILE [PREFERENCE VALUE]: returns when it has read 30 pages.
start_firefox() {
	command -v firefox-esr >/dev/null || skip "firefox-esr is not installed"
	need_space 500
	serve_page
	mkdir -p "$1" "$LOGS/home"
	cat >"$1/user.js" <<-END
		user_pref("browser.shell.checkDefaultBrowser", false);
		user_pref("datareporting.policy.dataSubmissionEnabled", false);
		user_pref("toolkit.telemetry.enabled", false);
		user_pref("network.captive-portal-service.enabled", false);
		user_pref("network.connectivity-service.enabled", false);
		user_pref("network.proxy.no_proxies_on", "127.0.0.1");
		user_pref("network.proxy.type", 1);
		user_pref("network.proxy.http", "127.0.0.1");
		user_pref("network.proxy.http_port", 9);
		user_pref("network.proxy.ssl", "127.0.0.1");
		user_pref("network.proxy.ssl_port", 9);
	END
	[ $# = 1 ] || echo "user_pref(\"$2\", $3);" >>"$1/user.js"
	HOME=$LOGS/home firefox-esr --headless --no-remote --profile "$1" \
		"$url" >"$LOGS/firefox" 2>&1 </dev/null &
	firefox=$!
	others+=("$firefox")
	wait_for 120 has_read 30 ||
		skip "firefox-esr does not run here: $(tail -1 "$LOGS/firefox")"
}

# It is still there and still reads.
goes_on() {
	local read
	read=$(pages_read)
	kill -0 "$firefox" || fail "Firefox ended: $(tail -3 "$LOGS/firefox")"
	wait_for 60 has_read $((read + 20)) || fail "Firefox stands still"
}

databases_of() {
	find "$1" -name '*.sqlite' -size +0 | sort
}

# Firefox ends in good order, after which it kills itself by the signal; SQLite
# finds nothing wrong in what it left.
ends_well() {
	local each end=0
	kill -TERM "$firefox"
	wait "$firefox" || end=$?
	[ $end = 0 ] || [ $end = 143 ] || fail "Firefox: status $end"
	while read -r each; do
		[ "$(ask "$each" 'PRAGMA integrity_check')" = ok ] ||
			fail "'$each' is damaged"
	done < <(databases_of "$1")
}

# restored DATABASE: whole, as new.db.
restored() {
	rm -f new.db
	run litesafe restore a.tar.zst --to new.db --check full
	expect_exit 0
	expect_out 'integrity_check'
}

# save_all PROFILE: names in $saved and $refused.
save_all() {
	local each
	saved=
	refused=
	while read -r each; do
		rm -f a.tar.zst
		run litesafe backup "$each" -o a.tar.zst --busy-timeout 1s
		expect_exit 0 6
		if [ "$status" = 0 ]; then
			restored
			saved+=" ${each##*/}"
			continue
		fi
		refused 6 "${each##*/}' is locked by process $firefox (firefox-esr)" \
			locking_mode=EXCLUSIVE
		[ ! -e "$each-shm" ] || fail "'$each-shm' was made"
		refused+=" ${each##*/}"
	done < <(databases_of "$1")
}

scenario_profile_in_use() {
	start_firefox profile
	save_all "$PWD/profile"
	goes_on
	# History is locked; the data of the page's IndexedDB is not.
	[[ " $refused " == *' places.sqlite '* ]] || fail "not locked: $refused"
	[ "$(wc -w <<<"$saved")" -ge 3 ] || fail "saved only: $saved"
	ends_well profile
	# Now everything can be had.
	save_all profile
	[ -z "$refused" ] || fail "still locked: $refused"
}

scenario_profile_that_shares_its_locks() {
	start_firefox profile storage.sqlite.exclusiveLock.enabled false
	local n visits last=0
	save_all profile
	[[ " $saved " == *' places.sqlite '*  ]] || fail "not saved: $refused"
	for n in 1 2 3 4 5; do
		rm -f a.tar.zst
		run litesafe backup profile/places.sqlite -o a.tar.zst
		expect_exit 0
		restored
		visits=$(ask new.db "SELECT count(*) FROM moz_historyvisits")
		[ "$visits" -gt "$last" ] || fail "$visits visits after $last"
		last=$visits
		[ "$(ask new.db 'PRAGMA page_size')" = 32768 ]
		# The file has room in advance, the copy has not.
		[ "$(stat -c %s new.db)" -lt "$(stat -c %s profile/places.sqlite)" ] ||
			fail "places.sqlite is as short as its database"
		goes_on
	done
	ends_well profile
}

# What is locked can be had out of a snapshot of the filesystem.
scenario_snapshot_of_a_profile() {
	need_root
	command -v mkfs.btrfs >/dev/null || skip "btrfs-progs are not installed"
	need_space 1500
	truncate -s 1G image
	mkfs.btrfs -q image >"$LOGS/mkfs" 2>&1
	mkdir disk
	mount -t btrfs -o loop image disk 2>"$LOGS/mount" ||
		skip "cannot mount it: $(tail -1 "$LOGS/mount")"
	mounts+=("$PWD/disk")
	btrfs -q subvolume create disk/home
	start_firefox "$PWD/disk/home/profile"
	local n each before found hot
	for n in 1 2 3; do
		btrfs -q subvolume snapshot -r disk/home disk/snapshot
		before=$(fingerprint disk/snapshot)
		found=0 hot=0
		while read -r each; do
			rm -f a.tar.zst
			run litesafe backup "$each" --frozen -o a.tar.zst
			expect_exit 0 11
			if [ "$status" = 11 ]; then
				refused 11 'its -journal' 'copy it'
				hot=$((hot + 1))
				continue
			fi
			restored
			found=$((found + 1))
			[[ $each != */places.sqlite ]] ||
				[ "$(ask new.db 'SELECT count(*)
					FROM moz_historyvisits')" -gt 0 ]
		done < <(databases_of disk/snapshot)
		[ "$(fingerprint disk/snapshot)" = "$before" ] ||
			fail "the snapshot changed"
		[ $found -ge 10 ] || fail "only $found, and $hot with hot journals"
		btrfs -q subvolume delete disk/snapshot >/dev/null
		goes_on
	done
	ends_well disk/home/profile
}
