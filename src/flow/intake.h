/* intake.h - files of feeds on their way in: kept, registered as an import, read one after another
 * by the realm's worker in turns, each from where it stands. Called by WATCH's handlers and the
 * scheduler. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "base/json.h"

enum { INTAKE_WAITING_MAX = 64 };

typedef struct {
    int64_t feed;     /* row */
    str file_name;    /* as it came: tells Shadowserver's report type */
    const char *path; /* where the content lies; it gets a second name, or is copied */
    lang l;           /* of the report's words */
    bool ours; /* nobody writes into the file any more: a second name will do, else it is copied */
} intake_file;

typedef struct {
    int64_t row; /* of the import_run */
    id128 id;
    bool already; /* the same content came before: this is its import, and nothing new begins */
    bool over;    /* it is wholly read */
} intake_ticket;

/* Registers the file; it is durable when this returns. Errors: E_FULL (argument 1: seconds to
 * wait), E_DENIED, E_IO, E_BUSY when the pipeline is not running. */
MUST_USE err intake_add(realm *r, const viewer *v, const intake_file *in, intake_ticket *ret);
/* Waits until the import is over; false when the time ran out first. */
bool intake_wait(realm *r, int64_t row, int64_t timeout_ms);
/* Reads the file without writing anything: the report's members go into the open object, counts
 * first. */
MUST_USE err intake_preview(realm *r, const intake_file *in, arena *a, jsonw *w);
