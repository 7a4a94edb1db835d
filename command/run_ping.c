/*
 * The URL is a secret: only its host is in what ping_send() says.
 */
#include "command/run_ping.h"

void
run_ping(struct run *run, enum ping_kind kind)
{
	const struct options *options = &run->session->options;
	char body[LOG_TAIL + 1];
	const struct ping ping = {
		.url = options->ping_url,
		.kind = kind,
		.body = kind == PING_START ? NULL : body,
		.timeout = options->ping_timeout,
		.agent = "litesafe/" LITESAFE_VERSION,
	};
	struct err err = { .kind = ERR_NONE };

	if (options->ping_url == NULL || options->dry_run ||
	    (kind == PING_SUCCESS && run->session->check_failed))
		return;
	log_tail(&run->session->say.log, body, sizeof(body));
	if (ping_send(&ping, &err) < 0)
		say_warning(&run->session->say, "%s", err.text);
}
