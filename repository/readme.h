/*
 * README.txt of a repository: how to get a database back without litesafe.
 *
 * It holds a script between two lines, README_BEGIN and README_END, which are
 * comments in it, so that cutting with them is enough to run it.
 */
#ifndef REPOSITORY_README_H
#define REPOSITORY_README_H

#define README_BEGIN "# ---- begin rebuild.py ----"
#define README_END "# ---- end rebuild.py ----"

/* The first line, by which a README of ours is known. */
#define README_TITLE "A repository of litesafe: backups of SQLite databases\n"

extern const char readme_text[];

#endif
