/* held.c - acts that wait for a second person: kept, shown, decided. Owns nothing in memory; within
 * the transaction of the call. */
#include "api/held.h"

#include "access/auth/auth.h"
#include "access/model.h"
#include "api/decode.h"
#include "api/walk.h"
#include "base/time.h"
#include "gen/api_queries.h"
#include "gen/records/person.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { LIST_MAX = 200 };

static err run_now(void *ctx)
{
    walk *w = ctx;
    return w->c.route->handle(&w->c);
}

static err keep(walk *w)
{
    call *c = &w->c;
    id128 id = id_new();
    instant now = txn_now(c->t), ends = { now.us + HELD_US };
    TRY(held_add(c->t,
            &(held_add_args){ .id = id,
                    .route = str_of(c->route->id),
                    .path = w->q.path,
                    .body = w->q.body,
                    .person = c->viewer.person,
                    .org = c->viewer.org,
                    .created = now,
                    .expires = ends },
            NULL));
    TRY(person_entry(c->t, c->viewer.person, c->viewer.person, LEDGER_act_asked));
    c->status = 202;
    jw_obj(&c->out);
    jw_kid(&c->out, "id", id);
    jw_kstr(&c->out, "state", S("held"));
    jw_ktime(&c->out, "expires", ends);
    jw_end_obj(&c->out);
    return OK;
}

/* What would be refused is refused at once, and in the same words: only then does a second person
 * hear of it. A may_hold route says by that whether it wants one. */
err held_keep(walk *w, bool *ret_held)
{
    call *c = &w->c;
    c->second = false;
    TRY(txn_trial(c->t, run_now, w));
    walk_clear(w);
    *ret_held = c->route->two_person || c->second;
    return *ret_held ? keep(w) : OK;
}
static const route *route_of(const struct app *a, str id)
{
    const route_table *t = a->api->routes;
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(str_of(t->routes[i].id), id)) return &t->routes[i];
    return NULL;
}

static const route *route_named(const call *c, str id)
{
    return route_of(c->app, id);
}

bool held_permission(const struct app *a, str id, permission *ret)
{
    const route *r = route_of(a, id);
    if (r) *ret = (permission)r->permission;
    return r != NULL;
}

/* The organisation of the person whom the act is about; 0 when it is about none. */
static err about_org(const call *c, const held_act *h, int64_t *ret)
{
    viewer sys;
    id128 id;
    const person_handle *p;
    str rest = h->path, part, people = S("/api/people/");
    *ret = 0;
    if (!str_starts(h->path, people)) return OK;
    rest = str_sub(rest, people.n, rest.n);
    if (!str_split(&rest, '/', &part) || !id_parse(part, &id)) return OK;
    TRY(viewer_system(c->t, &sys));
    err e = person_read(c->t, &sys, (person_id){ id }, &p);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = p->now.org;
    return OK;
}

static err second_of(const call *c, const held_act *h, const viewer *v)
{
    int64_t about;
    const route *r = route_named(c, h->route);
    if (!r) return ERR(E_ABSENT, "error.api.absent");
    TRY(about_org(c, h, &about));
    return permit_second(v, (permission)r->permission, h->person, h->org, about);
}

err held_second(const call *c, const held_act *h)
{
    return second_of(c, h, &c->viewer);
}

uint8_t held_needed(const call *c, const held_act *h)
{
    const route *r = route_named(c, h->route);
    return r ? r->approvals : 1;
}

/* A yes counts as long as who gave it could give it now. */
static err counts(const call *c, const held_act *h, int64_t person, viewer *ret, bool *ret_yes)
{
    *ret_yes = false;
    err e = viewer_of_person(c->t, c->realm, person, S("held"), ret);
    if (err_code_of(e) == E_AUTH) return OK;
    TRY(e);
    *ret_yes = !failed(second_of(c, h, ret));
    return OK;
}

err held_given(const call *c, const held_act *h, held_yes *ret)
{
    held_yes_of_row *rows;
    size_t n;
    viewer v;
    bool yes;
    *ret = (held_yes){ 0 };
    TRY(held_yes_of(c->t, &(held_yes_of_args){ .act = h->row }, c->a, &rows, &n));
    for (size_t i = 0; i < n && ret->n < HELD_YES_MAX; i++) {
        TRY(counts(c, h, rows[i].person, &v, &yes));
        if (!yes) continue;
        ret->who[ret->n++] = rows[i].person;
        ret->national |= v.national;
        ret->mine |= rows[i].person == c->viewer.person;
    }
    return OK;
}

static bool concerns(const call *c, const held_act *h)
{
    return h->person == c->viewer.person || !failed(held_second(c, h));
}

static held_act act_of(const held_waiting_row *r)
{
    return (held_act){ .row = r->row,
        .person = r->person,
        .org = r->org,
        .id = r->id,
        .route = r->route,
        .path = r->path,
        .body = r->body,
        .created = r->created,
        .expires = r->expires };
}

err held_each(call *c, held_fn *fn)
{
    held_waiting_row *rows;
    size_t n;
    TRY(held_waiting(c->t, &(held_waiting_args){ .now = txn_now(c->t), .limit = LIST_MAX }, c->a,
            &rows, &n));
    for (size_t i = 0; i < n; i++) {
        held_act h = act_of(&rows[i]);
        if (concerns(c, &h)) TRY(fn(c, &h));
    }
    return OK;
}

err held_find(call *c, id128 id, held_act *ret)
{
    held_waiting_row *rows;
    size_t n;
    const id128 none = { { 0 } }; /* would ask for any */
    if (id_eq(id, none)) return ERR(E_ABSENT, "error.api.absent");
    TRY(held_waiting(c->t, &(held_waiting_args){ .now = txn_now(c->t), .limit = 1, .id = id }, c->a,
            &rows, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    held_act h = act_of(&rows[0]);
    if (!concerns(c, &h)) return ERR(E_ABSENT, "error.api.absent");
    *ret = h;
    return OK;
}

/* Only one decision finds it waiting. */
static err decide(call *c, const held_act *h, str state)
{
    int64_t n = 0;
    TRY(held_decide(c->t,
            &(held_decide_args){ .row = h->row,
                    .state = state,
                    .decider = c->viewer.person,
                    .now = txn_now(c->t) },
            &n));
    return n ? OK : ERR(E_CONFLICT, "error.api.act_decided");
}

static err run_as(call *c, const held_act *h, const viewer *asker, const held_yes *yes)
{
    walk *w = walk_new(
            c->app->api, c->a, &(api_request){ .path = h->path, .body = h->body, .local_uid = -1 });
    const char *allow;
    const route *r = route_named(c, h->route), *found;
    static const str methods[] = { S("GET"), S("POST"), S("PUT"), S("PATCH"), S("DELETE") };
    ASSERT(r && r->where == RUN_WRITER && r->method < ARRAY_LEN(methods));
    if (route_find(c->app->api->routes, c->a, methods[r->method], h->path, &found, &w->c.path_id,
                &allow) != FOUND ||
            found != r)
        return ERR(E_ABSENT, "error.api.absent");
    if (str_eq(w->c.path_id, id_text(c->a, c->viewer.person_id)))
        return ERR(E_DENIED, "error.access.second_self");
    w->c.route = r;
    w->c.realm = c->realm;
    w->c.viewer = *asker;
    w->c.t = c->t;
    TRY(permit_use(asker, (permission)r->permission));
    if (r->body) TRY(decode_body(c->a, r->body, h->body, &w->c.req));
    walk_clear(w);
    w->c.approvers = yes->who;
    w->c.approver = c->viewer.person;
    TRY(r->handle(&w->c));
    c->out = w->c.out; /* what the act gives is for who let it happen */
    return OK;
}

/* Counts the viewer's yes. *ret_enough false: another one is wanted. */
static err say_yes(call *c, const held_act *h, held_yes *yes, bool *ret_enough)
{
    int64_t n = 0;
    uint8_t needed = held_needed(c, h);
    TRY(held_yes_add(c->t,
            &(held_yes_add_args){ .act = h->row, .person = c->viewer.person, .at = txn_now(c->t) },
            &n));
    if (!n) return ERR(E_CONFLICT, "error.api.act_yours");
    TRY(held_given(c, h, yes));
    *ret_enough = yes->n >= needed;
    if (*ret_enough && needed > 1 && !yes->national) return ERR(E_DENIED, "error.api.act_national");
    return OK;
}

err held_approve(call *c, const held_act *h)
{
    viewer asker;
    held_yes yes;
    bool enough;
    TRY(held_second(c, h));
    err e = viewer_of_person(c->t, c->realm, h->person, S("held"), &asker);
    if (err_code_of(e) == E_AUTH) return ERR(E_CONFLICT, "error.api.asker_gone");
    TRY(e);
    TRY(say_yes(c, h, &yes, &enough));
    TRY(person_entry(c->t, h->person, c->viewer.person, LEDGER_act_approved));
    if (!enough) {
        jw_obj(&c->out);
        jw_kstr(&c->out, "state", S("waiting"));
        jw_end_obj(&c->out);
        return OK;
    }
    TRY(decide(c, h, S("done")));
    return run_as(c, h, &asker, &yes);
}

err held_refuse(call *c, const held_act *h)
{
    bool own = h->person == c->viewer.person;
    TRY(decide(c, h, own ? S("withdrawn") : S("refused")));
    return person_entry(
            c->t, h->person, c->viewer.person, own ? LEDGER_act_withdrawn : LEDGER_act_refused);
}
