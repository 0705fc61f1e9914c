/* event.c - routes of events: a page, and one with its raw row. All reading goes through the
 * history with the viewer's sight. In the pool. */
#include "desk/watch/event/event.h"

#include "api/page.h"
#include "common/findings/findings.h"
#include "flow/flow.h"
#include "gen/desk/watch/event/queries.h"
#include "gen/records/feed.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- names ---- */

typedef struct {
    int64_t row;
    event_name name;
} known;
typedef struct {
    known *of;
    size_t n, cap;
} known_list;
struct event_names {
    call *c;
    known_list owners, feeds;
};

event_names *event_names_new(call *c)
{
    event_names *n = NEW(c->a, event_names);
    n->c = c;
    return n;
}

static known *find(const known_list *l, int64_t row)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->of[i].row == row) return &l->of[i];
    return NULL;
}

static void keep(arena *a, known_list *l, int64_t row, event_name name)
{
    if (l->n == l->cap) {
        l->of = arena_extend(a, l->of, l->cap * sizeof *l->of, (l->cap * 2 + 16) * sizeof *l->of);
        l->cap = l->cap * 2 + 16;
    }
    l->of[l->n++] = (known){ row, name };
}

err event_owner_name(event_names *n, int64_t row, event_name *ret)
{
    call *c = n->c;
    event_org_row *o;
    event_name name = { 0 };
    const known *k = find(&n->owners, row);
    if (!k && row) {
        err e = event_org(c->t, &c->viewer, &(event_org_args){ .row = row }, c->a, &o);
        if (err_code_of(e) != E_ABSENT) TRY(e);
        if (!failed(e)) name = (event_name){ true, o->id, o->key, o->name };
        keep(c->a, &n->owners, row, name);
    }
    *ret = k ? k->name : name;
    return OK;
}

err event_feed_name(event_names *n, int64_t row, event_name *ret)
{
    call *c = n->c;
    const feed_handle *h;
    event_name name = { 0 };
    const known *k = find(&n->feeds, row);
    if (!k && row) {
        err e = feed_read_row(c->t, &c->viewer, row, &h);
        if (err_code_of(e) != E_ABSENT) TRY(e);
        if (!failed(e))
            name = (event_name){ true, h->id.id, str_copy(c->a, h->now.key),
                str_copy(c->a, h->now.name) };
        keep(c->a, &n->feeds, row, name);
    }
    *ret = k ? k->name : name;
    return OK;
}

/* ---- one event as JSON ---- */

static void put_text(jsonw *w, str key, str s)
{
    jw_key(w, key);
    if (s.n)
        jw_str(w, s);
    else
        jw_null(w);
}

static void put_number(jsonw *w, str key, int64_t n)
{
    jw_key(w, key);
    if (n)
        jw_i64(w, n);
    else
        jw_null(w);
}

static void put_where(call *c, const event *e)
{
    jsonw *w = &c->out;
    put_text(w, S("ip"), event_ip_text(c->a, e->source_ip_hi, e->source_ip_lo));
    put_number(w, S("port"), e->source_port);
    put_number(w, S("asn"), e->source_asn);
    put_text(w, S("cc"), e->source_cc);
    put_text(w, S("fqdn"), e->source_fqdn.n ? e->source_fqdn : e->source_reverse_dns);
    put_text(w, S("url"), e->source_url);
    put_text(w, S("protocol"), e->protocol_transport);
    put_text(w, S("application"), e->protocol_application);
    put_text(w, S("malware"), e->malware_name);
    put_text(w, S("destination_ip"),
            event_ip_text(c->a, e->destination_ip_hi, e->destination_ip_lo));
    put_number(w, S("destination_port"), e->destination_port);
}

static err put_owner(event_names *n, const event *e)
{
    jsonw *w = &n->c->out;
    event_name owner;
    TRY(event_owner_name(n, e->owner, &owner));
    jw_key(w, S("owner"));
    if (!owner.seen) {
        jw_null(w);
        return OK;
    }
    jw_obj(w);
    jw_kid(w, "id", owner.id);
    jw_kstr(w, "key", owner.key);
    jw_kraw(w, "name", owner.name);
    jw_end_obj(w);
    return OK;
}

static void put_why(call *c, const event *e)
{
    static const char *const keys[] = { TK("finding.why.none"), TK("finding.why.network"),
        TK("finding.why.asn"), TK("finding.why.domain"), TK("finding.why.country") };
    uint8_t why = e->owner_why & (uint8_t)~OWNER_CONFLICT;
    lang l = call_lang(c);
    str words = text_fill(c->a, T(l, keys[why < ARRAY_LEN(keys) ? why : 0]),
            flow_owner_text(c->a, e->extra), (str){ 0 }, (str){ 0 });
    if (e->owner_why & OWNER_CONFLICT)
        words = str_fmt(c->a, "%.*s %.*s", STR_ARG(words), STR_ARG(T(l, "event.why_conflict")));
    jw_kstr(&c->out, "why", words);
}

static void put_whole(call *c, const event *e)
{
    put_why(c, e);
    jw_key(&c->out, S("extra"));
    jw_raw(&c->out, e->extra.n ? e->extra : S("{}"));
    jw_kstr(&c->out, "raw", e->raw);
}

err event_put(event_names *n, const event *e, bool whole)
{
    call *c = n->c;
    jsonw *w = &c->out;
    event_name feed;
    TRY(event_feed_name(n, e->feed, &feed));
    jw_kid(w, "id", e->id);
    jw_ktime(w, "time", (instant){ e->time_source ? e->time_source : e->time_observation });
    jw_ktime(w, "observed", (instant){ e->time_observation });
    if (feed.seen) jw_kstr(w, "feed", feed.key);
    jw_kstr(w, "taxonomy", e->taxonomy);
    jw_kstr(w, "type", e->type);
    jw_kstr(w, "identifier", e->identifier);
    put_text(w, S("severity"), e->severity ? severity_name(e->severity) : (str){ 0 });
    put_where(c, e);
    jw_ki64(w, "count", e->count ? e->count : 1);
    TRY(put_owner(n, e));
    jw_kbool(w, "matched", e->matched.n > 0);
    jw_kstr(w, "tlp", tlp_name(e->audience));
    if (whole) put_whole(c, e);
    return OK;
}

/* ---- routes ---- */

static id128 id_of(const cursor *k)
{
    id128 id;
    memcpy(id.b, k->n, sizeof id.b);
    return id;
}

static cursor cursor_of(id128 id)
{
    cursor k = { 0 };
    memcpy(k.n, id.b, sizeof id.b);
    return k;
}

err h_event_list(call *c)
{
    const struct event_query *q = c->query;
    event_filter f;
    event_list page;
    cursor k = { 0 };
    bool found;
    event_names *names = event_names_new(c);
    TRY(event_filter_of(c, q, &f));
    TRY(cursor_read(c, q->cursor, &k, &found));
    id128 before = id_of(&k);
    TRY(history_search(c->realm->history, c->a, &c->viewer.sight, &f, found ? &before : NULL,
            (size_t)page_limit(q->has_limit ? q->limit : 0), &page));
    page_open(c);
    for (size_t i = 0; i < page.n; i++) {
        jw_obj(&c->out);
        TRY(event_put(names, &page.rows[i], false));
        jw_end_obj(&c->out);
    }
    cursor last = page.n ? cursor_of(page.rows[page.n - 1].id) : (cursor){ 0 };
    page_close(c, page.more, &last);
    return OK;
}

err h_event_read(call *c)
{
    id128 id;
    event e;
    history_batch_by_id_row batch;
    TRY(call_id(c, &id));
    TRY(history_event(c->realm->history, c->a, &c->viewer.sight, id, &e));
    TRY(history_batch(c->realm->history, c->a, e.batch, &batch));
    jw_obj(&c->out);
    TRY(event_put(event_names_new(c), &e, true));
    jw_kstr(&c->out, "header", batch.header);
    jw_end_obj(&c->out);
    return OK;
}
