/*
 * libcurl takes the URL apart and puts it together, so that nobody here parses
 * it a second time in another way.  What fails before a server has heard us,
 * or because it is in trouble itself, is tried again as long as there is time:
 * a lost ping is a false alarm at night.
 */
#include "notify/ping.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/secret.h"

enum { TRIES = 3, ANSWER_MAX = 64 * 1024, STATUS_MANY = 429 };

/* Not const: libcurl's list has no const.  "Expect:" alone: do not ask first. */
static char plain_text[] = "Content-Type: text/plain; charset=utf-8";
static char expect_nothing[] = "Expect:";

static const double default_timeout = 10, pause_seconds = 0.5;

/* The URL in its parts. */
struct place {
	CURLU *url;
	char *host, *path; /* curl_free() */
};

static void
place_auto(struct place *place)
{
	curl_url_cleanup(place->url);
	curl_free(place->host);
	if (place->path != NULL)
		explicit_bzero(place->path, strlen(place->path));
	curl_free(place->path);
}

static int
bad_url(const char *why, struct err *err)
{
	(void)err_set(err, ERR_USAGE, 0, "the URL of the health check %s", why);
	return err_hint(err, "it begins with https:// or http:// and a host, "
			     "and has no spaces");
}

/* What is wrong with it is said without it. */
static int
take_apart(const char *url, struct place *ret_place, struct err *err)
{
	char *scheme = NULL;

	ret_place->url = curl_url();
	if (ret_place->url == NULL)
		return err_set(err, ERR_FAILED, 0,
		    "cannot read the URL of the health check: no memory");
	if (curl_url_set(ret_place->url, CURLUPART_URL, url, 0) != CURLUE_OK)
		return bad_url("is none", err);
	if (curl_url_get(ret_place->url, CURLUPART_SCHEME, &scheme, 0) !=
	    CURLUE_OK)
		return bad_url("has no scheme", err);
	bool web = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
	curl_free(scheme);
	if (!web)
		return bad_url("is neither http nor https", err);
	if (curl_url_get(ret_place->url, CURLUPART_HOST, &ret_place->host, 0) !=
		CURLUE_OK ||
	    curl_url_get(ret_place->url, CURLUPART_PATH, &ret_place->path, 0) !=
		CURLUE_OK)
		return bad_url("names no host", err);
	return 0;
}

/* "/uuid/" and "/start" are "/uuid/start". */
static int
add_suffix(struct place *place, enum ping_kind kind, struct err *err)
{
	static const char *const suffixes[] = { "/start", "", "/fail" };
	char *made = NULL;
	size_t len = strlen(place->path);

	if (kind == PING_SUCCESS)
		return 0;
	while (len > 0 && place->path[len - 1] == '/')
		len--;
	int rc =
	    asprintf(&made, "%.*s%s", (int)len, place->path, suffixes[kind]);
	AUTO(secret) char *path = rc < 0 ? NULL : made;
	if (path == NULL ||
	    curl_url_set(place->url, CURLUPART_PATH, path, 0) != CURLUE_OK)
		return err_set(err, ERR_FAILED, 0,
		    "cannot make the URL of a ping: no memory");
	return 0;
}

/* Past ANSWER_MAX bytes the transfer ends: the status is what was asked for. */
static size_t
discard(char *bytes, size_t size, size_t count, void *context)
{
	size_t *got = context;

	(void)bytes;
	*got += size * count;
	return *got > ANSWER_MAX ? 0 : size * count;
}

/* The last PING_BODY_MAX bytes.  Without it the transfer is a GET. */
static void
set_body(CURL *curl, const char *body)
{
	static struct curl_slist expect = { .data = expect_nothing };
	static struct curl_slist type = { .data = plain_text, .next = &expect };
	size_t len = body == NULL ? 0 : strlen(body);

	if (len == 0)
		return;
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, &type);
	if (len > PING_BODY_MAX) {
		body += len - PING_BODY_MAX;
		len = PING_BODY_MAX;
	}
	(void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len);
}

static void
set_limits(CURL *curl, double seconds)
{
	(void)curl_easy_setopt(
	    curl, CURLOPT_TIMEOUT_MS, (long)(seconds * 1000) + 1);
	(void)curl_easy_setopt(
	    curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(seconds * 1000) + 1);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else the end waits for the thread that resolves the host's name. */
	(void)curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
#endif
}

/* Certificates are checked by default, and redirects are not followed. */
static CURLcode
transfer(CURL *curl, const struct ping *ping, const struct place *place,
    double seconds, char why[CURL_ERROR_SIZE])
{
	size_t got = 0;

	why[0] = '\0';
	curl_easy_reset(curl);
	(void)curl_easy_setopt(curl, CURLOPT_CURLU, place->url);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	(void)curl_easy_setopt(curl, CURLOPT_USERAGENT, ping->agent);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);
	set_limits(curl, seconds);
	set_body(curl, ping->body);
	return curl_easy_perform(curl);
}

/* The server did not hear us, or says that it is in trouble. */
static bool
worth_another(CURLcode rc, long status)
{
	if (status != 0)
		return status >= 500 || status == STATUS_MANY;
	return rc == CURLE_COULDNT_RESOLVE_HOST ||
	       rc == CURLE_COULDNT_CONNECT || rc == CURLE_GOT_NOTHING ||
	       rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR ||
	       rc == CURLE_SSL_CONNECT_ERROR;
}

/* What libcurl says names hosts, ports and certificates; never a path. */
static int
tell(const struct place *place, CURLcode rc, const char *why, double timeout,
    long status, struct err *err)
{
	if (status >= 300 || (status > 0 && rc == CURLE_OK)) {
		(void)err_set(err, ERR_FAILED, (int)status,
		    "the health check at '%.200s' answered with status %ld",
		    place->host, status);
		return err_hint(err,
		    status < 400 ? "a redirect is not followed: name the URL "
				   "to which it leads"
		    : status < 500
			? "see whether the check still exists, and whether "
			  "ping-url is its URL"
			: "the server has a problem of its own");
	}
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, ERR_FAILED, 0,
		    "the health check at '%.200s' did not answer within %g s",
		    place->host, timeout);
	return err_set(err, ERR_FAILED, 0,
	    "cannot ping the health check at '%.200s': %s", place->host,
	    why[0] == '\0' || strstr(why, place->path) != NULL
		? curl_easy_strerror(rc)
		: why);
}

static void
pause_for(double seconds)
{
	struct timespec time = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};

	(void)nanosleep(&time, NULL);
}

static int
send_to(CURL *curl, const struct ping *ping, const struct place *place,
    struct err *err)
{
	double timeout = ping->timeout > 0 ? ping->timeout : default_timeout;
	double end = clock_steady() + timeout;
	char why[CURL_ERROR_SIZE];

	for (int tries = 1;; tries++) {
		double left = end - clock_steady();
		CURLcode rc = transfer(curl, ping, place, left, why);
		long status = 0;

		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
		/* Whatever came after it: it was heard. */
		if (status >= 200 && status < 300)
			return 0;
		left = end - clock_steady();
		if (tries == TRIES || left < 2 * pause_seconds * tries ||
		    !worth_another(rc, status))
			return tell(place, rc, why, timeout, status, err);
		pause_for(pause_seconds * tries);
	}
}

static int
prepare(struct err *err)
{
	static bool done;

	if (!done && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_FAILED, 0, "cannot start libcurl");
	done = true;
	return 0;
}

int
ping_send(const struct ping *ping, struct err *err)
{
	AUTO(place) struct place place = { .url = NULL };

	secret_guard();
	if (prepare(err) < 0 || take_apart(ping->url, &place, err) < 0 ||
	    add_suffix(&place, ping->kind, err) < 0)
		return -1;

	CURL *curl = curl_easy_init();
	if (curl == NULL)
		return err_set(err, ERR_FAILED, 0, "cannot start libcurl");
	int rc = send_to(curl, ping, &place, err);
	curl_easy_cleanup(curl);
	return rc;
}

int
ping_url_check(const char *url, struct err *err)
{
	AUTO(place) struct place place = { .url = NULL };

	return take_apart(url, &place, err);
}
