#include "doctor/diagnosis.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

static struct diagnosis diagnosis;

Test(diagnosis, the_worst_counts)
{
	cr_assert_eq(diagnosis_worst(&diagnosis), SEVERITY_INFO);
	(void)diagnosis_add(
	    &diagnosis, FOUND_STATE, SEVERITY_INFO, "a", "well");
	cr_assert_eq(diagnosis_worst(&diagnosis), SEVERITY_INFO);
	(void)diagnosis_add(
	    &diagnosis, FOUND_TORN_COPY, SEVERITY_ERROR, "a", "torn");
	(void)diagnosis_add(
	    &diagnosis, FOUND_DEAD_WAL, SEVERITY_WARNING, "a", "dead");
	cr_assert_eq(diagnosis_worst(&diagnosis), SEVERITY_ERROR);
	cr_assert_str_eq(severity_name(SEVERITY_INFO), "info");
	cr_assert_str_eq(severity_name(SEVERITY_WARNING), "warning");
	cr_assert_str_eq(severity_name(SEVERITY_ERROR), "error");
}

Test(diagnosis, advice_names_the_database)
{
	const struct diagnosed *one = diagnosis_add(&diagnosis,
	    FOUND_SIDE_FILE_OWNER, SEVERITY_ERROR, "/srv/app.db", "%d", 7);

	cr_assert_str_eq(one->text, "7");
	cr_assert_not_null(strstr(one->advice,
	    "chown --reference=/srv/app.db /srv/app.db-wal /srv/app.db-shm;"));
	cr_assert_null(strstr(one->advice, "DATABASE"));
}

Test(diagnosis, advice_can_be_pasted_whatever_the_name_is)
{
	const struct diagnosed *one = diagnosis_add(&diagnosis,
	    FOUND_HOT_JOURNAL, SEVERITY_ERROR, "it's $(mine).db", "hot");

	cr_assert_not_null(strstr(one->advice,
	    "sqlite3 'it'\\''s $(mine).db' 'PRAGMA schema_version'"));
}

Test(diagnosis, a_hostile_and_endless_path)
{
	char path[4000];

	memset(path, '\033', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	const struct diagnosed *one = diagnosis_add(&diagnosis,
	    FOUND_SIDE_FILE_OWNER, SEVERITY_ERROR, path, "\n%s", path);
	cr_assert_null(strchr(one->advice, '\033'));
	cr_assert_null(strchr(one->text, '\033'));
	cr_assert_null(strchr(one->text, '\n'));
	cr_assert_lt(strlen(one->advice), sizeof(one->advice));

	/* The placeholder says more than a part of a path. */
	cr_assert_not_null(
	    strstr(one->advice, "chown --reference=DATABASE DATABASE-wal"));

	/* One of them in the name is no placeholder. */
	one = diagnosis_add(&diagnosis, FOUND_SPACE_LOW, SEVERITY_WARNING,
	    "/DATABASE/DATABASE", "low");
	cr_assert_str_eq(
	    strstr(one->advice, "df -h "), "df -h /DATABASE/DATABASE");
}

Test(diagnosis, processes)
{
	struct diagnosed *one =
	    diagnosis_add(&diagnosis, FOUND_IN_USE, SEVERITY_INFO, "a", "used");

	diagnosed_add_process(one, 0, 1);
	cr_assert_eq(one->process_count, 0, "nobody that has a number");
	for (unsigned i = 0; i < DIAGNOSED_PROCESSES_MAX + 5; i++)
		diagnosed_add_process(one, getpid(), 1.5);
	cr_assert_eq(one->process_count, DIAGNOSED_PROCESSES_MAX + 5);
	cr_assert_eq(one->processes_listed, DIAGNOSED_PROCESSES_MAX);
	cr_assert_eq(one->process[0].process.pid, getpid());
	cr_assert_gt(one->process[0].process.started_ms, 0);
	cr_assert_float_eq(one->process[0].seconds, 1.5, 0.001);
}
