/*
 * A look at sets as metrics, in the text format that Prometheus reads
 * (prometheus.io/docs/instrumenting/exposition_formats), for the textfile
 * collector of its node exporter.  litesafe-status(1) lists them.
 */
#ifndef COMMAND_STATUS_PROMETHEUS_H
#define COMMAND_STATUS_PROMETHEUS_H

#include <stdio.h>

#include "base/err.h"
#include "command/status_round.h"

/* Errors of the stream stay in the stream. */
void prometheus_put(FILE *out, const struct status_round *round);

/*
 * In the file at `path`, in place of what is there, in one step: who reads it
 * meanwhile reads the old one or the new one.  It is for everybody to read.
 * ERR_REFUSED when what has the name is no file.
 */
int prometheus_write(
    const char *path, const struct status_round *round, struct err *err);

#endif
