/*
 * Levenshtein's distance with swapped neighbours as one step ("bakcup"): the
 * slips that fingers make.  A name is near when no more than a third of it,
 * and at least one letter, would have to change; or when it begins with what
 * was typed.
 */
#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

enum { WORD_MAX = 40 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a_len; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= b_len; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		for (size_t j = 1; j <= b_len; j++) {
			unsigned same = a[i - 1] == b[j - 1] ? 0 : 1;
			d[i][j] = least(d[i - 1][j - 1] + same,
			    least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_len][b_len];
}

void
nearest_offer(struct nearest *nearest, const char *name)
{
	size_t typed = strlen(nearest->word), len = strlen(name);

	if (typed == 0 || typed > WORD_MAX || len > WORD_MAX)
		return;
	unsigned distance = edit_distance(nearest->word, typed, name, len);
	unsigned most = len < 6 ? 1 : (unsigned)(len / 3);
	if (typed >= 2 && strncmp(nearest->word, name, typed) == 0)
		distance = 1;
	if (distance > most)
		return;
	if (nearest->name == NULL || distance < nearest->distance) {
		nearest->name = name;
		nearest->distance = distance;
	}
}
