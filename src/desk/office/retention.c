/* retention.c - routes of how long things are kept: the rules, what would go by one, changing one,
 * a run now. They read in the pool; changing is the writer's, the run is a job. */
#include "common/retention/retention.h"
#include "access/model.h"
#include "api/app.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- reading ---- */

static void put_days(jsonw *w, const char *key, int64_t days)
{
    jw_key(w, str_of(key));
    if (days)
        jw_i64(w, days);
    else
        jw_null(w);
}

static err put_by(call *c, int64_t person)
{
    const person_handle *p;
    if (!person) return OK;
    err e = person_read_row(c->t, &c->viewer, person, &p);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    if (!failed(e) && p->now.name.n) jw_kstr(&c->out, "by", p->now.name);
    return OK;
}

static err put_rule(call *c, const retention_rule *r)
{
    jsonw *w = &c->out;
    retention_state s;
    TRY(retention_read(c->t, c->app->conf, r, &s));
    jw_obj(w);
    jw_kstr(w, "name", str_of(r->name));
    jw_kstr(w, "basis", str_of(r->basis));
    put_days(w, "days", s.days);
    put_days(w, "shipped", r->days);
    jw_key(w, S("setting"));
    r->setting ? jw_str(w, str_of(r->setting)) : jw_null(w);
    jw_kbool(w, "changed", s.changed);
    TRY(put_by(c, s.set_by));
    jw_ktime(w, "at", s.set_at);
    jw_ktime(w, "ran", s.ran);
    jw_ki64(w, "gone", s.gone);
    jw_end_obj(w);
    return OK;
}

err h_retention_list(call *c)
{
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < retention_rules_n; i++)
        TRY(put_rule(c, &retention_rules[i]));
    jw_end_arr(&c->out);
    jw_kbool(&c->out, "may_change", !failed(permit_use(&c->viewer, PERMISSION_realm_write)));
    jw_end_obj(&c->out);
    return OK;
}

static err find(call *c, const retention_rule **ret)
{
    *ret = retention_find(c->path_id);
    return *ret ? OK : ERR(E_ABSENT, "error.api.absent");
}

err h_retention_preview(call *c)
{
    const struct retention_query *q = c->query;
    const retention_rule *r;
    retention_effect x = { .whole = true };
    instant before;
    TRY(find(c, &r));
    TRY(retention_before(c->t, c->app->conf, r, q->has_days ? q->days : 0, &before));
    if (before.us) TRY(retention_look(c->t, c->realm, r, before, &x));
    jw_obj(&c->out);
    jw_ki64(&c->out, "due", x.due);
    jw_ki64(&c->out, "held", x.held);
    jw_ktime(&c->out, "oldest", x.oldest);
    jw_kbool(&c->out, "whole", x.whole);
    jw_ktime(&c->out, "before", before);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- changing ---- */

err h_retention_set(call *c)
{
    const struct retention_draft *b = c->req;
    const retention_rule *r;
    TRY(find(c, &r));
    if (r->setting) return ERR1(E_CONFLICT, "error.office.retention_setting", str_of(r->setting));
    TRY(retention_set(c->t, c->realm, r, c->viewer.person, b->has_days ? b->days : 0));
    call_put_empty(c);
    return OK;
}

/* ---- now ---- */

typedef struct {
    call *c;
    id128 id;
} asking;

static err ask_apply(txn *t, void *ctx)
{
    asking *x = ctx;
    const call *c = x->c;
    return retention_ask(t, c->app->conf, c->viewer.person, &x->id);
}

err h_retention_run(call *c)
{
    asking x = { .c = c };
    call_release(c);
    TRY(store_write(c->realm->store, ask_apply, &x));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", x.id);
    jw_ki64(&c->out, "total", 0); /* it counts as it goes */
    jw_kbool(&c->out, "undo", false);
    jw_end_obj(&c->out);
    return OK;
}
