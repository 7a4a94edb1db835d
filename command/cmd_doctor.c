/*
 * litesafe doctor: look at databases and tell what was found.
 *
 * One database that cannot be looked at does not stop the others.  With
 * --watch the round is repeated, and the memory of what was held before goes
 * from one to the next.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/command.h"
#include "command/doctor_report.h"
#include "command/tally.h"
#include "doctor/doctor.h"

/* Sleeping is cut into pieces, so that a signal never waits for long. */
static const double nap_seconds = 0.2; /* below 1 */
static const double watch_least = 0.1;

/* One look at every database that was named. */
struct round {
	struct tally tally;
	unsigned ailing; /* with a warning or worse */
	struct err first; /* of them, as --strict tells it */
	bool announced; /* in a watch: what follows is of this round */
};

/* Late, because looking may take a second: the round before stays readable. */
static void
announce(struct session *session, struct round *round)
{
	if (session->options.watch > 0 && !round->announced)
		doctor_report_watch(session, session->options.watch);
	round->announced = true;
}

/* With -q it is all that is said, so it has the object and the reason. */
static void
remember_ailing(const struct session *session, struct round *round,
    const char *path, const struct diagnosis *diagnosis)
{
	enum severity worst = diagnosis_worst(diagnosis);
	const struct diagnosed *found = diagnosis->list;

	if (worst == SEVERITY_INFO || round->ailing++ > 0)
		return;
	while (found->severity != worst)
		found++;
	(void)err_set(&round->first, ERR_FAILED, 0, "'%s': %s: %s", path,
	    finding_table[found->id].name, found->text);
	if (session->say.quiet)
		(void)err_hint(&round->first,
		    "'litesafe doctor' without -q says what to do");
}

static int
look_at_one(struct session *session, const char *path,
    struct holdings *holdings, struct examination *examination,
    struct round *round, struct err *err)
{
	struct err one = { .kind = ERR_NONE };
	const struct facts_request request = {
		.path = path,
		.check = (enum facts_check)session->options.doctor_check,
		.work = &session->work,
		.holdings = holdings,
	};

	if (doctor_examine(&request, examination, &one) == 0) {
		announce(session, round);
		doctor_report(session, path, examination);
		round->tally.fine++;
		remember_ailing(session, round, path, &examination->diagnosis);
		return 0;
	}
	if (one.kind == ERR_STOPPED) {
		*err = one;
		return -1;
	}
	announce(session, round);
	return tally_failed(&round->tally, session,
	    &(struct tally_object){ .path = path }, &one, err);
}

/* Only a watch remembers, each database by itself; else one place will do. */
static int
look_at_all(struct session *session, struct holdings *holdings,
    struct examination *examination, struct round *ret_round, struct err *err)
{
	const struct options *options = &session->options;

	*ret_round = (struct round){ .tally = TALLY_NONE };
	session->counts.failed = 0;
	for (unsigned i = 0; i < options->operand_count; i++) {
		struct holdings *own = holdings;

		if (options->watch > 0)
			own += i;
		else
			memset(own, 0, sizeof(*own));
		if (look_at_one(session, options->operands[i], own, examination,
			ret_round, err) < 0)
			return -1;
	}
	return 0;
}

static int
judge_round(
    const struct session *session, const struct round *round, struct err *err)
{
	if (tally_end(&round->tally, err) < 0)
		return -1;
	if (!session->options.strict || round->ailing == 0)
		return 0;
	*err = round->first;
	if (round->ailing > 1)
		(void)err_within(err, "%u of %zu databases, the first",
		    round->ailing, round->tally.fine);
	return -1;
}

/* -1 when a signal came. */
static int
pause_for(struct session *session, double seconds, struct err *err)
{
	double end = clock_steady() + seconds;

	for (double left; (left = end - clock_steady()) > 0;) {
		double nap = left < nap_seconds ? left : nap_seconds;
		const struct timespec pause = { .tv_nsec = (long)(nap * 1e9) };

		if (work_check(&session->work, err) < 0)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return work_check(&session->work, err);
}

/*
 * SIGINT is how a watch ends, so it is no failure; what counts is what was seen
 * last.  What fails at once, of everything, is not worth watching.
 */
static int
watch(struct session *session, struct holdings *holdings,
    struct examination *examination, struct err *err)
{
	struct round round = { .tally = TALLY_NONE }, now;

	for (bool first = true;; first = false) {
		int rc = look_at_all(session, holdings, examination, &now, err);
		if (rc == 0)
			round = now;
		if (rc == 0 && first && round.tally.fine == 0)
			break;
		/* Nobody listens any more. */
		if (rc == 0 && session->say.out_errno != 0)
			break;
		if (rc == 0)
			rc = pause_for(session, session->options.watch, err);
		if (rc < 0 && err->kind == ERR_STOPPED && err->code == SIGINT)
			break;
		if (rc < 0)
			return -1;
	}
	return judge_round(session, &round, err);
}

static int
check_request(const struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (command_operands(session, 1, UINT32_MAX, err) < 0)
		return -1;
	if (options->watch > 0 && options->watch < watch_least)
		return err_set(err, ERR_USAGE, 0,
		    "--watch: at least 100ms between two looks");
	return 0;
}

int
cmd_doctor(struct session *session, struct err *err)
{
	struct round round;

	if (check_request(session, err) < 0)
		return -1;
	AUTO(free)
	struct holdings *holdings = calloc(
	    session->options.watch > 0 ? session->options.operand_count : 1,
	    sizeof(*holdings));
	AUTO(free)
	struct examination *examination = malloc(sizeof(*examination));
	if (holdings == NULL || examination == NULL)
		return err_system(err, "prepare to look");
	if (session->options.watch > 0)
		return watch(session, holdings, examination, err);
	if (look_at_all(session, holdings, examination, &round, err) < 0)
		return -1;
	return judge_round(session, &round, err);
}
