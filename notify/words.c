/*
 * A word never gets longer by losing its quotes, so all words fit where the
 * line did.
 */
#include "notify/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static const char blanks[] = " \t\r\n";

/*
 * Copies one word without its quotes; *line is behind it then.  `begin` is
 * where the line began, for messages.
 */
static int
take_word(const char *begin, const char **line, char **to, struct err *err)
{
	const char *p = *line, *opened = NULL;

	for (; *p != '\0'; p++) {
		if (opened == NULL && strchr(blanks, *p) != NULL)
			break;
		if (opened == NULL && (*p == '"' || *p == '\'')) {
			opened = p;
		} else if (opened != NULL && *p == *opened) {
			opened = NULL;
		} else if (*p == '\\' && p[1] == '\0') {
			return err_set(err, ERR_USAGE, 0,
			    "it ends with a backslash that takes nothing");
		} else {
			p += *p == '\\';
			*(*to)++ = *p;
		}
	}
	if (opened != NULL)
		return err_set(err, ERR_USAGE, 0,
		    "the quote %c at byte %zu is not closed", *opened,
		    (size_t)(opened - begin) + 1);
	*(*to)++ = '\0';
	*line = p;
	return 0;
}

static int
split(const char *line, struct words *words, struct err *err)
{
	char *to = words->text;

	for (const char *p = line + strspn(line, blanks); *p != '\0';
	     p += strspn(p, blanks)) {
		if (words->count == WORDS_MAX)
			return err_set(err, ERR_USAGE, 0,
			    "it has more than %d words", WORDS_MAX);
		words->list[words->count] = to;
		if (take_word(line, &p, &to, err) < 0)
			return -1;
		words->count++;
	}
	words->list[words->count] = NULL;
	if (words->count == 0 || words->list[0][0] == '\0')
		return err_set(err, ERR_USAGE, 0, "it names no program");
	return 0;
}

int
words_split(const char *line, struct words *ret_words, struct err *err)
{
	AUTO(words)
	struct words words = { .text = malloc(strlen(line) + 1) };

	if (words.text == NULL)
		return err_system(err, "split '%.100s' into words", line);
	if (split(line, &words, err) < 0) {
		(void)err_within(err, "'%.200s' is no command line", line);
		return err_hint(err,
		    "words end at blanks, quotes hold them together, a "
		    "backslash takes the next character as it is");
	}
	*ret_words = words;
	words.text = NULL;
	return 0;
}

void
words_auto(struct words *words)
{
	free(take_ptr(&words->text));
}
