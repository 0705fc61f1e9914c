/* search.c - route of the search by words: of all kinds, or a page of one; and how many there are
 * of each. All of it is what the viewer may see. Runs in the pool: names are sealed, and the keys
 * process is asked. */
#include "api/page.h"
#include "common/search/search.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { EACH = 5 };

static void put_hit(jsonw *w, const search_hit *h)
{
    jw_obj(w);
    jw_kstr(w, "kind", str_of(h->d->name));
    jw_kid(w, "id", h->id);
    jw_kstr(w, "title", h->title);
    if (h->sub.n) jw_kstr(w, "sub", h->sub);
    jw_kstr(w, "href", h->href);
    jw_ktime(w, "created", h->created);
    jw_end_obj(w);
}

static err one_kind(call *c, const search_question *q, const record_def *d, int64_t limit)
{
    const struct search_query *ask = c->query;
    cursor at;
    bool found;
    search_page p;
    TRY(cursor_read(c, ask->cursor, &at, &found));
    TRY(search_find(c->t, &c->viewer, d, q, found ? at.n[0] : INT64_MAX, limit, c->a, &p));
    for (size_t i = 0; i < p.n; i++)
        put_hit(&c->out, &p.at[i]);
    page_close(c, p.more, &(cursor){ .n = { p.before } });
    return OK;
}

static err all_kinds(call *c, const search_question *q, int64_t limit)
{
    search_page p;
    for (const record_def *const *d = search_kinds(); *d; d++) {
        TRY(search_find(c->t, &c->viewer, *d, q, INT64_MAX, limit, c->a, &p));
        for (size_t i = 0; i < p.n; i++)
            put_hit(&c->out, &p.at[i]);
    }
    page_close(c, false, NULL);
    return OK;
}

/* The kinds that the viewer may be told of, with how many there are. */
static err put_counts(call *c, const search_question *q)
{
    jsonw *w = &c->out;
    jw_key(w, S("kinds"));
    jw_arr(w);
    for (const record_def *const *d = search_kinds(); *d; d++) {
        int64_t n;
        bool more;
        if (!search_may(&c->viewer, *d)) continue;
        TRY(search_count(c->t, &c->viewer, *d, q, &n, &more));
        jw_obj(w);
        jw_kstr(w, "kind", str_of((*d)->name));
        jw_ki64(w, "n", n);
        jw_kbool(w, "more", more);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    return OK;
}

err h_search(call *c)
{
    const struct search_query *ask = c->query;
    search_question q = { .text = ask->q, .typing = ask->typing, .l = call_lang(c) };
    const record_def *d = ask->kind.n ? record_kind_named(ask->kind) : NULL;
    int64_t limit = ask->has_limit ? ask->limit : d ? page_limit(0) : EACH;
    ASSERT(d || !ask->kind.n);
    jw_obj(&c->out);
    if (ask->counts) TRY(put_counts(c, &q));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    return d ? one_kind(c, &q, d, limit) : all_kinds(c, &q, limit);
}
