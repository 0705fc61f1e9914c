/* audience.c - routes of another label or audience for a finding, notice, indicator or file: what
 * it would come to, for whom exactly; and the change. Only the owner's people change it (record.c),
 * only where it was made may it be widened, with the person's strongest proof, and from
 * AMBER+STRICT or RED by two. The preview runs in the pool, the change on the writer. */
#include "access/audience.h"
#include "access/auth/auth.h"
#include "base/seeded.h"
#include "base/time.h"
#include "desk/office/reach.h"
#include "gen/records/attachment.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/records/person.h"
#include "gen/records/sharing_group.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { PEOPLE_MAX = 50 };

/* What is asked for, in rows. */
typedef struct {
    reach_audience as;
    int64_t people[PEOPLE_MAX];
    size_t n_people;
} wanted;

static err find_group(call *c, id128 id, int64_t *ret)
{
    const sharing_group_handle *g;
    err e = sharing_group_read(c->t, &c->viewer, (sharing_group_id){ id }, &g);
    if (err_code_of(e) == E_ABSENT)
        return err_at_pointer(ERR(E_INVALID, "error.office.group_unknown"), S("/group"));
    TRY(e);
    *ret = g->row;
    return OK;
}

static err add_person(call *c, str text, wanted *w)
{
    const person_handle *p;
    person_id id;
    err e = id_parse(text, &id.id) ? person_read(c->t, &c->viewer, id, &p)
                                   : ERR(E_ABSENT, "error.api.absent");
    if (err_code_of(e) == E_ABSENT || w->n_people == PEOPLE_MAX)
        return err_at_pointer(ERR1(E_INVALID, "error.office.named_unknown", text), S("/people"));
    TRY(e);
    w->people[w->n_people++] = p->row;
    return OK;
}

static err wanted_of(call *c, str tlp, bool has_group, id128 group, wanted *w)
{
    TRY(err_at_pointer(tlp_parse(tlp, &w->as.label), S("/tlp")));
    if (has_group && !id_is_zero(group)) TRY(find_group(c, group, &w->as.grp));
    w->as.people = reach_list(c->a, w->people, w->n_people);
    return audience_check(w->as.label, w->as.grp, w->n_people);
}

/* ---- what it comes to ---- */

typedef struct {
    reach before, after;
    reach_effect e;
    bool widens, second;
} effect;

static err effect_of(call *c, const thing *x, const reach_audience *as, effect *ret)
{
    int label = AUDIENCE_LABEL(x->h->audience);
    TRY(reach_of(c->t, c->realm, x->d, x->h->row, NULL, c->a, &ret->before));
    TRY(reach_of(c->t, c->realm, x->d, x->h->row, as, c->a, &ret->after));
    reach_compare(c->a, &ret->before, &ret->after, &ret->e);
    ret->widens = as->label < label || ret->e.all.begins;
    ret->second = ret->widens && label >= LABEL_STRICT;
    return OK;
}

/* A notice that is held gets the audience that it leaves with when it leaves. */
static err may_change(call *c, const thing *x)
{
    TRY(permit_write(&c->viewer, x->d->kind, x->h->owner, 0));
    if (!model_sees(&c->viewer, x->h->audience, x->h->owner, x->h->author))
        return ERR1(E_DENIED, "error.access.glass_reads", str_of(x->d->name));
    if (x->d->kind != RECORD_notice) return OK;
    const notice_handle *n = (const void *)x->h;
    return str_eq(n->now.state, S("held")) ? ERR(E_CONFLICT, "error.office.notice_held") : OK;
}

static err may_widen(call *c, const thing *x)
{
    return permit_widen(x->h->origin, store_instance(txn_store(c->t)));
}

static void put_side(call *c, const char *key, int64_t orgs, int64_t people, int64_t keys)
{
    jw_key(&c->out, str_of(key));
    jw_obj(&c->out);
    jw_ki64(&c->out, "organisations", orgs);
    jw_ki64(&c->out, "people", people);
    jw_ki64(&c->out, "keys", keys);
    jw_end_obj(&c->out);
}

static const reach_change *change_of(const reach_effect *e, int64_t org)
{
    for (size_t lo = 0, hi = e->n; lo < hi;) {
        size_t mid = (lo + hi) / 2;
        if (e->orgs[mid].org == org) return &e->orgs[mid];
        if (e->orgs[mid].org < org)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool has_change(const void *ctx, int64_t org)
{
    return change_of(ctx, org) != NULL;
}

static err put_change(call *c, const effect *x, int64_t org)
{
    const reach_change *g = change_of(&x->e, org);
    ASSERT(g);
    jw_obj(&c->out);
    TRY(put_org(c, S("org"), org));
    jw_kbool(&c->out, "own", org == c->viewer.org);
    put_whys(c, g->why);
    jw_kbool(&c->out, "begins", g->begins);
    jw_kbool(&c->out, "ends", g->ends);
    jw_ki64(&c->out, "gains", g->gains);
    jw_ki64(&c->out, "loses", g->loses);
    jw_ki64(&c->out, "keys_gained", g->keys_gained);
    jw_ki64(&c->out, "keys_lost", g->keys_lost);
    jw_key(&c->out, S("named"));
    jw_arr(&c->out);
    TRY(put_named(c, &x->after, &x->before, org, "gains"));
    TRY(put_named(c, &x->before, &x->after, org, "loses"));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

static err put_items(call *c, const struct audience_query *q, const effect *x)
{
    int64_t *orgs;
    size_t n;
    org_page p;
    reach_change rest = x->e.all;
    TRY(org_order(c, true, has_change, &x->e, &orgs, &n));
    TRY(org_page_of(c, orgs, n, q->cursor, page_limit(q->has_limit ? q->limit : 0), &p));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = p.at; i < p.end; i++)
        TRY(put_change(c, x, orgs[i]));
    jw_end_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        rest.gains -= change_of(&x->e, orgs[i])->gains;
        rest.loses -= change_of(&x->e, orgs[i])->loses;
    }
    jw_key(&c->out, S("unnamed"));
    jw_obj(&c->out);
    jw_ki64(&c->out, "organisations", (int64_t)(x->e.n - n));
    jw_ki64(&c->out, "gains", rest.gains);
    jw_ki64(&c->out, "loses", rest.loses);
    jw_end_obj(&c->out);
    org_page_next(c, &p);
    return OK;
}

static err put_from_to(call *c, const thing *x, const wanted *w)
{
    int label;
    int64_t grp;
    TRY(audience_read(c->t, x->h->audience, &label, &grp));
    jw_key(&c->out, S("from"));
    jw_obj(&c->out);
    TRY(put_audience(c, label, grp));
    jw_end_obj(&c->out);
    jw_key(&c->out, S("to"));
    jw_obj(&c->out);
    TRY(put_audience(c, w->as.label, w->as.grp));
    jw_end_obj(&c->out);
    return OK;
}

static err preview(call *c, const record_def *d)
{
    const struct audience_query *q = c->query;
    thing x;
    effect e = { 0 };
    wanted w = { 0 };
    str rest = q->has_people ? q->people : S(""), part;
    TRY(thing_find(c, d, &x));
    TRY(may_change(c, &x));
    while (str_split(&rest, ' ', &part))
        if (part.n) TRY(add_person(c, part, &w));
    TRY(wanted_of(c, q->tlp, q->has_group, q->group, &w));
    TRY(effect_of(c, &x, &w.as, &e));
    if (e.widens) TRY(may_widen(c, &x));
    const reach_change *all = &e.e.all;
    jw_obj(&c->out);
    TRY(put_from_to(c, &x, &w));
    jw_kbool(&c->out, "widens", e.widens);
    jw_kbool(&c->out, "second", e.second);
    jw_ki64(&c->out, "unshown", e.after.unshown);
    put_side(c, "gains", e.e.begins, all->gains, all->keys_gained);
    put_side(c, "loses", e.e.ends, all->loses, all->keys_lost);
    put_side(c, "after", (int64_t)e.after.n, e.after.people, e.after.keys);
    TRY(put_items(c, q, &e));
    jw_end_obj(&c->out);
    return OK;
}

err h_finding_audience_preview(call *c)
{
    return preview(c, &finding_def);
}

err h_notice_audience_preview(call *c)
{
    return preview(c, &notice_def);
}

err h_indicator_audience_preview(call *c)
{
    return preview(c, &indicator_def);
}

err h_file_audience_preview(call *c)
{
    return preview(c, &attachment_def);
}

/* ---- the change ---- */

/* A held act that happens has shown its proof when it was asked for. */
static err proof(call *c, const effect *e)
{
    if (!e->widens || c->approvers) return OK;
    c->second = e->second && !SEEDED(widened_by_one);
    return permit_step_up(&c->viewer, c->realm->kind == REALM_LIVE, clock_now(&clock_system),
            session_strong_us());
}

static err save(call *c, const thing *x, int64_t audience)
{
    record_draft *d = arena_alloc(c->a, x->d->draft_size);
    memcpy(d, (const char *)x->h + x->d->now_at, x->d->draft_size);
    d->audience = audience;
    return record_save(c->t, &c->viewer, x->d, x->h, d, LEDGER_audience_changed);
}

static err change(call *c, const record_def *d)
{
    const struct audience_draft *b = c->req;
    const void *h;
    id128 id;
    effect e = { 0 };
    wanted w = { 0 };
    int64_t audience;
    TRY(call_id(c, &id));
    TRY(record_get(c->t, &c->viewer, d, RECORD_HOLD, id, &h));
    thing x = { d, h };
    TRY(call_match(c, x.h->version, !c->approvers));
    TRY(may_change(c, &x));
    for (size_t i = 0; b->has_people && i < b->people.n; i++)
        TRY(add_person(c, b->people.at[i], &w));
    TRY(wanted_of(c, b->tlp, b->has_group, b->group, &w));
    TRY(audience_intern(c->t, w.as.label, w.as.grp, w.people, w.n_people, &audience));
    if (audience != x.h->audience) {
        TRY(effect_of(c, &x, &w.as, &e));
        if (e.widens) TRY(may_widen(c, &x));
        TRY(proof(c, &e));
        TRY(save(c, &x, audience));
    }
    call_created(c, id, x.h->version);
    return OK;
}

err h_finding_audience(call *c)
{
    return change(c, &finding_def);
}

err h_notice_audience(call *c)
{
    return change(c, &notice_def);
}

err h_indicator_audience(call *c)
{
    return change(c, &indicator_def);
}

err h_file_audience(call *c)
{
    return change(c, &attachment_def);
}
