/* put.h - findings, notices and what stands beside them as JSON, as the interface says. WATCH only.
 */
#pragma once
#include "api/api.h"
#include "gen/desk/watch/queries.h"

/* key: {"id","key","name"} of an organisation. */
void put_org_ref(jsonw *w, str key, id128 id, str org_key, str name);
void put_text_or_null(jsonw *w, str key, str s);
void put_id_or_null(jsonw *w, str key, id128 id);
/* The Finding in this row, as the viewer may see it. Nothing is written when it is gone. */
MUST_USE err put_finding(call *c, int64_t row);
/* The same, with who answered it and for whom. */
MUST_USE err put_finding_whole(call *c, int64_t row);
/* key: a person's name, if the viewer may see the person; else null. */
MUST_USE err watch_put_name(call *c, str key, bool has, int64_t row);
/* key: the name of whom the last act on this record was done for, by a deputy; else null. */
MUST_USE err watch_put_for(call *c, str key, str kind, int64_t record);
/* for_person of routes whose query is ActingQuery; zero: nobody is named. */
id128 acting_person(const call *c);
/* Row of an organisation that the viewer sees, for filters: E_ABSENT otherwise. */
MUST_USE err watch_org_row(call *c, id128 id, int64_t *ret);

/* "letter": what stands on paper, and what became of it. */
typedef struct {
    str number, hash; /* hash: empty until the file is made */
    instant issued, printed, handed, returned, withdrawn;
    bool has_by;
    int64_t by; /* who says that it was handed over */
} letter_shown;
MUST_USE err watch_put_letter(call *c, const letter_shown *l);
