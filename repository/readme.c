/*
 * For a person in trouble: the program is gone, or does not run, and the data
 * is needed.  So it is plain text, each step can be typed, and the script is
 * short enough to be read before it is trusted.
 *
 * The script knows the format only as far as it must: what is in an archive
 * apart from pages it passes over, because the root of the manifest, computed
 * from the whole result, proves everything at once.  It reads each archive
 * once, as a stream, so memory and disk stay flat, and takes no name from an
 * archive: members are compared with the database's name (in which an increment
 * has '_' for what is not ASCII).  Where a database is not in an older archive
 * of the chain, it joined the set later, and is whole there.
 *
 * Python's tarfile tells the runs of a sparse member and leaves the stream
 * where their data begins, but its own reader would give all the zeros between
 * them, too.  So they are read from the stream.  Setting tar.offset afterwards
 * makes up for its idea of where a sparse member of more than 8 GiB ends.
 */
#include "repository/readme.h"

/* One line of text a line. */
/* clang-format off */
#define TEXT_BEGIN \
	README_TITLE \
	"=====================================================\n" \
	"\n" \
	"With litesafe:\n" \
	"\n" \
	"    litesafe list -r THIS-FOLDER\n" \
	"    litesafe restore -r THIS-FOLDER SET --to /some/where/app.db\n" \
	"\n" \
	"The rest of this page is for the day on which litesafe is not there.\n" \
	"It needs the programs zstd, tar and python3 (3.8 or later), and changes\n" \
	"nothing here.\n" \
	"\n" \
	"What is where\n" \
	"-------------\n" \
	"Each folder is a set, mostly one database: app.db/ holds the snapshots of\n" \
	"app.db.  A snapshot is two files of the same name:\n" \
	"\n" \
	"    20261120T231500Z-full-7f3a9c2b.tar.zst    the archive\n" \
	"    20261120T231500Z-full-7f3a9c2b.json       its manifest\n" \
	"\n" \
	"The name begins with the time of the state in it, in UTC.  'full' is a\n" \
	"whole database.  'incr' holds only the pages that changed since the\n" \
	"snapshot whose id is 'parent' in its manifest; to rebuild it, all\n" \
	"snapshots back to a full one are needed.  An archive without a .json is\n" \
	"not a backup; litesafe-reserve, .pin and .condemned files can be left\n" \
	"alone.\n" \
	"\n" \
	"1. Pick a snapshot\n" \
	"------------------\n" \
	"The newest one before the accident: the names sort by time.\n" \
	"\n" \
	"    ls THIS-FOLDER/app.db/*.json\n" \
	"\n" \
	"2. A full one needs no script\n" \
	"-----------------------------\n" \
	"In an empty folder:\n" \
	"\n" \
	"    tar --zstd -xf THIS-FOLDER/app.db/20261120T231500Z-full-7f3a9c2b.tar.zst\n" \
	"\n" \
	"(or zstd -dc FILE | tar -xf -).  The database is the file app.db; of a\n" \
	"set of several databases each is a file.\n" \
	"\n" \
	"3. Any other\n" \
	"------------\n" \
	"The script at the end rebuilds every snapshot, full or not.  Cut it out\n" \
	"of this file, then give it the manifest and a file that does not exist:\n" \
	"\n" \
	"    sed -n '/^# ---- begin/,/^# ---- end/p' README.txt > /tmp/rebuild.py\n" \
	"    python3 /tmp/rebuild.py app.db/20261121T001500Z-incr-1d44e0aa.json \\\n" \
	"        /some/where/app.db\n" \
	"\n" \
	"Of a set of several databases it rebuilds one at a time, whose name in the\n" \
	"set stands behind the file: ... /some/where/app.db app.db.\n" \
	"\n" \
	"It ends with 'is proved', or says what is wrong.  Proved means that every\n" \
	"page is as it was then.  If it is not, try the snapshot before it.\n" \
	"\n" \
	"4. Before the application uses it\n" \
	"---------------------------------\n" \
	"Stop the application.  Move the old app.db away together with app.db-wal,\n" \
	"app.db-shm and app.db-journal, if they are there: SQLite would apply an\n" \
	"old -wal or -journal to the new file and destroy it.  Put the new file in\n" \
	"place, give it the owner and mode of the old one (the manifest has uid,\n" \
	"gid and mode), and ask SQLite:\n" \
	"\n" \
	"    sqlite3 app.db 'PRAGMA integrity_check'\n" \
	"\n"

#define SCRIPT \
	README_BEGIN "\n" \
	"import glob, hashlib, json, os, re, struct, subprocess, sys, tarfile\n" \
	"load = lambda path: json.loads(open(path, 'rb').readline())\n" \
	"chain, output = [sys.argv[1]], sys.argv[2]\n" \
	"names = sys.argv[3:] or [db['name'] for db in load(chain[0])['databases']]\n" \
	"if len(names) > 1: sys.exit(f'say which one, behind the output: {names}')\n" \
	"while parent := load(chain[-1])['parent']:\n" \
	"    folder = glob.escape(os.path.dirname(sys.argv[1]) or '.')\n" \
	"    found = [p for p in glob.glob(f'{folder}/*-{parent[:8]}.json')\n" \
	"             if p not in chain and load(p)['id'] == parent]\n" \
	"    chain += found or sys.exit(f'snapshot {parent} is missing')\n" \
	"os.umask(0o077)\n" \
	"with open(output, 'xb+') as image:\n" \
	"    for path, dbs in [(p, load(p)['databases']) for p in reversed(chain)]:\n" \
	"        db = [d for d in dbs if d['name'] == names[0] or len(dbs) == 1]\n" \
	"        wanted = {n for d in db for n in (d['name'], re.sub(b'[^ -~]', b'_', d['name'].encode()).decode() + '.pages')}\n" \
	"        zstd = subprocess.Popen(['zstd', '-dcq', path[:-5] + '.tar.zst'], stdout=subprocess.PIPE)\n" \
	"        tar = tarfile.open(fileobj=zstd.stdout, mode='r|', bufsize=1 << 20)\n" \
	"        for member in (m for m in tar if re.sub(r'(\\.pages)\\.\\d+$', r'\\1', m.name) in wanted):\n" \
	"            for start, left in member.sparse or [(0, member.size)]:\n" \
	"                image.seek(start)\n" \
	"                while part := tar.fileobj.read(min(left, 1 << 20)):\n" \
	"                    left -= image.write(part)\n" \
	"            tar.offset = tar.fileobj.tell()\n" \
	"        image.truncate(sum(d['page_count'] * d['page_size'] for d in db))\n" \
	"    root = hashlib.sha256(struct.pack('<IQ', db[0]['page_size'], db[0]['page_count']))\n" \
	"    image.seek(0)\n" \
	"    while page := image.read(db[0]['page_size']): root.update(hashlib.sha256(page).digest()[:16])\n" \
	"proved = root.hexdigest() == db[0]['root']\n" \
	"print(output, 'is proved' if proved else 'is NOT RIGHT: something is damaged')\n" \
	"sys.exit(not proved)\n" \
	README_END "\n"
/* clang-format on */

const char readme_text[] = TEXT_BEGIN SCRIPT;
