/* reads.c - route of the read log's days: how many reads were noted, and the hash over them that
 * the ledger holds. For the auditor, who sees no reader's name by it. Runs in the pool. */
#include "access/seen/seen.h"
#include "api/page.h"
#include "gen/access/seen/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"
#include <sodium.h>

static void put_day(call *c, const read_days_back_row *d)
{
    jsonw *w = &c->out;
    char hex[65] = "";
    if (d->chain.n == 32) sodium_bin2hex(hex, sizeof hex, (const uint8_t *)d->chain.p, d->chain.n);
    jw_obj(w);
    jw_kstr(w, "day", seen_day_name(c->a, d->day));
    jw_kstr(w, "state", d->state);
    jw_ki64(w, "notes", d->notes);
    jw_kstr(w, "digest", str_copy(c->a, str_of(hex)));
    jw_ktime(w, "closed", d->closed);
    jw_end_obj(w);
}

err h_reads_list(call *c)
{
    const struct page_query *q = c->query;
    read_days_back_row *d;
    cursor k = { 0 };
    bool found;
    size_t n;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(read_days_back(c->t,
            &(read_days_back_args){ .before = found ? k.n[0] : INT64_MAX, .limit = limit }, c->a,
            &d, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        put_day(c, &d[i]);
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { d[n - 1].day } } : NULL);
    return OK;
}
