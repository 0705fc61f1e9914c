/* serve.h - `minar serve`: the supervisor, and the body of each child. */
#pragma once
#include "base/text.h"
#include "proc/rights.h"

typedef struct {
    const char *data_dir, *listen;
    lang lang; /* of what is said before the log begins */
} serve_options;
/* Supervises until told to stop; returns the exit code. */
int serve_run(const serve_options *o);
/* The body of a child; args are those after --child=KIND. */
int serve_child(proc_kind kind, int argc, char **argv);
