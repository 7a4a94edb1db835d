#include "web.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int
listen_somewhere(int *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert(fd >= 0);
	cr_assert_eq(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	cr_assert_eq(listen(fd, 16), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* A request, as far as Content-Length says, appended to the log. */
static void
take_request(int peer, int log)
{
	static char text[256 * 1024];
	size_t got = 0, wanted = 0;

	for (;;) {
		ssize_t n = read(peer, text + got, sizeof(text) - 1 - got);
		if (n <= 0)
			break;
		got += (size_t)n;
		text[got] = '\0';
		char *body = strstr(text, "\r\n\r\n");
		char *length = strcasestr(text, "content-length:");
		if (body == NULL)
			continue;
		wanted = length == NULL ? 0 : (size_t)atol(length + 15);
		if (got >= (size_t)(body + 4 - text) + wanted)
			break;
	}
	if (write(log, text, got) != (ssize_t)got ||
	    write(log, "\n--\n", 4) < 0)
		_exit(1);
}

static void
say(int peer, const char *text, bool slowly)
{
	for (size_t len = strlen(text); len > 0;) {
		ssize_t n = write(peer, text, slowly ? 1 : len);

		if (n < 0)
			return;
		text += n;
		len -= (size_t)n;
		if (slowly)
			(void)usleep(100000);
	}
}

static void
answer_one(int peer, enum web_manner manner, const char *answer)
{
	static const char bytes[65536];

	if (manner == WEB_CLOSES || manner == WEB_HANGS) {
		while (manner == WEB_HANGS)
			(void)sleep(60);
		return;
	}
	say(peer, answer, manner == WEB_DRIPS);
	while (manner == WEB_HANGS_AFTER)
		(void)sleep(60);
	while (manner == WEB_ENDLESS && write(peer, bytes, sizeof(bytes)) > 0)
		;
}

static void
serve(int fd, enum web_manner manner, const char *answer, int log)
{
	(void)signal(SIGPIPE, SIG_IGN);
	for (int count = 1;; count++) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			_exit(1);
		take_request(peer, log);
		answer_one(peer,
		    manner == WEB_THIRD
			? (count % 3 == 0 ? WEB_ANSWERS : WEB_CLOSES)
			: manner,
		    answer);
		(void)close(peer);
	}
}

struct web
web_start(enum web_manner manner, const char *answer, const char *path)
{
	struct web web = { .pid = -1 };
	int fd = listen_somewhere(&web.port);
	int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert(log >= 0);
	(void)snprintf(
	    web.url, sizeof(web.url), "http://127.0.0.1:%d", web.port);
	web.pid = fork();
	cr_assert(web.pid >= 0);
	if (web.pid == 0)
		serve(fd, manner, answer, log);
	(void)close(fd);
	(void)close(log);
	return web;
}

static bool
is_listening(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bool there = connect(fd, (const struct sockaddr *)&address,
			 sizeof(address)) == 0;
	(void)close(fd);
	return there;
}

struct web
web_start_tls(const char *key, const char *certificate)
{
	struct web web = { .pid = -1, .port = web_free_port() };
	char command[2048];

	(void)snprintf(
	    web.url, sizeof(web.url), "https://127.0.0.1:%d", web.port);
	(void)snprintf(command, sizeof(command),
	    "exec >/dev/null 2>&1; openssl req -x509 -newkey rsa:2048 -nodes "
	    "-days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 "
	    "-keyout '%s' -out '%s' && exec openssl s_server -www -accept %d "
	    "-key '%s' -cert '%s'",
	    key, certificate, web.port, key, certificate);
	if (system("command -v openssl >/dev/null") != 0)
		return web;
	web.pid = fork();
	cr_assert(web.pid >= 0);
	if (web.pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 200 && !is_listening(web.port); i++)
		(void)usleep(50000);
	cr_assert(is_listening(web.port), "openssl s_server did not start");
	return web;
}

void
web_stop(const struct web *web)
{
	(void)kill(web->pid, SIGKILL);
	(void)waitpid(web->pid, NULL, 0);
}

int
web_free_port(void)
{
	int port, fd = listen_somewhere(&port);

	(void)close(fd);
	return port;
}
