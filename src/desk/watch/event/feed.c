/* feed.c - routes of feeds: made, read, changed, listed with their health. What came in is asked of
 * the history; reads run in the pool, writes in the group's transaction. */
#include "desk/watch/feed.h"

#include "access/audience.h"
#include "access/site.h"
#include "api/page.h"
#include "base/texts.h"
#include "desk/watch/event/feed_find.h"
#include "desk/watch/event/feed_health.h"
#include "flow/flow.h"
#include "gen/desk/watch/event/queries.h"
#include "gen/records/feed.h"
#include "gen/routes_handlers.h"
#include "net/fetch.h"
#include "store/store.h"

/* ---- finding one ---- */

err feed_find(call *c, str id_or_key, feed_found *ret)
{
    id128 id;
    if (id_parse(id_or_key, &id)) {
        feed_by_id_row *r;
        TRY(feed_by_id(c->t, &c->viewer, &(feed_by_id_args){ .id = id }, c->a, &r));
        *ret = (feed_found){ r->row, r->id, str_eq(r->state, S("paused")) };
        return OK;
    }
    feed_by_key_row *r;
    TRY(feed_by_key(c->t, &c->viewer, &(feed_by_key_args){ .key = id_or_key }, c->a, &r));
    *ret = (feed_found){ r->row, r->id, str_eq(r->state, S("paused")) };
    return OK;
}

/* ---- reading ---- */

static void put_feed(call *c, const feed_health *h, const feed_all_row *f)
{
    jsonw *w = &c->out;
    jw_obj(w);
    feed_all_members(w, f);
    feed_health_put(h, f, w);
    jw_end_obj(w);
}

err h_feed_list(call *c)
{
    feed_health *h;
    TRY(feed_health_read(c, 0, &h));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < h->n; i++)
        put_feed(c, h, &h->feeds[i]);
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_feed_read(call *c)
{
    feed_found found;
    feed_health *h;
    TRY(feed_find(c, c->path_id, &found));
    TRY(feed_health_read(c, found.row, &h));
    for (size_t i = 0; i < h->n; i++) {
        if (h->feeds[i]._row != found.row) continue;
        call_version(c, h->feeds[i].version);
        put_feed(c, h, &h->feeds[i]);
        return OK;
    }
    return ERR(E_ABSENT, "error.feed.absent");
}

err feed_counts(call *c, int64_t ret[FEED_STATES])
{
    feed_health *h;
    memset(ret, 0, FEED_STATES * sizeof *ret);
    TRY(feed_health_read(c, 0, &h));
    for (size_t i = 0; i < h->n; i++)
        ret[feed_health_of(h, &h->feeds[i])]++;
    return OK;
}

err feed_summary(call *c, int64_t *alive, int64_t *total, instant *last_event, int64_t *events_24h)
{
    feed_health *h;
    TRY(feed_health_read(c, 0, &h));
    *alive = 0;
    *total = (int64_t)h->n;
    for (size_t i = 0; i < h->n; i++)
        *alive += feed_health_of(h, &h->feeds[i]) == FEED_ALIVE;
    return feed_health_events(c, last_event, events_24h);
}

/* ---- writing ---- */

static bool key_fits(str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        bool letter = c >= 'a' && c <= 'z', other = (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!letter && !(other && i)) return false;
    }
    return key.n > 0;
}

static err key_check(call *c, str key)
{
    feed_key_taken_row *rows;
    size_t n;
    if (!key_fits(key)) return err_at_pointer(ERR(E_INVALID, "error.feed.key"), S("/key"));
    TRY(feed_key_taken(c->t, &(feed_key_taken_args){ .key = key }, c->a, &rows, &n));
    return n ? err_at_pointer(ERR1(E_CONFLICT, "error.feed.taken", key), S("/key")) : OK;
}

/* The declaration's own place is put behind /declaration; a wrong one is the sender's, not the
 * site's. */
static err declaration_check(call *c, str yaml, str format, flow_feed_facts *ret)
{
    *ret = (flow_feed_facts){ 0 };
    if (!str_trim(yaml).n) return OK;
    err e = flow_feed_check(c->a, yaml, ret);
    if (failed(e)) {
        const fault *f = e.f;
        str at = str_cat(c->a, S("/declaration"), f->pointer);
        err bad = err_make(E_INVALID, f->key, f->args[0], f->args[1], f->args[2]);
        return err_at_row(err_at_pointer(bad, at), (str){ 0 }, f->row, f->col);
    }
    if (!str_eq(ret->format, format))
        return err_at_pointer(
                ERR(E_INVALID, "error.feed.format_differs"), S("/declaration/format"));
    return OK;
}

static err url_check(call *c, str text)
{
    web_url u;
    if (!text.n || !failed(web_url_parse(c->a, text, NULL, &u))) return OK;
    return err_at_pointer(
            ERR1(E_INVALID, "error.feed.url", str_sub(web_url_shown(text), 0, 200)), S("/url"));
}

/* Label of events without an owner: as asked, else as declared, else AMBER+STRICT. */
static err events_label(const struct feed_draft *b, const flow_feed_facts *f, int *ret)
{
    *ret = LABEL_STRICT;
    if (b->has_tlp)
        TRY(tlp_parse(b->tlp, ret));
    else if (f->audience.n && failed(tlp_parse(f->audience, ret)))
        *ret = LABEL_STRICT;
    return *ret == LABEL_RED ? err_at_pointer(ERR(E_INVALID, "error.feed.tlp"), S("/tlp")) : OK;
}

static err events_audience(call *c, int label, int64_t *ret)
{
    bool named = label == LABEL_AMBER || label == LABEL_STRICT;
    return audience_intern(c->t, label, named ? c->realm->national_grp : 0, NULL, 0, ret);
}

static void draft_fill(call *c, const struct feed_draft *b, const flow_feed_facts *f, feed_draft *d)
{
    str name_en = b->has_name_en ? b->name_en : f->name.n ? f->name : b->key;
    *d = (feed_draft){ .owner = c->viewer.org,
        .audience = LABEL_STRICT,
        .key = b->key,
        .name = texts_make(c->a, name_en, b->name_ur),
        .format = b->format,
        .declaration = b->declaration,
        .provider = b->has_provider ? b->provider : f->provider,
        .accuracy = b->has_accuracy ? b->accuracy
                    : f->name.n     ? f->accuracy
                                    : 100,
        .every_s = b->every_s,
        .expect_every_s = b->expect_every_s,
        .state = S("active") };
    if (b->has_url && b->url.n) d->url = b->url;
}

err h_feed_create(call *c)
{
    const struct feed_draft *b = c->req;
    flow_feed_facts f;
    const feed_handle *h;
    feed_draft d;
    int label;
    TRY(key_check(c, b->key));
    TRY(declaration_check(c, b->declaration, b->format, &f));
    TRY(url_check(c, b->url));
    TRY(events_label(b, &f, &label));
    draft_fill(c, b, &f, &d);
    TRY(events_audience(c, label, &d.event_audience));
    TRY(feed_insert(c->t, &c->viewer, &d, LEDGER_feed_created, &h));
    call_created(c, h->id.id, h->version);
    return OK;
}

err h_feed_change(call *c)
{
    const struct feed_change *b = c->req;
    const feed_handle *h;
    flow_feed_facts f;
    feed_found found;
    TRY(feed_find(c, c->path_id, &found));
    TRY(feed_hold(c->t, &c->viewer, (feed_id){ found.id }, &h));
    TRY(call_match(c, h->version, false));
    feed_draft d = h->now;
    if (b->has_state) d.state = b->state;
    if (b->has_every_s) d.every_s = b->every_s;
    if (b->has_expect_every_s) d.expect_every_s = b->expect_every_s;
    if (b->has_declaration) {
        TRY(declaration_check(c, b->declaration, d.format, &f));
        d.declaration = b->declaration;
    }
    TRY(feed_save(c->t, &c->viewer, h, &d, LEDGER_feed_changed));
    call_created(c, h->id.id, h->version);
    return OK;
}
