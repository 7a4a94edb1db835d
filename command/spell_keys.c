/*
 * A value is told from the next word of the sentence by how it looks: it is one
 * of the choices, a number, or in capitals.
 */
#include "command/spell_keys.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command/option_table.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* The key that an option at the beginning of `text` is; *ret_len is its name's. */
static const struct option *
key_at(const char *text, size_t *ret_len)
{
	char name[64];
	size_t len =
	    strncmp(text, "--", 2) == 0 ? strspn(text + 2, letters) : 0;

	if (len == 0 || len >= sizeof(name))
		return NULL;
	memcpy(name, text + 2, len);
	name[len] = '\0';
	*ret_len = len;
	const struct option *key = option_table_key(name);
	return key == NULL || (key->commands & FOR_RUN) != 0 ? NULL : key;
}

static bool
is_choice(const struct option *key, const char *word, size_t len)
{
	if (key->kind != OPTION_CHOICE)
		return false;
	for (const char *p = key->choices; *p != '\0'; p += *p == '|') {
		size_t one = strcspn(p, "|");

		if (one == len && strncmp(p, word, len) == 0)
			return true;
		p += one;
	}
	return false;
}

/* `text` is behind the name. */
static bool
has_value(const struct option *key, const char *text)
{
	const char *word = text + 1;

	if (*text != ' ')
		return false;
	return isdigit((unsigned char)*word) || strspn(word, capitals) > 1 ||
	       is_choice(key, word, strcspn(word, " ,;:)'"));
}

/* A command line: to the end of its quotes, or of the sentence. */
static size_t
command_at(const char *text, const char *begin)
{
	bool quoted = text > begin && text[-1] == '\'';

	return strncmp(text, "litesafe ", strlen("litesafe ")) == 0
		   ? strcspn(text, quoted ? "'" : ";")
		   : 0;
}

static void
respell(char *text, size_t size)
{
	char made[sizeof(((struct err *)NULL)->text)] = "";
	FILE *out = fmemopen(made, sizeof(made), "w");
	size_t len;

	if (out == NULL)
		return;
	for (const char *p = text; *p != '\0';) {
		bool begins = p == text || strchr(" ('", p[-1]) != NULL;
		const struct option *key = begins ? key_at(p, &len) : NULL;

		if (key != NULL) {
			p += 2 + len;
			(void)fputs(key->name, out);
			if (key->kind == OPTION_FLAG)
				(void)fputs(" = yes", out);
			else if (has_value(key, p))
				(void)fputs(" =", out);
			continue;
		}
		len = command_at(p, text);
		len += len == 0;
		(void)fwrite(p, 1, len, out);
		p += len;
	}
	/* What does not fit stays as it was. */
	if (fclose(out) == 0 && strlen(made) < size)
		memcpy(text, made, strlen(made) + 1);
}

void
spell_keys(struct err *err)
{
	respell(err->text, sizeof(err->text));
	respell(err->hint, sizeof(err->hint));
}
