/* route.c - the way of one call: route found, who asks, may they, how often, what they said; then
 * the handler runs where its row says. Each step that fails leaves its fault in the walk. Owns
 * nothing; HTTP threads and workers. */
#include "api/walk.h"
#include "access/model.h"
#include "api/cursor_in.h"
#include "api/decode.h"
#include "api/export.h"
#include "api/rate.h"
#include "base/time.h"

enum { JSON_ROOM = 1024 };

static int64_t version_of(str if_match)
{
    int64_t v;
    if (!str_starts(if_match, S("\"v")) || !str_ends(if_match, S("\""))) return -1;
    return str_to_i64(str_sub(if_match, 2, if_match.n - 3), &v) && v >= 0 ? v : -1;
}

walk *walk_new(api *a, arena *m, const api_request *q)
{
    walk *w = NEW(m, walk);
    w->api = a;
    w->q = *q;
    w->c = (call){ .a = m,
        .app = a->app,
        .local_uid = q->local_uid,
        .peer = q->peer,
        .cookie = q->cookie,
        .if_match = q->if_match,
        .if_none_match = q->if_none_match,
        .idempotency_key = q->idempotency_key,
        .last_event_id = q->last_event_id,
        .accept_language = q->accept_language,
        .if_version = version_of(q->if_match),
        .spool = q->spool,
        .spool_bytes = q->spool_bytes };
    w->unsafe = !str_eq(q->method, S("GET")) && !str_eq(q->method, S("HEAD"));
    return w;
}

bool walk_fail(walk *w, err e)
{
    if (failed(e)) w->fault = fault_copy(w->c.a, e.f);
    return !failed(e);
}

static err find(walk *w)
{
    switch (route_find(w->api->routes, w->c.a, w->q.method, w->q.path, &w->c.route, &w->c.path_id,
            &w->allow)) {
    case FOUND:
        w->allow = NULL;
        return OK;
    case NO_METHOD:
        w->refused = 405;
        return ERR1(E_USAGE, "error.api.method", str_of(w->allow));
    default:
        w->allow = NULL;
        return ERR(E_ABSENT, "error.api.absent");
    }
}

static uint8_t rate_named(const route_table *t, str name)
{
    uint8_t i = 0;
    while (!str_eq(str_of(t->rates[i].name), name))
        ASSERT((size_t)++i < t->n_rates);
    return i;
}

/* Who is known counts by person, the rest by address; the local socket's users are not counted
 * there. */
static err count(walk *w)
{
    const route_table *t = w->api->routes;
    uint8_t of = export_wanted(w->c.a, w->c.route, w->q.query) ? rate_named(t, S("export"))
                                                               : w->c.route->rate;
    const rate_row *row = &t->rates[of];
    const viewer *v = &w->c.viewer;
    bool by_person = !row->by_address && v->person;
    if (!by_person && w->q.local_uid >= 0) return OK;
    str who = by_person ? (str){ (const char *)v->person_id.b, sizeof v->person_id.b } : w->q.peer;
    int64_t wait_s = rate_take(w->api->rates, row, of, who, monotonic_us());
    return wait_s ? ERR1(E_FULL, "error.api.rate", str_fmt(w->c.a, "%lld", (long long)wait_s)) : OK;
}

static err permit(const walk *w)
{
    if (w->c.route->is_public) return OK;
    return permit_use(&w->c.viewer, (permission)w->c.route->permission);
}

/* After the right, before any byte of a body: who may not at all does not hear what to show. */
static err step_up(const walk *w)
{
    if (!w->c.route->step_up) return OK;
    return permit_step_up(&w->c.viewer, w->c.realm->kind == REALM_LIVE, clock_now(&clock_system),
            session_strong_us());
}

static bool type_is(str content_type, str wanted)
{
    ptrdiff_t semi = str_find_byte(content_type, ';');
    if (semi >= 0) content_type = str_sub(content_type, 0, (size_t)semi);
    return str_eq_nocase(str_trim(content_type), wanted);
}

static err media(walk *w)
{
    const route *r = w->c.route;
    str type = w->q.content_type;
    bool known = true;
    if (r->form)
        known = type_is(type, S("application/x-www-form-urlencoded"));
    else if (r->body)
        known = type_is(type, S("application/json"));
    if (known) return OK;
    w->refused = 415;
    return ERR1(E_USAGE, "error.api.media",
            r->form ? S("application/x-www-form-urlencoded") : S("application/json"));
}

static err begin(walk *w)
{
    TRY(find(w));
    TRY(credentials_resolve(w));
    TRY(count(w));
    TRY(permit(w));
    TRY(step_up(w));
    TRY(media(w));
    if (export_wanted(w->c.a, w->c.route, w->q.query))
        return export_take(w->c.a, w->c.route, w->q.query, &w->export);
    TRY(decode_query(w->c.a, w->c.route->query, w->q.query, &w->c.query));
    w->c.req = w->c.query;
    return OK;
}

bool walk_begin(walk *w)
{
    return walk_fail(w, begin(w));
}

static err body(walk *w)
{
    const struct form *form;
    TRY(idempotency_check(w));
    if (w->c.route->form) {
        TRY(decode_form(w->c.a, w->q.body, &form));
        w->c.req = form;
        return OK;
    }
    if (!w->c.route->body) return OK;
#ifdef MINAR_FAULTS
    w->c.body = w->q.body;
#endif
    return decode_body(w->c.a, w->c.route->body, w->q.body, &w->c.req);
}

bool walk_body(walk *w)
{
    return walk_fail(w, body(w));
}

/* A handler may run twice: nothing of the first time stays. */
static void clear_answer(call *c)
{
    c->out = jsonw_new(c->a, JSON_ROOM);
    c->status = 0;
    c->etag = c->set_cookie = c->location = c->html = c->raw = c->type = c->tlp = (str){ 0 };
    c->cache = NULL;
    c->note = NULL;
    c->saw = false;
}

err walk_still(walk *w)
{
    call *c = &w->c;
    if (!c->viewer.epoch || c->viewer.epoch == (int64_t)txn_epoch(c->t)) return OK;
    TRY(credentials_resolve(w));
    return permit(w);
}

static err handle_read(walk *w)
{
    TRY(walk_still(w));
    return w->c.route->handle(&w->c);
}

static err read_in(walk *w, int64_t steps)
{
    call *c = &w->c;
    clear_answer(c);
    TRY(txn_read(c->realm->store, steps, &c->t));
    err e = handle_read(w);
    call_release(c);
    /* A handler that forgets would leave a reader out of the log. */
    ASSERT(failed(e) || !c->route->read_logged || c->route->is_public || c->saw);
    return e;
}

void walk_read(walk *w)
{
    if (w->export) {
        export_run(w);
        return;
    }
    (void)walk_fail(w, read_in(w, w->inline_now ? w->api->inline_steps : 0));
}

void walk_clear(walk *w)
{
    clear_answer(&w->c);
}

cursor_scope cursor_scope_of(const call *c)
{
    return (cursor_scope){ c->app->api->key, c->viewer.person_id, c->viewer.org_id,
        str_of(c->realm->name), str_of(c->route->id) };
}

str cursor_make(call *c, const cursor *k)
{
    char text[CURSOR_BYTES];
    cursor_scope s = cursor_scope_of(c);
    size_t n = cursor_seal(&s, k, text);
    return str_copy(c->a, (str){ text, n });
}

err cursor_read(call *c, str text, cursor *ret, bool *ret_found)
{
    *ret = (cursor){ 0 };
    *ret_found = text.n > 0;
    if (text.n == 0) return OK;
    cursor_scope s = cursor_scope_of(c);
    if (cursor_open(&s, c->a, text, ret)) return OK;
    return err_at_pointer(ERR(E_INVALID, "error.api.cursor"), S("/cursor"));
}
