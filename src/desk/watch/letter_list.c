/* letter_list.c - the route of all letters: which wait to be printed or handed over. What is seen
 * is what the delivery's, the notice's and the organisation's own rules show. In the pool. */
#include "api/page.h"
#include "desk/watch/put.h"
#include "gen/desk/watch/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

static err put(call *c, const letters_page_row *d)
{
    jsonw *w = &c->out;
    jw_obj(w);
    jw_kid(w, "id", d->id);
    jw_kstr(w, "channel", S("letter"));
    jw_kstr(w, "state", d->state);
    jw_kid(w, "notice", d->notice_id);
    jw_kstr(w, "notice_number", d->notice_number);
    put_org_ref(w, S("org"), d->org_id, d->org_key, d->org_name);
    jw_ktime(w, "acknowledged", d->acknowledged);
    TRY(watch_put_letter(
            c, &(letter_shown){ d->_number, d->_hash, d->_issued, d->_printed, d->_handed,
                       d->_returned, d->_withdrawn, d->has__handed_by, d->_handed_by }));
    jw_kstr(w, "tlp", tlp_name(d->_audience));
    jw_end_obj(w);
    return OK;
}

err h_letter_list(call *c)
{
    const struct letter_list_query *q = c->query;
    letters_page_row *rows;
    cursor at;
    bool found;
    size_t n;
    letters_page_args args = {
        .before = INT64_MAX, .state = q->state, .limit = page_limit(q->has_limit ? q->limit : 0)
    };
    TRY(cursor_read(c, q->cursor, &at, &found));
    if (found) args.before = at.n[0];
    if (q->has_org) TRY(watch_org_row(c, q->org, &args.org));
    args.has_org = q->has_org;
    TRY(letters_page(c->t, &c->viewer, &args, c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put(c, &rows[i]));
    page_close(c, (int64_t)n == args.limit, n ? &(cursor){ .n = { rows[n - 1]._row } } : NULL);
    return OK;
}
