/*
 * The recipe of backup/, with what this run's options say.
 */
#include "command/backup_one.h"

#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/units.h"
#include "command/backup_report.h"
#include "command/json.h"
#include "command/pipe.h"
#include "command/progress.h"
#include "command/proof.h"
#include "command/where.h"
#include "database/source.h"

int
backup_place_open(
    struct session *session, struct backup_place *ret_place, struct err *err)
{
	const struct options *options = &session->options;
	struct err why;

	ret_place->into = (struct backup_repository){ .repository = NULL };
	ret_place->told = NULL;
	if (!where_in_repository(session))
		return 0;
	if (where_repository(session, &ret_place->repository, err) < 0)
		return -1;
	bool stateful = where_state(session, ret_place->state, &why) == 0;
	if (!stateful)
		where_state_missed(
		    session, "nothing is remembered on this machine", &why);
	ret_place->into = (struct backup_repository){
		.repository = &ret_place->repository,
		.state = stateful ? ret_place->state : NULL,
		.full = options->full,
		.full_every = options->full_every,
		.skip_unchanged = options->skip_unchanged,
	};
	return 0;
}

static int
run_watched(struct session *session, const struct backup_options *backup,
    struct backup_result *result, struct err *err)
{
	AUTO(progress) struct progress progress = PROGRESS_NONE;

	progress_begin(&progress, &session->options, &session->work);
	return backup_run(backup, result, err);
}

static void
tell(const struct backup_place *place, const struct backup_story *story)
{
	if (place->told != NULL)
		place->told(place->told_ctx, story);
}

int
backup_set(struct session *session, const struct backup_place *place,
    const char *const *databases, size_t count, const char *set,
    struct err *err)
{
	const struct options *options = &session->options;
	bool in_repository = place->into.repository != NULL;
	struct backup_result result = { .proved = false };
	struct proof proof = {
		.options = options,
		.work = &session->work,
		.threads = command_threads(options),
		.repository = place->into.repository,
	};
	const struct backup_options backup = {
		.databases = databases,
		.database_count = count,
		.no_instant = options->no_instant,
		.frozen = options->frozen,
		.repository = in_repository ? &place->into : NULL,
		.output = options->output == NULL || pipe_is_output(options)
			      ? NULL
			      : options->output,
		.pipe_fd = STDOUT_FILENO,
		.set = set,
		.tool = "litesafe " LITESAFE_VERSION,
		.replace = options->force,
		.level = (int)options->level,
		.threads = proof.threads,
		.image_sha256 = options->image_sha256,
		.busy_timeout_ms = (unsigned)(options->busy_timeout * 1000),
		.max_pin_seconds = options->max_pin,
		.max_wal_growth = options->max_wal_growth,
		.max_stall_seconds = options->max_stall,
		.rate = options->rate,
		.min_free = options->min_free,
		.checkpoint = (enum checkpoint_mode)options->checkpoint,
		.checkpoint_budget = options->checkpoint_budget,
		.work = &session->work,
		.prove = options->prove == PROVE_NONE ? NULL : proof_of,
		.prove_ctx = &proof,
		.prove_level = options->prove == PROVE_RESTORE ? STATE_RESTORE
							       : STATE_STORED,
	};

	int rc = run_watched(session, &backup, &result, err);
	if (rc < 0) {
		backup_report_notices(session, &result);
	} else {
		backup_report(session, &result, &proof);
		session->counts.unchanged += result.unchanged ? 1 : 0;
		session->counts.stored += result.unchanged ? 0 : 1;
	}
	tell(place, &(struct backup_story){
			.set = set == NULL ? result.manifest.set : set,
			.result = &result,
			.err = rc < 0 ? err : NULL,
		    });
	backup_result_done(&result);
	verify_result_done(&proof.result);
	return rc;
}

int
backup_one(struct session *session, const struct backup_place *place,
    const char *database, const char *set, struct err *err)
{
	return backup_set(session, place, &database, 1, set, err);
}

struct preview {
	struct session *session;
	const struct backup_place *place;
};

static void
put_forecast(struct say *say, const struct backup_forecast *forecast,
    const struct source *source)
{
	bool full = forecast->full_because != NULL;
	struct json json;

	json_begin(&json, say->out);
	json_put_text(&json, "type", "database");
	json_put_text(&json, "set", forecast->set);
	json_put_text(&json, "path", source->path);
	json_put_size(&json, "bytes", source->bytes);
	json_put_text(&json, "kind", full ? "full" : "increment");
	json_put_text(&json, "parent", full ? NULL : forecast->parent);
	if (full)
		json_put_text(&json, "full_because", forecast->full_because);
	json_end(&json);
}

static void
say_forecast(struct say *say, const struct backup_forecast *forecast,
    const struct source *source)
{
	bool full = forecast->full_because != NULL;
	char size[UNITS_TEXT_BYTES];

	units_format_size(source->bytes, size);
	say_line(say, "%s: would be stored: '%s', %s, %s%s", forecast->set,
	    source->path, size,
	    full ? "as a full: " : "as an increment after snapshot ",
	    full ? forecast->full_because : forecast->parent);
}

static void
tell_forecast(void *ctx, const struct backup_forecast *forecast)
{
	const struct preview *preview = ctx;
	struct say *say = &preview->session->say;

	for (size_t i = 0; i < forecast->count; i++) {
		say_forecast(say, forecast, forecast->sources[i]);
		if (say->json)
			put_forecast(say, forecast, forecast->sources[i]);
	}
	if (forecast->change[0] != '\0')
		say_warning(say, "%s: the set is another one: %s",
		    forecast->set, forecast->change);
	tell(preview->place, &(struct backup_story){ .set = forecast->set });
}

int
backup_preview(struct session *session, const struct backup_place *place,
    const char *const *databases, size_t count, const char *set,
    struct err *err)
{
	struct preview preview = { .session = session, .place = place };
	const struct backup_options backup = {
		.databases = databases,
		.database_count = count,
		.frozen = session->options.frozen,
		.repository = &place->into,
		.set = set,
		.work = &session->work,
	};

	return backup_foresee(&backup, tell_forecast, &preview, err);
}
