/* file_in.h - the record of a file that somebody brought (import_run): begun before its rows are
 * written, ended with counts and report, "failed" where writing stopped. Pool threads. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "common/import/import.h"

typedef struct {
    realm *realm; /* borrowed, as the next three */
    const viewer *v;
    arena *a;
    import_sheet *sheet;
    str kind, file_name; /* "organisations", "indicators" */
    str content;         /* all of the file */
    lang lang;           /* of the report */
    int64_t bytes;
    str state;   /* as it ended: "done", "failed", "stopped" */
    int64_t row; /* from here on: known once it is begun */
    id128 id;
    instant at;
} file_in;

/* The bytes of a spooled body, mapped; nothing when it has none. Errors: E_IO. */
MUST_USE err file_in_map(const char *spool, int64_t bytes, str *ret);
void file_in_unmap(str content);

/* One write each. Nothing is written between a begin that fails and its end. */
MUST_USE err file_in_begin(file_in *f);
MUST_USE err file_in_end(file_in *f, bool whole);
/* Has nobody stopped it? Asked between slices, of a snapshot of its own. */
MUST_USE err file_in_goes_on(const file_in *f, bool *ret);
/* The members id, kind, file_name, state, rows_*, mapping and errors into the open object; dry:
 * as a preview, without an id. */
void file_in_put(const file_in *f, jsonw *w, bool dry);
