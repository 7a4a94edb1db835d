/*
 * Any bytes as remembered evidence: none, or evidence whose one text they are;
 * and whatever it says can be compared with anything.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "database/evidence_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1), again[EVIDENCE_TEXT_BYTES];
	struct evidence_past past;

	assert(text != NULL);
	memcpy(text, bytes, len);
	text[len] = '\0';
	if (evidence_parse(text, &past)) {
		struct evidence now = past.facts;

		evidence_format(&past, again);
		assert(strcmp(again, text) == 0);
		now.time_ns ^= past.scanned_ns;
		now.clock_ns ^= (int64_t)past.times;
		(void)evidence_doubt(&past, &now, &evidence_usual);
	}
	free(text);
	return 0;
}
