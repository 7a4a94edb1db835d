/*
 * What the doctor found, for people and for programs.
 */
#ifndef COMMAND_DOCTOR_REPORT_H
#define COMMAND_DOCTOR_REPORT_H

#include "command/command.h"
#include "doctor/doctor.h"

/* `path` is as it was named. */
void doctor_report(struct session *session, const char *path,
    const struct examination *examination);

/*
 * Before a round of a watch: an empty screen on a terminal, else a line with
 * the time; nothing in JSON, where each object has its time.
 */
void doctor_report_watch(struct session *session, double every);

#endif
