/* FILE and conf.d: which are read, in which order, and when not. */
#include "config/config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "tests/unit/shared/folder.h"

static const struct config_key keys[] = {
	{ "level", CONFIG_GLOBAL | CONFIG_JOB, false, false },
	{ "max-pin", CONFIG_GLOBAL | CONFIG_JOB, false, false },
	{ "database", CONFIG_JOB, true, false },
	{ "url", CONFIG_REPOSITORY, false, false },
	{ .name = NULL },
};

static struct err err;

static int
read_all(struct config *ret_config)
{
	return config_read(folder_path("a.conf"), keys, ret_config, &err);
}

/* Below conf.d, which is made when it is not there. */
static void
write_beside(const char *name, const char *text)
{
	char path[64];

	(void)mkdir(folder_path("conf.d"), 0755);
	(void)snprintf(path, sizeof(path), "conf.d/%s", name);
	folder_write(folder_path(path), text);
	(void)chmod(folder_path(path), 0644);
}

static void
write_main(const char *text)
{
	folder_write(folder_path("a.conf"), text);
	(void)chmod(folder_path("a.conf"), 0644);
}

static void
expect_refused(enum err_kind kind, const char *text)
{
	AUTO(config) struct config config = CONFIG_NONE;

	cr_assert_eq(read_all(&config), -1, "not refused: %s", text);
	cr_expect_eq(err.kind, kind, "%d: %s", err.kind, err.text);
	cr_expect(strstr(err.text, text) != NULL, "'%s': %s", text, err.text);
}

/* The values of a key in [job j], one a line with its file and its line. */
static const char *
values_of(const struct config *config, const char *key)
{
	static char text[1000];
	const struct config_section *section =
	    config_find(config, CONFIG_JOB, "j");
	size_t len = 0;

	cr_assert_not_null(section);
	text[0] = '\0';
	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *v = &section->values[i];

		if (strcmp(v->key, key) == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s %s:%u\n", v->text, v->file + strlen(folder) + 1,
			    v->line);
	}
	return text;
}

TestSuite(config_read, .init = folder_make, .fini = folder_remove);

Test(config_read, one_file)
{
	AUTO(config) struct config config = CONFIG_NONE;

	write_main("[global]\nlevel = 5\n[job j]\ndatabase = /a\n"
		   "database = /b\n[job k]\n[repository r]\nurl = /r\n");
	cr_assert_eq(read_all(&config), 0, "%s", err.text);
	cr_expect_eq(config.count, 4);
	cr_expect_eq(config.file_count, 1);
	const struct config_section *global =
	    config_find(&config, CONFIG_GLOBAL, "");
	cr_assert_not_null(global);
	cr_expect_str_eq(config_get(global, "level")->text, "5");
	cr_expect_eq(config_get(global, "level")->line, 2);
	cr_expect_null(config_get(global, "max-pin"));
	cr_expect_str_eq(
	    values_of(&config, "database"), "/a a.conf:4\n/b a.conf:5\n");
	cr_expect_not_null(config_find(&config, CONFIG_JOB, "k"));
	cr_expect_eq(config_find(&config, CONFIG_JOB, "k")->line, 6);
	cr_expect_null(config_find(&config, CONFIG_JOB, "r"));
	cr_expect_null(config_find(&config, CONFIG_REPOSITORY, "k"));
}

Test(config_read, what_conf_d_adds_and_wins)
{
	AUTO(config) struct config config = CONFIG_NONE;

	write_main("[job j]\ndatabase = /a\nlevel = 1\nmax-pin = 1\n");
	write_beside("20.conf", "[job j]\nlevel = 3\ndatabase = /c\n");
	write_beside("10.conf", "[job j]\nlevel = 2\ndatabase = /b\n");
	write_beside("9.conf", "[job j]\nlevel = 4\n");
	write_beside(".30.conf", "[job j]\nlevel = 9\n");
	write_beside("40.conf.old", "[job j]\nlevel = 9\n");
	write_beside(".conf", "broken");
	cr_assert_eq(read_all(&config), 0, "%s", err.text);
	cr_expect_eq(config.count, 1);
	cr_expect_eq(config.file_count, 4);
	cr_expect_str_eq(values_of(&config, "level"), "4 conf.d/9.conf:2\n");
	cr_expect_str_eq(values_of(&config, "max-pin"), "1 a.conf:4\n");
	cr_expect_str_eq(values_of(&config, "database"),
	    "/a a.conf:2\n/b conf.d/10.conf:3\n/c conf.d/20.conf:3\n");
}

Test(config_read, what_is_not_there)
{
	AUTO(config) struct config config = CONFIG_NONE;

	expect_refused(ERR_ABSENT, "a.conf");
	cr_assert_eq(config_read("/dev/null", keys, &config, &err), 0);
	cr_expect_eq(config.count, 0);
	cr_expect_str_eq(config.files[0], "/dev/null");
	config_done(&config);
	/* No folder conf.d, or a file of that name, is nothing. */
	write_main("");
	folder_write(folder_path("conf.d"), "broken");
	cr_expect_eq(read_all(&config), 0, "%s", err.text);
}

Test(config_read, what_cannot_be_read)
{
	write_main("");
	write_beside("a.conf", "");
	(void)unlink(folder_path("conf.d/a.conf"));
	cr_assert_eq(symlink("nowhere", folder_path("conf.d/a.conf")), 0);
	expect_refused(ERR_FAILED, "conf.d/a.conf': No such file");
	(void)unlink(folder_path("conf.d/a.conf"));
	cr_assert_eq(mkfifo(folder_path("conf.d/a.conf"), 0600), 0);
	expect_refused(ERR_USAGE, "conf.d/a.conf' is not a regular file");
	(void)unlink(folder_path("conf.d/a.conf"));
	cr_assert_eq(mkdir(folder_path("conf.d/a.conf"), 0700), 0);
	expect_refused(ERR_USAGE, "conf.d/a.conf' is not a regular file");
}

Test(config_read, who_may_write_it)
{
	write_main("");
	write_beside("a.conf", "");
	(void)chmod(folder_path("conf.d/a.conf"), 0646);
	expect_refused(ERR_REFUSED, "conf.d/a.conf' can be written by every");
	(void)chmod(folder_path("conf.d/a.conf"), 0644);
	(void)chmod(folder_path("conf.d"), 0777);
	expect_refused(ERR_REFUSED, "conf.d' can be written by everybody");
	(void)chmod(folder_path("conf.d"), 0755);
	(void)chmod(folder_path("a.conf"), 0666);
	expect_refused(ERR_REFUSED, "a.conf' can be written by everybody");
}

Test(config_read, a_file_that_is_too_large)
{
	char *text = malloc(CONFIG_FILE_MAX + 2);

	cr_assert_not_null(text);
	memset(text, '\n', CONFIG_FILE_MAX + 1);
	text[CONFIG_FILE_MAX + 1] = '\0';
	write_main(text);
	expect_refused(ERR_USAGE, "has more than 1048576 bytes");
	text[CONFIG_FILE_MAX] = '\0';
	write_main(text);
	AUTO(config) struct config config = CONFIG_NONE;
	cr_expect_eq(read_all(&config), 0, "%s", err.text);
	free(text);
}

Test(config_read, sections_and_names)
{
	static const struct {
		const char *text, *fault, *hint;
	} lines[] = {
		{ "[jobs j]\n", "a.conf:1: unknown section '[jobs j]'",
		    "'[job j]'" },
		{ "[repo r]\n", "unknown section", "'[repository r]'" },
		{ "[globl]\n", "unknown section", "'[global]'" },
		{ "[zzz]\n", "unknown section", "[job NAME]" },
		{ "[]\n", "unknown section", "[job NAME]" },
		{ "[job]\n", "needs a name", "[job NAME]" },
		{ "[job  ]\n", "needs a name", "" },
		{ "[global x]\n", "has no name", "" },
		{ "[job a/b]\n", "'a/b' cannot be the name of a job", "digit" },
		{ "[job -a]\n", "cannot be the name", "" },
		{ "[job a b]\n", "cannot be the name", "" },
		{ "[job \xc3\xa4]\n", "cannot be the name", "" },
		{ "[job ..]\n", "cannot be the name", "" },
		{ "level = 3\n", "a.conf:1: 'level' stands before",
		    "[global]" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		write_main(lines[i].text);
		expect_refused(ERR_USAGE, lines[i].fault);
		cr_expect(strstr(err.hint, lines[i].hint) != NULL, "%s: %s",
		    lines[i].text, err.hint);
	}
}

Test(config_read, the_longest_name)
{
	AUTO(config) struct config config = CONFIG_NONE;
	char name[CONFIG_NAME_MAX + 2], text[200];

	memset(name, 'n', sizeof(name));
	name[CONFIG_NAME_MAX + 1] = '\0';
	(void)snprintf(text, sizeof(text), "[job %s]\n", name);
	write_main(text);
	expect_refused(ERR_USAGE, "has more than 38 bytes");
	name[CONFIG_NAME_MAX] = '\0';
	(void)snprintf(text, sizeof(text), "[repository %s]\n", name);
	write_main(text);
	cr_assert_eq(read_all(&config), 0, "%s", err.text);
	cr_expect_not_null(config_find(&config, CONFIG_REPOSITORY, name));
}

Test(config_read, keys)
{
	static const struct {
		const char *text, *fault, *hint;
	} lines[] = {
		{ "[job j]\nlevle = 3\n", "a.conf:2: unknown key 'levle'",
		    "'level'" },
		{ "[job j]\nmax_pin = 3\n", "unknown key", "'max-pin'" },
		{ "[job j]\nLevel = 3\n", "unknown key", "'level'" },
		{ "[job j]\nxyzzy = 3\n", "unknown key", "litesafe.conf(5)" },
		{ "[global]\ndatabase = /a\n",
		    "'database' is no key of a section [global]",
		    "it belongs in [job NAME]" },
		{ "[job j]\nurl = /a\n", "no key of a section [job NAME]",
		    "[repository NAME]" },
		{ "[job j]\nlevel = 1\n\nlevel = 2\n",
		    "a.conf:4: 'level' is given a second time; the first is in "
		    "line 2",
		    "" },
		{ "[job j]\nlevel = 1\n[global]\n[job j]\nlevel = 2\n",
		    "a.conf:5: 'level' is given a second time", "" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		write_main(lines[i].text);
		expect_refused(ERR_USAGE, lines[i].fault);
		cr_expect(strstr(err.hint, lines[i].hint) != NULL, "%s: %s",
		    lines[i].text, err.hint);
	}
}

Test(config_read, a_survey_has_all_faults_and_what_is_right)
{
	AUTO(config) struct config config = CONFIG_NONE;
	AUTO(faults) struct faults faults = FAULTS_NONE;

	write_main("[globall]\nlevel = 1\nbad = 2\n[job j]\nlevle = 1\n"
		   "level = 2\n");
	write_beside("a.conf", "word\n[job j]\ndatabase = /a\n");
	cr_assert_eq(
	    config_survey(folder_path("a.conf"), keys, &config, &faults, &err),
	    0);
	cr_expect_eq(faults.all, 3);
	cr_expect(strstr(faults.list[0].text, "a.conf:1: ") != NULL);
	cr_expect(strstr(faults.list[1].text, "a.conf:5: ") != NULL);
	cr_expect(strstr(faults.list[2].text, "conf.d/a.conf:1: ") != NULL);
	cr_expect_str_eq(values_of(&config, "level"), "2 a.conf:6\n");
	cr_expect_str_eq(
	    values_of(&config, "database"), "/a conf.d/a.conf:3\n");
}

/* NULL, or the end of the file's name. */
static void
expect_blamed(const struct config *config, const struct err *fault,
    const char *file, unsigned line)
{
	unsigned found_line = 0;
	const char *found = config_blamed(config, fault, &found_line);

	if (file == NULL) {
		cr_expect_null(found, "%s", fault->text);
		return;
	}
	cr_assert_not_null(found, "%s", fault->text);
	cr_expect_not_null(strstr(found, file), "%s", found);
	cr_expect_eq(found_line, line, "%s: %u", fault->text, found_line);
}

Test(config_read, where_an_error_says_that_it_is)
{
	AUTO(config) struct config config = CONFIG_NONE;
	AUTO(faults) struct faults faults = FAULTS_NONE;

	write_main("[global]\nlevel = 1\nbad = 2\n");
	write_beside("a.conf", "word\n");
	write_beside("a:1: .conf", "[job j]\nlevel = 7\nword\n");
	cr_assert_eq(
	    config_survey(folder_path("a.conf"), keys, &config, &faults, &err),
	    0);
	cr_assert_eq(faults.all, 3);
	expect_blamed(&config, &faults.list[0], "/a.conf", 3);
	expect_blamed(&config, &faults.list[1], "/a.conf", 1);
	expect_blamed(&config, &faults.list[2], "/a:1: .conf", 3);
	const struct config_section *job =
	    config_find(&config, CONFIG_JOB, "j");
	(void)err_set(&err, ERR_USAGE, 0, "level: 9: no");
	expect_blamed(&config, &err, NULL, 0);
	(void)config_blame(config_get(job, "level"), &err);
	expect_blamed(&config, &err, "/a:1: .conf", 2);
	(void)err_set(&err, ERR_USAGE, 0, "%s:x: no", config.files[0]);
	expect_blamed(&config, &err, NULL, 0);
	(void)err_set(&err, ERR_USAGE, 0, "%s:7", config.files[0]);
	expect_blamed(&config, &err, NULL, 0);
}

Test(config_read, more_files_than_there_may_be)
{
	AUTO(config) struct config config = CONFIG_NONE;
	char name[20];

	write_main("");
	for (int i = 1; i < CONFIG_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%d.conf", i);
		write_beside(name, "");
	}
	cr_assert_eq(read_all(&config), 0, "%s", err.text);
	cr_expect_eq(config.file_count, CONFIG_FILES_MAX);
	write_beside("one-more.conf", "");
	expect_refused(ERR_USAGE, "conf.d' has more than 999 files");
}

Test(config_read, more_sections_than_there_may_be)
{
	size_t size = (size_t)20 * (CONFIG_SECTIONS_MAX + 1), len = 0;
	char *text = malloc(size);

	cr_assert_not_null(text);
	for (int i = 0; i <= CONFIG_SECTIONS_MAX; i++)
		len +=
		    (size_t)snprintf(text + len, size - len, "[job %d]\n", i);
	write_main(text);
	expect_refused(ERR_USAGE, "a.conf:5001: more than 5000 sections");
	free(text);
}
