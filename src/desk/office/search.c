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

/* Of each kind its page: empty where one kind alone was asked for, and not this one. */
static err read_kinds(call *c, const record_def *only, search_page *pages)
{
    const struct search_query *ask = c->query;
    search_question q = { .text = ask->q, .typing = ask->typing, .l = call_lang(c) };
    int64_t limit = ask->has_limit ? ask->limit : only ? page_limit(0) : EACH;
    cursor at;
    bool found;
    TRY(cursor_read(c, ask->cursor, &at, &found));
    for (size_t i = 0; search_kinds()[i]; i++) {
        const record_def *d = search_kinds()[i];
        bool shown = !only || only == d;
        search_part part = { .before = found ? at.n[0] : INT64_MAX,
            .limit = shown ? limit : 0,
            .counted = ask->counts && !found };
        pages[i] = (search_page){ 0 };
        if (shown || part.counted)
            TRY(search_find(c->t, &c->viewer, d, &q, &part, c->a, &pages[i]));
    }
    return OK;
}

/* The kinds that the viewer may be told of, with how many there are. */
static void put_counts(call *c, const search_page *pages)
{
    jsonw *w = &c->out;
    jw_key(w, S("kinds"));
    jw_arr(w);
    for (size_t i = 0; search_kinds()[i]; i++) {
        if (!search_may(&c->viewer, search_kinds()[i])) continue;
        jw_obj(w);
        jw_kstr(w, "kind", str_of(search_kinds()[i]->name));
        jw_ki64(w, "n", pages[i].count);
        jw_kbool(w, "more", pages[i].count_more);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static const search_page *put_items(call *c, const record_def *only, const search_page *pages)
{
    const search_page *last = NULL;
    for (size_t i = 0; search_kinds()[i]; i++) {
        for (size_t k = 0; k < pages[i].n; k++)
            put_hit(&c->out, &pages[i].at[k]);
        if (search_kinds()[i] == only) last = &pages[i];
    }
    return last;
}

err h_search(call *c)
{
    const struct search_query *ask = c->query;
    const record_def *only = ask->kind.n ? record_kind_named(ask->kind) : NULL;
    search_page pages[RECORD_KINDS];
    bool further = ask->cursor.n > 0;
    ASSERT(only || !ask->kind.n);
    TRY(read_kinds(c, only, pages));
    jw_obj(&c->out);
    if (ask->counts && !further) put_counts(c, pages);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    const search_page *last = put_items(c, only, pages);
    page_close(c, last && last->more, last ? &(cursor){ .n = { last->before } } : NULL);
    return OK;
}
