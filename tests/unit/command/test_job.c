/* From sections to jobs: what wins, what is missing, what is no value. */
#include "command/job.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "command/command.h"
#include "command/option_value.h"
#include "tests/unit/command/configured.h"
#include "tests/unit/shared/folder.h"

static struct err err;
static struct options base;

/* The command line of this run: its options. */
static void
give(const char *words)
{
	const struct command *command;
	char line[300];

	(void)snprintf(line, sizeof(line), "init %s", words);
	configured_line(line, &command, &base);
}

static void
begin(void)
{
	configured_begin();
	give("");
}

static const struct job *
read_one(const char *text, struct jobs *ret_jobs)
{
	const struct job *job = NULL;

	configured_write(text);
	cr_assert_eq(jobs_read(&base, ret_jobs, &err), 0, "%s", err.text);
	cr_assert_eq(jobs_find(ret_jobs, "j", &job, &err), 0, "%s", err.text);
	return job;
}

static void
expect_refused(const char *text, const char *fault, const char *hint)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };

	configured_write(text);
	cr_assert_eq(jobs_read(&base, &jobs, &err), -1, "%s", text);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect(strstr(err.text, fault) != NULL, "'%s': %s", fault, err.text);
	cr_expect(strstr(err.hint, hint) != NULL, "'%s': %s", hint, err.hint);
}

TestSuite(job, .init = begin, .fini = folder_remove);

Test(job, every_kind_of_value)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	const struct job *job = read_one("[job j]\n"
					 "database = /srv/a.db\n"
					 "database = /srv/*.db\n"
					 "repository = /r\n"
					 "several = set\n"
					 "level = 7\n"
					 "max-pin = 2m\n"
					 "rate = 10M\n"
					 "skip-unchanged = yes\n"
					 "set = s\n",
	    &jobs);

	cr_expect_eq(jobs.count, 1);
	cr_expect_str_eq(job->name, "j");
	cr_assert_eq(job->options.databases.count, 2);
	cr_expect_str_eq(job->options.databases.list[0], "/srv/a.db");
	cr_expect_str_eq(job->options.databases.list[1], "/srv/*.db");
	cr_expect_str_eq(job->options.repository, "/r");
	cr_expect_eq(job->options.several, JOB_SEVERAL_SET);
	cr_expect_eq(job->options.level, 7);
	cr_expect_float_eq(job->options.max_pin, 120, 1e-9);
	cr_expect_eq(job->options.rate, 10 << 20);
	cr_expect(job->options.skip_unchanged);
	cr_expect_str_eq(job->options.set, "s");
	/* What nobody named is as everywhere. */
	cr_expect_eq(job->options.prove, PROVE_STORED);
	cr_expect_float_eq(job->options.hook_timeout, 300, 1e-9);
	cr_expect_float_eq(job->options.ping_timeout, 10, 1e-9);
	cr_expect_float_eq(job->options.grace, 86400, 1e-9);
	cr_expect_eq(job->section->line, 1);
}

/* Each level above the one before it. */
Test(job, what_wins)
{
	static const char file[] = "[global]\nstate = /global\n"
				   "[job j]\ndatabase = /a\nrepository = /r\n"
				   "state = /job\n"
				   "[job k]\ndatabase = /a\nrepository = /r\n";
	const struct job *job;

	for (int level = 0; level < 2; level++) {
		AUTO(jobs) struct jobs jobs = { .list = NULL };

		if (level == 1)
			(void)setenv("LITESAFE_STATE", "/environment", 1);
		job = read_one(file, &jobs);
		cr_expect_str_eq(
		    job->options.state, level == 0 ? "/job" : "/environment");
		cr_assert_eq(jobs_find(&jobs, "k", &job, &err), 0);
		cr_expect_str_eq(job->options.state,
		    level == 0 ? "/global" : "/environment");
	}
}

Test(job, the_command_line_wins_and_a_job_keeps_its_repository)
{
	static const char named[] = "[job j]\ndatabase = /a\nrepository = /r\n";
	static const char global[] = "[global]\nrepository = /g\n"
				     "[job j]\ndatabase = /a\n";
	static const char none[] = "[job j]\ndatabase = /a\n";

	(void)setenv("LITESAFE_REPOSITORY", "/environment", 1);
	for (int given = 0; given < 2; given++) {
		AUTO(jobs) struct jobs a = { .list = NULL };
		AUTO(jobs) struct jobs b = { .list = NULL };
		AUTO(jobs) struct jobs c = { .list = NULL };

		give(given ? "-r /line" : "");
		cr_expect_str_eq(read_one(named, &a)->options.repository,
		    given ? "/line" : "/r");
		cr_expect_str_eq(read_one(global, &b)->options.repository,
		    given ? "/line" : "/g");
		cr_expect_str_eq(read_one(none, &c)->options.repository,
		    given ? "/line" : "/environment");
	}
}

Test(job, a_list_of_the_job_takes_the_place_of_the_global_one)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	const struct job *job =
	    read_one("[global]\nrepository = /r\nbefore = one\n"
		     "before = two\n"
		     "[job j]\ndatabase = /a\nbefore = three ; # x\n"
		     "[job k]\ndatabase = /a\n",
		&jobs);

	cr_assert_eq(job->options.before.count, 1);
	cr_expect_str_eq(job->options.before.list[0], "three ; # x");
	cr_assert_eq(jobs_find(&jobs, "k", &job, &err), 0);
	cr_assert_eq(job->options.before.count, 2);
	cr_expect_str_eq(job->options.before.list[1], "two");
}

Test(job, the_folder_behind_the_name_of_a_repository)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	const struct job *job =
	    read_one("[job j]\ndatabase = /a\nrepository = main\n"
		     "[job k]\ndatabase = /a\nrepository = file:///srv/k\n"
		     "[repository main]\nurl = file:///srv/main\n",
		&jobs);

	cr_expect_str_eq(job->options.repository, "/srv/main");
	cr_assert_eq(jobs_find(&jobs, "k", &job, &err), 0);
	cr_expect_str_eq(job->options.repository, "/srv/k");
}

Test(job, what_is_no_repository)
{
	static const char job[] = "[job j]\ndatabase = /a\nrepository = ";
	static const struct {
		const char *rest, *fault, *hint;
	} lines[] = {
		{ "mian\n[repository main]\nurl = /r\n",
		    "a.conf:3: repository: there is no section [repository "
		    "mian]",
		    "did you mean 'main'?" },
		{ "r\n", "there is no section [repository r]", "its path" },
		{ "main\n[repository main]\n",
		    "a.conf:4: [repository main] has no url", "url = " },
		{ "main\n[repository main]\nurl = srv/r\n",
		    "a.conf:5: url: 'srv/r' does not begin with '/'",
		    "from '/' on" },
		{ "./r\n", "a.conf:3: repository: './r' does not begin", "" },
		{ "sftp://host/r\n", "repository can only be a folder",
		    "mounted" },
		{ "file://host/r\n", "is not a folder of this machine", "" },
		{ "file:///r%20s\n", "is not a folder of this machine", "" },
		{ "\n", "a.conf:3: repository: the value is empty", "" },
	};
	char text[300];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", job, lines[i].rest);
		expect_refused(text, lines[i].fault, lines[i].hint);
	}
}

Test(job, what_a_job_needs)
{
	expect_refused("[global]\nrepository = /r\n[job j]\n",
	    "a.conf:3: the job 'j' has no database", "database = ");
	expect_refused("[job j]\ndatabase = /a\n",
	    "a.conf:1: the job 'j' has no repository", "repository = ");
	expect_refused("[job j]\ndatabase = /a\nrepository = /r\n"
		       "several = each\nset = s\n",
	    "a.conf:1: the job 'j': set = s names one set", "");
	expect_refused("[job j]\ndatabase = /a\nrepository = /r\n"
		       "checkpoint = full\n",
	    "a.conf:1: the job 'j': checkpoint = full stops writers", "50ms");
	expect_refused("[job j]\ndatabase = /a.db\ndatabase = /b.db\n"
		       "repository = /r\nset = s\n"
		       "check-sql = a.db: SELECT 1\ncheck-sql = SELECT 2\n",
	    "a.conf:7: check-sql: 'SELECT 2' does not say which database",
	    "'a.db: SELECT 2'");
	expect_refused("[job j]\ndatabase = /a\nrepository = /r\n"
		       "verify = none\nkeep-within = 7d\n",
	    "a.conf:1: the job 'j': with verify = none nothing may be pruned",
	    "verify = stored");
}

/* One database, or each its own set: there is no question which is meant. */
Test(job, an_assertion_about_the_only_database)
{
	AUTO(jobs) struct jobs one = { .list = NULL };
	AUTO(jobs) struct jobs each = { .list = NULL };

	cr_expect_eq(
	    read_one("[job j]\ndatabase = /a\nrepository = /r\nset = s\n"
		     "check-sql = SELECT 1\n",
		&one)
		->options.check_sql.count,
	    1);
	cr_expect_eq(read_one("[job j]\ndatabase = /a\ndatabase = /b\n"
			      "repository = /r\ncheck-sql = SELECT 1\n",
			 &each)
			 ->options.check_sql.count,
	    1);
}

Test(job, a_set_is_called_as_its_job)
{
	AUTO(jobs) struct jobs unnamed = { .list = NULL };
	AUTO(jobs) struct jobs named = { .list = NULL };

	cr_expect_str_eq(read_one("[job j]\ndatabase = /a\nrepository = /r\n"
				  "several = set\n",
			     &unnamed)
			     ->options.set,
	    "j");
	cr_expect_str_eq(read_one("[job j]\ndatabase = /a\nrepository = /r\n"
				  "several = set\nset = shop\n",
			     &named)
			     ->options.set,
	    "shop");
}

Test(job, what_is_no_value)
{
	static const char job[] = "[job j]\nrepository = /r\n";
	static const struct {
		const char *line, *fault, *hint;
	} lines[] = {
		{ "level = 99", "a.conf:3: level: '99' is not a whole number",
		    "" },
		{ "max-pin = soon", "a.conf:3: max-pin: 'soon' is not a dur",
		    "durations" },
		{ "verify = maybe", "a.conf:3: verify: 'maybe' is not one of",
		    "" },
		{ "frozen = perhaps", "neither yes nor no", "" },
		{ "rate = 3x", "not a size", "" },
		{ "database =", "a.conf:3: database: the value is empty", "" },
		{ "database = a.db", "'a.db' does not begin with '/'",
		    "from '/' on" },
		{ "database = \"/a.db\"", "does not begin with '/'", "quotes" },
		{ "database = ~/a.db", "does not begin with '/'", "home" },
		{ "scratch = tmp", "scratch: 'tmp' does not begin", "" },
		{ "state = ../s", "state: '../s' does not begin", "" },
		{ "check-sql = DELETE FROM users",
		    "a.conf:3: check-sql: ", "" },
		{ "check-sql = SELECT (", "a.conf:3: check-sql: ", "" },
		{ "set = ../up", "a.conf:3: set: ", "" },
		{ "ping-url = hc.example/x", "a.conf:3: ping-url: the URL of",
		    "https://" },
		{ "ping-url =", "a.conf:3: ping-url: the value is empty", "" },
	};
	char text[200];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "%s%s\n", job, lines[i].line);
		expect_refused(text, lines[i].fault, lines[i].hint);
	}
}

Test(job, hooks_that_cannot_be_split)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };

	expect_refused("[global]\nbefore = /bin/true\nafter = echo 'x\n"
		       "[job j]\ndatabase = /a\nrepository = /r\n",
	    "a.conf:3: after: ", "");
	/* A shell has its own rules, and says itself what is wrong. */
	cr_assert_eq(read_one("[job j]\ndatabase = /a\nrepository = /r\n"
			      "hook-shell = yes\nafter = echo 'x\n",
			 &jobs)
			 ->options.after.count,
	    1);
}

Test(job, a_secret_is_guarded_and_nothing_else_is)
{
	static const char job[] = "[job j]\ndatabase = /a\nrepository = /r\n";
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	char text[200];

	(void)prctl(PR_SET_DUMPABLE, 1);
	(void)read_one(job, &jobs);
	cr_expect_eq(prctl(PR_GET_DUMPABLE), 1);
	jobs_done(&jobs);
	(void)snprintf(text, sizeof(text), "%sping-url = https://h/x\n", job);
	(void)read_one(text, &jobs);
	cr_expect_eq(prctl(PR_GET_DUMPABLE), 0);
	/* A leak sanitizer looks from outside. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}

Test(job, a_variable_that_is_no_value)
{
	(void)setenv("LITESAFE_LEVEL", "99", 1);
	expect_refused("[job j]\ndatabase = /a\nrepository = /r\n",
	    "LITESAFE_LEVEL: '99'", "");
}

Test(job, all_that_is_wrong_and_nothing_twice)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	AUTO(faults) struct faults faults = FAULTS_NONE;

	configured_write("[global]\nlevel = 99\n[job j]\nmax-pin = x\n"
			 "databse = /a\n[job k]\n");
	cr_assert_eq(jobs_survey(&base, &jobs, &faults, &err), 0);
	cr_assert_eq(faults.all, 3);
	cr_expect(strstr(faults.list[0].text, "a.conf:5: ") != NULL);
	cr_expect(strstr(faults.list[1].text, "a.conf:2: ") != NULL);
	cr_expect(strstr(faults.list[2].text, "a.conf:4: ") != NULL);
	jobs_done(&jobs);
	faults_done(&faults);
	configured_write("[job j]\n[job k]\n");
	cr_assert_eq(jobs_survey(&base, &jobs, &faults, &err), 0);
	cr_expect_eq(faults.all, 2);
}

Test(job, no_configuration)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };

	/* Named, and not there. */
	cr_assert_eq(jobs_read(&base, &jobs, &err), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect(strstr(err.hint, "--no-config") != NULL);
	base.no_config = true;
	cr_assert_eq(jobs_read(&base, &jobs, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
}

Test(job, one_that_is_not_there)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	const struct job *job;

	(void)read_one("[job j]\ndatabase = /a\nrepository = /r\n"
		       "[job shop]\ndatabase = /a\nrepository = /r\n",
	    &jobs);
	cr_expect_eq(jobs_find(&jobs, "shpo", &job, &err), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect_str_eq(err.hint, "did you mean 'shop'?");
	cr_expect_eq(jobs_find(&jobs, "zzzzz", &job, &err), -1);
	cr_expect(strstr(err.hint, "config show") != NULL);
}
