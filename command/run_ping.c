/*
 * The URL is a secret: only its host is in what ping_send() says.
 */
#include "command/run_ping.h"

void
run_ping(struct run *run, enum ping_kind kind)
{
	const struct options *options = &run->session->options;
	const struct ping ping = {
		.url = options->ping_url,
		.kind = kind,
		.body = kind == PING_FAIL ? run->worst.text : NULL,
		.timeout = options->ping_timeout,
		.agent = "litesafe/" LITESAFE_VERSION,
	};
	struct err err = { .kind = ERR_NONE };

	if (options->ping_url != NULL && !options->dry_run &&
	    ping_send(&ping, &err) < 0)
		say_warning(&run->session->say, "%s", err.text);
}
