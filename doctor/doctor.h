/*
 * One database looked at and judged.
 *
 * Nothing is written: the database's folder is afterwards byte for byte as it
 * was.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "base/err.h"
#include "doctor/diagnosis.h"
#include "doctor/facts.h"

struct examination {
	struct facts facts;
	struct diagnosis diagnosis;
	int64_t time_ms; /* when the look began */
};

/*
 * The errors are those of facts_gather().  Not for a process that has SQLite
 * connections to the database.
 */
int doctor_examine(const struct facts_request *request,
    struct examination *ret_examination, struct err *err);

#endif
