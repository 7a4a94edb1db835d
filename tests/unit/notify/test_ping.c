/* Pings to real servers that answer, and to such as do not. */
#include "notify/ping.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/notify/web.h"
#include "tests/unit/shared/folder.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"

static struct err err;
static struct web web;
static double took;

static void
make(void)
{
	folder_make();
	(void)signal(SIGPIPE, SIG_IGN);
	/* Of the machine on which this runs. */
	static const char *const proxies[] = { "http_proxy", "https_proxy",
		"all_proxy", "HTTPS_PROXY", "ALL_PROXY", "no_proxy",
		"NO_PROXY" };
	for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
		(void)unsetenv(proxies[i]);
}

static void
unmake(void)
{
	if (web.pid > 0)
		web_stop(&web);
	folder_remove();
}

TestSuite(ping, .init = make, .fini = unmake, .timeout = 60);

static void
serve(enum web_manner manner, const char *answer)
{
	web = web_start(manner, answer, folder_path("requests"));
}

static const char *
requests(void)
{
	return folder_read(folder_path("requests"));
}

/* The server's URL and `path`. */
static int
ping_with(
    const char *path, enum ping_kind kind, const char *body, double timeout)
{
	char url[256];
	double began = clock_steady();

	(void)snprintf(url, sizeof(url), "%s%s", web.url, path);
	err = (struct err){ .kind = ERR_NONE };
	int rc = ping_send(&(struct ping){ .url = url,
			       .kind = kind,
			       .body = body,
			       .timeout = timeout,
			       .agent = "litesafe/test" },
	    &err);
	took = clock_steady() - began;
	return rc;
}

static int
ping(const char *path, enum ping_kind kind, const char *body)
{
	return ping_with(path, kind, body, 5);
}

/* It failed, said why, and did not give away the URL. */
static void
expect_failed(int rc, const char *why)
{
	cr_expect_eq(rc, -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(strstr(err.text, why) != NULL, "%s", err.text);
	cr_expect(strstr(err.text, "127.0.0.1") != NULL, "%s", err.text);
	cr_expect_null(strstr(err.text, "uuid"), "%s", err.text);
	cr_expect_null(strstr(err.hint, "uuid"), "%s", err.hint);
}

Test(ping, start_success_and_failure)
{
	serve(WEB_ANSWERS, OK);
	cr_expect_eq(ping("/uuid", PING_START, NULL), 0, "%s", err.text);
	cr_expect_eq(ping("/uuid", PING_SUCCESS, NULL), 0, "%s", err.text);
	cr_expect_eq(
	    ping("/uuid", PING_FAIL, "line 1\nline 2\n"), 0, "%s", err.text);
	const char *all = requests();
	cr_expect(
	    strstr(all, "GET /uuid/start HTTP/1.1\r\n") == all, "%s", all);
	cr_expect(strstr(all, "GET /uuid HTTP/1.1\r\n") != NULL);
	cr_expect(strstr(all, "POST /uuid/fail HTTP/1.1\r\n") != NULL);
	cr_expect(strstr(all, "\r\n\r\nline 1\nline 2\n\n--") != NULL);
	cr_expect(strstr(all, "User-Agent: litesafe/test\r\n") != NULL);
	cr_expect(
	    strstr(all, "Content-Type: text/plain; charset=utf-8\r\n") != NULL);
	cr_expect_null(strstr(all, "Expect"));
}

Test(ping, a_query_stays_behind)
{
	serve(WEB_ANSWERS, OK);
	cr_expect_eq(ping("/uuid/?a=b&c=%20", PING_FAIL, NULL), 0);
	cr_expect_eq(ping("", PING_START, NULL), 0);
	cr_expect_eq(ping("?x", PING_SUCCESS, NULL), 0);
	const char *all = requests();
	cr_expect(
	    strstr(all, "GET /uuid/fail?a=b&c=%20 HTTP") != NULL, "%s", all);
	cr_expect(strstr(all, "GET /start HTTP") != NULL, "%s", all);
	cr_expect(strstr(all, "GET /?x HTTP") != NULL, "%s", all);
}

Test(ping, the_end_of_a_long_body)
{
	static char body[PING_BODY_MAX * 2 + 4];
	char length[64];

	memset(body, 'x', sizeof(body) - 1);
	memcpy(body + sizeof(body) - 4, "end", 3);
	serve(WEB_ANSWERS, OK);
	cr_expect_eq(ping("/uuid", PING_SUCCESS, body), 0, "%s", err.text);
	(void)snprintf(
	    length, sizeof(length), "Content-Length: %d\r\n", PING_BODY_MAX);
	cr_expect(strstr(requests(), length) != NULL);
	static char all[PING_BODY_MAX + 4096];
	int fd = open(folder_path("requests"), O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, all, sizeof(all) - 1);
	(void)close(fd);
	cr_assert(got > PING_BODY_MAX);
	cr_expect_str_eq(all + got - 9, "xxend\n--\n");
}

Test(ping, what_the_server_says)
{
	serve(WEB_ANSWERS, "HTTP/1.1 404 Not Found\r\n"
			   "Content-Length: 0\r\nConnection: close\r\n\r\n");
	expect_failed(ping("/uuid", PING_SUCCESS, "x"), "status 404");
	cr_expect(strstr(err.hint, "ping-url") != NULL);
	cr_expect_eq(strstr(requests(), "--")[3], '\0', "tried again");
}

Test(ping, a_server_in_trouble_is_asked_again)
{
	serve(WEB_ANSWERS, "HTTP/1.1 503 No\r\n"
			   "Content-Length: 0\r\nConnection: close\r\n\r\n");
	expect_failed(ping("/uuid", PING_SUCCESS, NULL), "status 503");
	const char *second = strstr(requests(), "\n--\n") + 4;
	const char *third = strstr(second, "\n--\n");
	cr_assert_not_null(third);
	cr_expect_eq(strncmp(third + 4, "GET /uuid ", 10), 0);
}

Test(ping, who_closes_is_asked_again)
{
	serve(WEB_THIRD, OK);
	cr_expect_eq(ping("/uuid", PING_SUCCESS, "x"), 0, "%s", err.text);
	web_stop(&web);
	serve(WEB_CLOSES, "");
	expect_failed(ping("/uuid", PING_SUCCESS, "x"), "Empty reply");
}

Test(ping, no_redirect)
{
	char answer[512];
	struct web other = web_start(WEB_ANSWERS, OK, folder_path("other"));

	(void)snprintf(answer, sizeof(answer),
	    "HTTP/1.1 302 Found\r\nLocation: %s/uuid\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n",
	    other.url);
	serve(WEB_ANSWERS, answer);
	expect_failed(ping("/uuid", PING_SUCCESS, "x"), "status 302");
	cr_expect(strstr(err.hint, "redirect") != NULL);
	web_stop(&other);
	cr_expect_str_empty(folder_read(folder_path("other")));
	web_stop(&web);

	serve(WEB_ANSWERS, "HTTP/1.1 301 Moved\r\n"
			   "Location: file:///etc/passwd\r\n"
			   "Content-Length: 0\r\nConnection: close\r\n\r\n");
	expect_failed(ping("/uuid", PING_SUCCESS, NULL), "status 301");
}

/* --- certificates --------------------------------------------------------- */

static void
serve_tls(void)
{
	web = web_start_tls(folder_path("key"), folder_path("certificate"));
	if (web.pid < 0)
		cr_skip_test("needs openssl(1)");
}

Test(ping, a_certificate_that_nobody_vouches_for)
{
	serve_tls();
	expect_failed(ping("/uuid", PING_SUCCESS, "x"), "certificate");
}

/* The same one, when the machine trusts it; and under another name. */
Test(ping, a_certificate_is_for_a_name)
{
	static const char trusted[] = "/etc/ssl/certs/ca-certificates.crt";
	char url[64];

	serve_tls();
	if (access(trusted, F_OK) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(folder_path("certificate"), trusted, NULL, MS_BIND, NULL) < 0)
		cr_skip_test("needs the right to mount, and CAs to hide");
	cr_expect_eq(ping("/uuid", PING_START, NULL), 0, "%s", err.text);
	(void)snprintf(url, sizeof(url), "https://localhost:%d/uuid", web.port);
	cr_expect_eq(
	    ping_send(&(struct ping){ .url = url, .agent = "a" }, &err), -1);
	cr_expect(strstr(err.text, "'localhost'") != NULL, "%s", err.text);
	cr_expect(strstr(err.text, "name") != NULL, "%s", err.text);
}

/* --- time ----------------------------------------------------------------- */

Test(ping, a_server_that_hangs)
{
	serve(WEB_HANGS, "");
	expect_failed(ping_with("/uuid", PING_SUCCESS, "x", 0.5),
	    "did not answer within 0.5 s");
	cr_expect(took > 0.4 && took < 2, "%g", took);
}

Test(ping, a_server_that_drips)
{
	serve(WEB_DRIPS, OK);
	expect_failed(
	    ping_with("/uuid", PING_SUCCESS, NULL, 0.5), "did not answer");
	cr_expect(took < 2, "%g", took);
}

Test(ping, after_the_status_it_was_heard)
{
	serve(WEB_HANGS_AFTER,
	    "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nOK");
	cr_expect_eq(
	    ping_with("/uuid", PING_SUCCESS, NULL, 0.5), 0, "%s", err.text);
	cr_expect(took < 2, "%g", took);
}

Test(ping, data_without_an_end)
{
	serve(WEB_ENDLESS, "HTTP/1.1 200 OK\r\n\r\n");
	cr_expect_eq(ping("/uuid", PING_SUCCESS, NULL), 0, "%s", err.text);
	cr_expect(took < 2, "%g", took);
}

Test(ping, headers_without_an_end)
{
	serve(WEB_ENDLESS, "HTTP/1.1 200 OK\r\nX: ");
	cr_expect(ping_with("/uuid", PING_SUCCESS, NULL, 1) <= 0);
	cr_expect(took < 3, "%g", took);
}

Test(ping, no_HTTP)
{
	serve(WEB_ANSWERS, "220 mail.example ESMTP\r\n");
	expect_failed(ping("/uuid", PING_SUCCESS, NULL), "HTTP");
}

Test(ping, nobody_listens)
{
	(void)snprintf(
	    web.url, sizeof(web.url), "http://127.0.0.1:%d", web_free_port());
	expect_failed(ping_with("/uuid", PING_SUCCESS, "x", 3), "onnect");
	cr_expect(took > 0.4, "not tried again: %g", took);
	cr_expect(took < 3.5, "%g", took);
}

/* A name server that hears and says nothing. */
Test(ping, a_name_that_nobody_resolves)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(53) };
	const char *resolv = folder_path("resolv.conf");
	double began = clock_steady();

	address.sin_addr.s_addr = inet_addr("127.45.45.45");
	folder_write(resolv, "nameserver 127.45.45.45\n");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (curl_version_info(CURLVERSION_NOW)->version_num < 0x075700)
		cr_skip_test("needs a libcurl of at least 7.87");
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(resolv, "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		cr_skip_test("needs the right to mount and to be port 53");
	cr_expect_eq(ping_send(&(struct ping){ .url = "http://far.invalid/uuid",
				   .kind = PING_FAIL,
				   .timeout = 1,
				   .agent = "a" },
			 &err),
	    -1);
	cr_expect(clock_steady() - began < 3, "%g", clock_steady() - began);
	cr_expect(strstr(err.text, "'far.invalid'") != NULL, "%s", err.text);
	cr_assert_eq(umount("/etc/resolv.conf"), 0);
	char byte;
	cr_expect(recv(fd, &byte, 1, MSG_DONTWAIT) == 1,
	    "the name server was not asked");
}

/* --- the URL -------------------------------------------------------------- */

Test(ping, a_name_and_a_password_stay_secret)
{
	char url[256];

	serve(WEB_ANSWERS, "HTTP/1.1 401 No\r\n"
			   "Content-Length: 0\r\nConnection: close\r\n\r\n");
	(void)snprintf(
	    url, sizeof(url), "http://uuid:uuid@127.0.0.1:%d/uuid", web.port);
	expect_failed(
	    ping_send(
		&(struct ping){ .url = url, .agent = "a", .kind = PING_FAIL },
		&err),
	    "status 401");
	cr_expect(
	    strstr(requests(), "Authorization: Basic dXVpZDp1dWlk") != NULL);
}

Test(ping, a_proxy_of_the_environment)
{
	char proxy[128];

	serve(WEB_ANSWERS, OK);
	(void)snprintf(proxy, sizeof(proxy), "%s", web.url);
	cr_assert_eq(setenv("http_proxy", proxy, 1), 0);
	cr_expect_eq(ping_send(&(struct ping){ .url = "http://far.invalid/uuid",
				   .kind = PING_START,
				   .agent = "a" },
			 &err),
	    0, "%s", err.text);
	cr_expect(strstr(requests(),
		      "GET http://far.invalid/uuid/start HTTP") != NULL);
}

Test(ping, what_is_no_URL)
{
	static const char *const bad[] = { "", "uuid", "hc-ping.com/uuid",
		"ftp://host/uuid", "file:///uuid", "gopher://host/uuid",
		"http://", "http://host:99999/uuid", "http://host/uu id",
		"http://host/uuid\n", "://uuid", "javascript:uuid",
		"http://[::1/uuid" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(ping_url_check(bad[i], &err), -1, "%s", bad[i]);
		cr_expect_eq(err.kind, ERR_USAGE);
		cr_expect_null(strstr(err.text, "uu"), "%s", err.text);
		cr_expect_eq(
		    ping_send(
			&(struct ping){ .url = bad[i], .agent = "a" }, &err),
		    -1);
	}
	cr_expect_eq(ping_url_check("https://hc-ping.com/uuid?a", &err), 0);
	cr_expect_eq(ping_url_check("http://[::1]:8000/", &err), 0);
	cr_expect_eq(ping_url_check("HTTPS://u:p@host", &err), 0);
}
