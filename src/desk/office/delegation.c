/* delegation.c - routes of administration that is delegated: one organisation, a sector CERT or a
 * regulator, administers the people and keys of others, its members, until a day. Given by the
 * national administrator, one by one and by two persons; what it lets do is model.c's. Reads in the
 * pool, writes within the group's transaction. Writes table delegate. */
#include "access/delegate.h"
#include "access/model.h"
#include "api/app.h"
#include "api/page.h"
#include "base/time.h"
#include "desk/office/delegation.h"
#include "desk/office/organisation.h"
#include "gen/desk/office/queries.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "render/words.h"
#include "store/store.h"

enum { MEMBERS_MAX = 200 };

/* ---- as JSON ---- */

/* Both of them are told of each other, whatever else they may see. */
static err put_name(call *c, const char *key, int64_t row)
{
    const organisation_handle *o;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, row, &o));
    jw_key(&c->out, str_of(key));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", o->id.id);
    jw_kstr(&c->out, "key", o->now.key);
    jw_kraw(&c->out, "name", o->now.name);
    jw_end_obj(&c->out);
    return OK;
}

err delegation_put(call *c, int64_t org)
{
    delegate_now d;
    TRY(delegate_of(c->t, org, &d));
    jw_key(&c->out, S("administered"));
    if (!d.keeper) {
        jw_null(&c->out);
        return OK;
    }
    jw_obj(&c->out);
    TRY(put_name(c, "keeper", d.keeper));
    jw_ktime(&c->out, "since", d.since);
    jw_ktime(&c->out, "until", d.until);
    jw_end_obj(&c->out);
    return OK;
}

static err put_counts(call *c, int64_t org)
{
    delegate_counts_row *n;
    TRY(delegate_counts(c->t,
            &(delegate_counts_args){ .org = org, .now = clock_now(&clock_system) }, c->a, &n));
    jw_ki64(&c->out, "people", n->people);
    jw_ki64(&c->out, "keys", n->keys);
    return OK;
}

static err put_row(call *c, const delegate_page_row *d)
{
    jw_obj(&c->out);
    TRY(put_name(c, "org", d->org));
    TRY(put_name(c, "keeper", d->keeper));
    jw_ktime(&c->out, "since", d->since);
    jw_ktime(&c->out, "until", d->until);
    TRY(put_counts(c, d->org));
    jw_kbool(&c->out, "may_end", !failed(permit_use(&c->viewer, PERMISSION_delegation_write)));
    jw_kbool(&c->out, "mine", permit_delegated(&c->viewer, d->org));
    jw_end_obj(&c->out);
    return OK;
}

err h_delegation_list(call *c)
{
    const struct page_query *q = c->query;
    delegate_page_row *rows;
    size_t n;
    cursor k;
    bool found;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(delegate_page(c->t,
            &(delegate_page_args){ .after = k.n[0],
                    .now = txn_now(c->t),
                    .org = c->viewer.org,
                    .whole = permit_delegations_whole(&c->viewer),
                    .limit = limit },
            c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put_row(c, &rows[i]));
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1].org } } : NULL);
    return OK;
}

/* ---- what is asked for ---- */

typedef struct {
    const organisation_handle *keeper, *members[MEMBERS_MAX];
    size_t n;
    instant until;
} giving;

static err at(const char *pointer, err e)
{
    return err_at_pointer(e, str_of(pointer));
}

static err administered(call *c, int64_t org, int64_t *ret_keeper, bool *ret_keeps)
{
    delegate_now d;
    delegate_keeps_row *k;
    TRY(delegate_of(c->t, org, &d));
    TRY(delegate_keeps(
            c->t, &(delegate_keeps_args){ .keeper = org, .now = txn_now(c->t) }, c->a, &k));
    *ret_keeper = d.keeper;
    *ret_keeps = k->n > 0;
    return OK;
}

/* There are no chains: who administers is administered by the national desk alone. */
static err take_keeper(call *c, id128 id, giving *g)
{
    int64_t by;
    bool keeps;
    TRY(at("/keeper", organisation_read(c->t, &c->viewer, (organisation_id){ id }, &g->keeper)));
    if (g->keeper->row == c->realm->site_org)
        return at("/keeper", ERR(E_INVALID, "error.office.delegate_site"));
    TRY(administered(c, g->keeper->row, &by, &keeps));
    return by ? at("/keeper", ERR(E_CONFLICT, "error.office.delegate_chain")) : OK;
}

static err take_member(call *c, id128 id, giving *g)
{
    const organisation_handle *o;
    int64_t by;
    bool keeps;
    TRY(at("/members", organisation_read(c->t, &c->viewer, (organisation_id){ id }, &o)));
    for (size_t i = 0; i < g->n; i++)
        if (g->members[i]->row == o->row) return OK;
    if (o->row == c->realm->site_org)
        return at("/members", ERR(E_INVALID, "error.office.delegate_site"));
    TRY(administered(c, o->row, &by, &keeps));
    if (keeps || o->row == g->keeper->row)
        return at("/members", ERR1(E_CONFLICT, "error.office.delegate_keeps", o->now.key));
    if (by && by != g->keeper->row)
        return at("/members", ERR1(E_CONFLICT, "error.office.delegate_other", o->now.key));
    if (g->n == MEMBERS_MAX) return at("/members", ERR(E_INVALID, "error.office.delegate_many"));
    g->members[g->n++] = o;
    return OK;
}

static err take_until(call *c, instant until, giving *g)
{
    int64_t days = conf_int(c->app->conf, "delegation.max_days");
    instant now = txn_now(c->t);
    g->until = until;
    if (until.us <= now.us) return at("/until", ERR(E_INVALID, "error.office.delegate_past"));
    if (until.us - now.us > days * US_PER_DAY)
        return at("/until", ERR1(E_INVALID, "error.office.delegate_long", count_text(c->a, days)));
    return OK;
}

/* ---- what it comes to ---- */

static err put_member(call *c, const giving *g, const organisation_handle *o)
{
    delegate_now d;
    TRY(delegate_of(c->t, o->row, &d));
    jw_obj(&c->out);
    TRY(put_name(c, "org", o->row));
    TRY(put_counts(c, o->row));
    jw_kbool(&c->out, "before", d.keeper == g->keeper->row);
    jw_end_obj(&c->out);
    return OK;
}

static err put_effect(call *c, const giving *g)
{
    org_with_role_row *admins;
    size_t n;
    const org_with_role_args keepers = { .org = g->keeper->row, .role = ROLE_ORG_ADMIN };
    TRY(org_with_role(c->t, &keepers, c->a, &admins, &n));
    jw_obj(&c->out);
    TRY(put_name(c, "keeper", g->keeper->row));
    jw_ki64(&c->out, "administrators", (int64_t)n);
    jw_ki64(&c->out, "organisations", (int64_t)g->n);
    int64_t people = 0, keys = 0;
    for (size_t i = 0; i < g->n; i++) {
        delegate_counts_row *k;
        TRY(delegate_counts(c->t,
                &(delegate_counts_args){
                        .org = g->members[i]->row, .now = clock_now(&clock_system) },
                c->a, &k));
        people += k->people;
        keys += k->keys;
    }
    jw_ki64(&c->out, "people", people);
    jw_ki64(&c->out, "keys", keys);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < g->n; i++)
        TRY(put_member(c, g, g->members[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* Refused where giving would be, and for the same reason. */
err h_delegation_preview(call *c)
{
    const struct delegation_query *q = c->query;
    giving *g = NEW(c->a, giving);
    str members = q->members, part;
    TRY(take_keeper(c, q->keeper, g));
    while (str_split(&members, ' ', &part)) {
        id128 id;
        if (!part.n) continue;
        if (!id_parse(part, &id))
            return at("/members", ERR1(E_INVALID, "error.office.member_unknown", part));
        TRY(take_member(c, id, g));
    }
    return put_effect(c, g);
}

/* ---- giving ---- */

static err tell_given(const teller *x, const giving *g, size_t i)
{
    size_t n;
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = TK("mail.delegation.subject"),
        .text = TK("mail.delegation.org"),
        .a1 = tell_names(x->a, g->keeper->now.name),
        .a2 = g->until,
        .link = TK("mail.delegation.link"),
        .path = S("/delegations") };
    return tell_org(x, g->members[i]->row, ROLE_ORG_ADMIN, &w, &n);
}

static err tell_keeper(const teller *x, const giving *g)
{
    size_t n;
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = TK("mail.delegation.subject"),
        .text = TK("mail.delegation.keeper"),
        .a1 = count_text(x->a, (int64_t)g->n),
        .a2 = g->until,
        .link = TK("mail.delegation.link"),
        .path = S("/delegations") };
    return tell_org(x, g->keeper->row, ROLE_ORG_ADMIN, &w, &n);
}

static err give(call *c, const teller *x, const giving *g, size_t i)
{
    int64_t org = g->members[i]->row, keeper = g->keeper->row, by = c->viewer.person;
    TRY(delegate_put(c->t,
            &(delegate_put_args){ .org = org,
                    .keeper = keeper,
                    .since = txn_now(c->t),
                    .until = g->until,
                    .author = by },
            NULL));
    TRY(delegation_entry(x, &(delegation_fact){ LEDGER_delegation_given, org, keeper, by }));
    TRY(delegation_entry(x, &(delegation_fact){ LEDGER_delegation_held, keeper, org, by }));
    return tell_given(x, g, i);
}

err h_delegation_give(call *c)
{
    const struct delegation_draft *b = c->req;
    const teller x = { c->t, c->app, c->realm, c->a };
    giving *g = NEW(c->a, giving);
    TRY(take_keeper(c, b->keeper, g));
    for (size_t i = 0; i < b->members.n; i++) {
        id128 id;
        if (!id_parse(b->members.at[i], &id))
            return at("/members", ERR1(E_INVALID, "error.office.member_unknown", b->members.at[i]));
        TRY(take_member(c, id, g));
    }
    if (!g->n) return at("/members", ERR(E_INVALID, "error.office.delegate_none"));
    TRY(take_until(c, b->until, g));
    for (size_t i = 0; i < g->n; i++)
        TRY(give(c, &x, g, i));
    txn_raise_sights(c->t);
    TRY(tell_keeper(&x, g));
    call_put_empty(c);
    return OK;
}

/* ---- taking back ---- */

/* Of one organisation, or of a keeper all of them: it is never both. At once, on open sessions too.
 */
err h_delegation_end(call *c)
{
    const teller x = { c->t, c->app, c->realm, c->a };
    const organisation_handle *o;
    delegate_page_row *rows;
    size_t n, ended = 0;
    organisation_id id;
    TRY(organisation_of_path(c, &id.id));
    TRY(organisation_read(c->t, &c->viewer, id, &o));
    TRY(delegate_page(c->t,
            &(delegate_page_args){
                    .now = { INT64_MIN }, .org = o->row, .whole = false, .limit = INT32_MAX },
            c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(delegation_over(&x, rows[i].org, rows[i].keeper, c->viewer.person));
        ended++;
    }
    if (!ended) return ERR(E_ABSENT, "error.api.absent");
    call_put_empty(c);
    return OK;
}

/* ---- what a delegate does is told ---- */

err delegation_tell(call *c, const person_handle *p, const char *text)
{
    const teller x = { c->t, c->app, c->realm, c->a };
    const organisation_handle *mine;
    viewer sys;
    size_t n;
    if (!permit_delegated(&c->viewer, p->now.org)) return OK;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, c->viewer.org, &mine));
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = TK("mail.delegate.subject"),
        .text = text,
        .a1 = tell_names(c->a, mine->now.name),
        .a2 = txn_now(c->t),
        .a3 = str_fmt(c->a, "\u2068%.*s\u2069", STR_ARG(p->now.name)),
        .link = TK("mail.lost.link"),
        .path = S("/people") };
    TRY(task_give(&x, p->now.org, ROLE_ORG_ADMIN, S("delegate"), p->id.id));
    return tell_org(&x, p->now.org, ROLE_ORG_ADMIN, &w, &n);
}
