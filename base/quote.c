/*
 * Both forms end at the next quote, so a quote inside is the only thing that
 * the first one must write differently; the second one also has '\', and
 * what no terminal shows.
 */
#include "base/quote.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"

static void
put_plain(FILE *out, const char *text)
{
	(void)fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", out);
		else
			(void)fputc(*text, out);
	}
	(void)fputc('\'', out);
}

/*
 * Three octal digits: a digit that follows is never taken for part of it.  Also
 * of a quote: a shell that does not know the form, as dash, would end the word
 * at "\'" and run what follows.  So it is one word there too, of another file.
 */
static void
put_escaped(FILE *out, const char *text)
{
	(void)fputs("$'", out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '\\')
			(void)fputs("\\\\", out);
		else if (c < 0x20 || c > 0x7e || c == '\'')
			(void)fprintf(out, "\\%03o", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('\'', out);
}

/* No shell takes any of these for more than itself, wherever they stand. */
static bool
is_bare(const char *text)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789/._-+,:@%";

	return text[0] != '\0' && text[strspn(text, bare)] == '\0';
}

char *
quote_shell(const char *text)
{
	char *quoted = NULL;
	size_t len;

	if (is_bare(text))
		return strdup(text);
	FILE *out = open_memstream(&quoted, &len);
	if (out == NULL)
		return NULL;
	if (text_is_printable(text))
		put_plain(out, text);
	else
		put_escaped(out, text);
	bool lost = ferror(out) != 0;
	if (fclose(out) != 0 || lost) {
		free(quoted);
		return NULL;
	}
	return quoted;
}

/* `guard` stands before what would be taken for an option. */
static struct quote_word
guarded(const char *text, const char *guard, const char *stand_in)
{
	struct quote_word word;
	AUTO(free) char *quoted = quote_shell(text);
	const char *before = text[0] == '-' ? guard : "";
	bool fits = quoted != NULL &&
		    strlen(before) + strlen(quoted) < sizeof(word.text);

	(void)snprintf(word.text, sizeof(word.text), "%s%s", fits ? before : "",
	    fits ? quoted : stand_in);
	return word;
}

struct quote_word
quote_word(const char *path, const char *stand_in)
{
	return guarded(path, "./", stand_in);
}

struct quote_word
quote_name(const char *name, const char *stand_in)
{
	return guarded(name, "-- ", stand_in);
}
