/*
 * A web server of one connection after the other on 127.0.0.1, in a process of
 * its own.  What it got goes to a file.
 */
#ifndef TESTS_UNIT_NOTIFY_WEB_H
#define TESTS_UNIT_NOTIFY_WEB_H

#include <sys/types.h>

enum web_manner {
	WEB_ANSWERS, /* `answer`, and closes */
	WEB_HANGS, /* reads, and says nothing */
	WEB_HANGS_AFTER, /* `answer`, and stays */
	WEB_CLOSES, /* without a word */
	WEB_ENDLESS, /* `answer`, and then bytes without an end */
	WEB_DRIPS, /* `answer`, a byte in a while */
	WEB_THIRD, /* closes two connections, then answers */
};

struct web {
	pid_t pid;
	int port;
	char url[64]; /* "http://127.0.0.1:PORT" */
};

/* Requests are written to the file `log`. */
struct web
web_start(enum web_manner manner, const char *answer, const char *log);
void web_stop(const struct web *web);

/*
 * The same for https, by openssl(1), with a certificate of its own making for
 * 127.0.0.1 in `certificate`; pid -1 where there is no such program.
 */
struct web web_start_tls(const char *key, const char *certificate);

/* A port of 127.0.0.1 on which nobody listens. */
int web_free_port(void);

#endif
