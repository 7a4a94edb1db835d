/*
 * The same walk as that of `litesafe verify`, on a draft.
 */
#include "command/proof.h"

#include "base/auto.h"
#include "command/report.h"
#include "repository/catalog.h"
#include "repository/chain.h"
#include "restore/lineage.h"

static int
not_proved(const struct proof *proof, const char *name,
    const struct lineage *ancestors, struct err *err)
{
	const struct report_words damage =
	    report_first(&proof->result.findings, FINDING_DAMAGED);

	if (proof->options->prove == PROVE_STORED) {
		(void)err_set(err, ERR_DAMAGED, 0,
		    "'%s', read back, is not what was written: %s", name,
		    damage.text);
		return err_hint(err,
		    "look for faults of this machine's disk and memory "
		    "(dmesg), then run it again");
	}
	(void)err_set(err, ERR_DAMAGED, 0,
	    "'%s', restored to scratch, is damaged: %s", name, damage.text);
	if (ancestors != NULL)
		return err_hint(err,
		    "see whether what it builds on is damaged (litesafe verify "
		    "-r): --full does without; or the database itself (PRAGMA "
		    "quick_check): --verify stored takes it as it is");
	return err_hint(err,
	    "see whether the database itself is damaged (PRAGMA quick_check); "
	    "--verify stored makes an archive of it as it is");
}

static int
prove_with(struct proof *proof, int fd, const char *name,
    const struct lineage *ancestors, struct err *err)
{
	const struct options *options = proof->options;
	const struct verify_options verify = {
		.fd = fd,
		.name = name,
		.ancestors = ancestors,
		.level = options->prove == PROVE_STORED ? VERIFY_STORED
							: VERIFY_RESTORE,
		.check = INTEGRITY_QUICK,
		.scratch = command_scratch(options),
		.threads = proof->threads,
		.work = proof->work,
	};

	if (verify_run(&verify, &proof->result, err) < 0)
		return -1;
	return proof->result.answer == VERIFY_DAMAGED
		   ? not_proved(proof, name, ancestors, err)
		   : 0;
}

/* To rebuild an increment takes the archives that it builds on. */
static int
prove_increment(struct proof *proof, int fd, const char *name,
    const struct manifest *manifest, struct err *err)
{
	AUTO(catalog) struct catalog catalog = { .count = 0 };
	AUTO(chain) struct chain chain = { .count = 0 };
	AUTO(lineage) struct lineage ancestors = { .count = 0 };
	size_t parent = SNAPSHOT_NONE;

	if (catalog_read(proof->repository, manifest->set, &catalog, err) < 0 ||
	    catalog_find(&catalog, manifest->parent, &parent, err) < 0 ||
	    chain_of(&catalog, parent, &chain, err) < 0 ||
	    lineage_of(&catalog, &chain, &ancestors, err) < 0)
		return -1;
	return prove_with(proof, fd, name, &ancestors, err);
}

int
proof_of(void *ctx, int fd, const char *name, const struct manifest *manifest,
    struct err *err)
{
	struct proof *proof = ctx;

	if (proof->options->prove == PROVE_RESTORE &&
	    manifest_is_increment(manifest))
		return prove_increment(proof, fd, name, manifest, err);
	return prove_with(proof, fd, name, NULL, err);
}
