/*
 * Pings: a health check that hears from each run (the convention of
 * healthchecks.io: URL/start, URL, URL/fail, the last lines of the log as the
 * body of a POST).
 *
 * In:  a URL (http or https), which of the three it is, a body.
 * Out: nothing but whether the server said that it heard: a status of 2xx.
 * Always true: it ends within the time limit, whatever the server does; at most
 *      PING_BODY_MAX bytes are sent, the last ones; no redirect is followed; a
 *      certificate is checked; the URL, which is a secret, is in no message:
 *      only its host is.  Proxies are those of the environment (http_proxy,
 *      https_proxy, all_proxy, no_proxy).
 * Through libcurl; before 7.87 it waits for a name server that says nothing as
 * long as the resolver does (resolv.conf(5)).  One thread; call ping_send() only where no other thread
 * runs before the first of it (curl_global_init(3)), and where SIGPIPE is
 * ignored.
 */
#ifndef NOTIFY_PING_H
#define NOTIFY_PING_H

#include "base/err.h"

enum { PING_BODY_MAX = 100 * 1000 };

enum ping_kind { PING_START, PING_SUCCESS, PING_FAIL };

struct ping {
	const char *url; /* a query stays behind the suffix */
	enum ping_kind kind;
	const char *body; /* NULL: none */
	double timeout; /* seconds, of all of it; 0: 10 */
	const char *agent; /* "litesafe/1.0" */
};

/* ERR_USAGE for a URL that is none, ERR_FAILED for what the network says. */
int ping_send(const struct ping *ping, struct err *err);

/* Whether it is a URL that can be pinged, for who reads a configuration. */
int ping_url_check(const char *url, struct err *err);

#endif
