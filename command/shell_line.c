#include "command/shell_line.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/quote.h"

void
shell_line_begin(struct shell_line *ret_line)
{
	*ret_line = (struct shell_line){ .text = NULL };
	ret_line->out = open_memstream(&ret_line->text, &ret_line->len);
	ret_line->lost = ret_line->out == NULL;
}

void
shell_line_then(struct shell_line *line, const char *command)
{
	if (line->begun)
		shell_line_put(line, " && ");
	shell_line_put(line, command);
}

void
shell_line_put(struct shell_line *line, const char *text)
{
	line->begun = true;
	if (line->out != NULL)
		(void)fputs(text, line->out);
}

void
shell_line_word(struct shell_line *line, const char *word)
{
	AUTO(free) char *quoted = quote_shell(word);

	if (quoted == NULL) {
		line->lost = true;
		return;
	}
	shell_line_put(line, " ");
	shell_line_put(line, quoted);
}

void
shell_line_last(struct shell_line *line, const char *name)
{
	if (name[0] == '-')
		shell_line_put(line, " --");
	shell_line_word(line, name);
}

char *
shell_line_end(struct shell_line *line)
{
	bool lost = line->lost, begun = line->begun;

	if (line->out != NULL) {
		lost = lost || ferror(line->out) != 0;
		lost = fclose(line->out) != 0 || lost;
	}
	AUTO(free) char *text = line->text;
	*line = (struct shell_line){ .text = NULL };
	return lost || !begun ? NULL : take_ptr(&text);
}
