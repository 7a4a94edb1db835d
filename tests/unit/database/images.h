/*
 * Images as a restore leaves them: files without a name.
 */
#ifndef TESTS_UNIT_DATABASE_IMAGES_H
#define TESTS_UNIT_DATABASE_IMAGES_H

/*
 * What `sql` makes, by a connection that knows the collation APP and the
 * function app(), which SQLite does not.  The descriptor is the caller's.
 */
int image_with(const char *sql);

#endif
