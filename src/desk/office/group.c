/* group.c - routes of sharing groups: those that the viewer's organisation is in or keeps, made,
 * renamed, with members in and out, and what that comes to: how many things each organisation, and
 * each client of one, gains and loses. The realm's own groups are kept by the registry. Reads in
 * the pool, writes on the writer. */
#include "access/audience.h"
#include "access/auth/auth.h"
#include "api/page.h"
#include "base/seeded.h"
#include "base/texts.h"
#include "base/time.h"
#include "desk/office/reach.h"
#include "gen/access/queries.h"
#include "gen/desk/office/queries.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/records/sharing_group.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { MEMBERS_MAX = 64, SHARED = 3 };
static const record_def *const shared[SHARED] = { &finding_def, &notice_def, &indicator_def };

/* ---- reading ---- */

static bool is_kept(str kind)
{
    return str_eq(kind, S("national")) || str_eq(kind, S("single"));
}

static err put_group(call *c, const sharing_group_handle *g, size_t members)
{
    jw_kid(&c->out, "id", g->id.id);
    jw_kraw(&c->out, "name", g->now.name);
    jw_kstr(&c->out, "kind", g->now.kind);
    jw_ki64(&c->out, "members", (int64_t)members);
    jw_kbool(&c->out, "own", g->owner == c->viewer.org);
    jw_kbool(&c->out, "may_change",
            !is_kept(g->now.kind) &&
                    !failed(permit_write(&c->viewer, RECORD_sharing_group, g->owner)));
    jw_ki64(&c->out, "version", g->version);
    return put_org(c, S("owner"), g->owner);
}

err h_group_list(call *c)
{
    const struct group_query *q = c->query;
    group_page_row *rows;
    size_t n, members;
    cursor k;
    bool found;
    const int64_t *orgs;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(group_page(c->t, &c->viewer,
            &(group_page_args){ .after = k.n[0], .single = q->single, .limit = limit }, c->a, &rows,
            &n));
    page_open(c);
    for (size_t i = 0; i < n; i++) {
        const sharing_group_handle *g;
        TRY(sharing_group_read_row(c->t, &c->viewer, rows[i].row, &g));
        TRY(group_read(c->t, g->row, &orgs, &members));
        jw_obj(&c->out);
        TRY(put_group(c, g, members));
        jw_end_obj(&c->out);
    }
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1].row } } : NULL);
    return OK;
}

typedef struct {
    const int64_t *orgs;
    size_t n;
} org_set;

static bool in_set(const void *ctx, int64_t org)
{
    const org_set *s = ctx;
    for (size_t i = 0; i < s->n; i++)
        if (s->orgs[i] == org) return true;
    return false;
}

static err put_members(call *c, const org_set *s)
{
    int64_t *named;
    size_t n;
    TRY(org_order(c, true, in_set, s, &named, &n));
    jw_key(&c->out, S("organisations"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        reach_org_name_row *o;
        TRY(reach_org_name(c->t, &c->viewer, &(reach_org_name_args){ .row = named[i] }, c->a, &o));
        reach_org_name_json(&c->out, o);
    }
    jw_end_arr(&c->out);
    jw_ki64(&c->out, "unnamed", (int64_t)(s->n - n));
    return OK;
}

static err find(call *c, const sharing_group_handle **ret)
{
    sharing_group_id id;
    TRY(call_id(c, &id.id));
    return sharing_group_read(c->t, &c->viewer, id, ret);
}

err h_group_read(call *c)
{
    const sharing_group_handle *g;
    org_set s;
    TRY(find(c, &g));
    TRY(group_read(c->t, g->row, &s.orgs, &s.n));
    jw_obj(&c->out);
    TRY(put_group(c, g, s.n));
    TRY(put_members(c, &s));
    jw_end_obj(&c->out);
    call_version(c, g->version);
    return OK;
}

/* ---- who comes and who goes ---- */

typedef struct {
    int64_t in[MEMBERS_MAX], out[MEMBERS_MAX];
    size_t n_in, n_out;
} moves;

static err take_org(call *c, str text, const char *place, int64_t *rows, size_t *n)
{
    const organisation_handle *o;
    organisation_id id;
    err e = id_parse(text, &id.id) ? organisation_read(c->t, &c->viewer, id, &o)
                                   : ERR(E_ABSENT, "error.api.absent");
    if (err_code_of(e) == E_ABSENT || *n == MEMBERS_MAX)
        return err_at_pointer(ERR1(E_INVALID, "error.office.member_unknown", text), str_of(place));
    TRY(e);
    rows[(*n)++] = o->row;
    return OK;
}

static err take_list(call *c, const str_list *l, const char *place, int64_t *rows, size_t *n)
{
    for (size_t i = 0; i < l->n; i++)
        TRY(take_org(c, l->at[i], place, rows, n));
    return OK;
}

static err take_words(call *c, str text, const char *place, int64_t *rows, size_t *n)
{
    str part;
    while (str_split(&text, ' ', &part))
        if (part.n) TRY(take_org(c, part, place, rows, n));
    return OK;
}

static err may_change(call *c, const sharing_group_handle *g)
{
    TRY(permit_use(&c->viewer, PERMISSION_group_write));
    TRY(permit_write(&c->viewer, RECORD_sharing_group, g->owner));
    if (is_kept(g->now.kind)) return ERR(E_CONFLICT, "error.office.group_kept");
    return OK;
}

/* ---- what it comes to ---- */

typedef struct {
    int64_t org, gains[SHARED], loses[SHARED], strict;
} gain;
typedef struct {
    int64_t *orgs; /* asked about: those that move, and their clients */
    size_t n;
    gain *of; /* by place in orgs */
    bool widens, strict;
} effect;

static bool among(const int64_t *rows, size_t n, int64_t row)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i] == row) return true;
    return false;
}

static err with_clients(call *c, const int64_t *rows, size_t n, effect *e, size_t *cap)
{
    for (size_t i = 0; i < n; i++) {
        clients_of_row *k;
        size_t clients;
        TRY(clients_of(c->t, &(clients_of_args){ .org = rows[i] }, c->a, &k, &clients));
        if (e->n + clients + 1 > *cap) {
            int64_t *more = NEW_ARRAY(c->a, int64_t, 2 * (e->n + clients + 1));
            if (e->n) memcpy(more, e->orgs, e->n * sizeof *more);
            *cap = 2 * (e->n + clients + 1);
            e->orgs = more;
        }
        if (!among(e->orgs, e->n, rows[i])) e->orgs[e->n++] = rows[i];
        for (size_t j = 0; j < clients; j++)
            if (!among(e->orgs, e->n, k[j].row)) e->orgs[e->n++] = k[j].row;
    }
    return OK;
}

static void add_count(effect *e, int kind, const reach_count *r)
{
    for (size_t i = 0; i < e->n; i++) {
        if (e->orgs[i] != r->org) continue;
        gain *g = &e->of[i];
        g->org = r->org;
        g->gains[kind] += r->gains;
        g->loses[kind] += r->loses;
        g->strict += r->strict;
        e->widens |= r->gains > 0;
        e->strict |= r->strict > 0;
    }
}

static err effect_of(call *c, int64_t grp, const moves *m, effect *e)
{
    size_t cap = 0;
    TRY(with_clients(c, m->in, m->n_in, e, &cap));
    TRY(with_clients(c, m->out, m->n_out, e, &cap));
    e->of = NEW_ARRAY(c->a, gain, e->n + 1);
    memset(e->of, 0, (e->n + 1) * sizeof *e->of);
    str in = reach_list(c->a, m->in, m->n_in), out = reach_list(c->a, m->out, m->n_out);
    str orgs = reach_list(c->a, e->orgs, e->n);
    for (int k = 0; e->n && k < SHARED; k++) {
        reach_count *rows;
        size_t n;
        TRY(reach_group(c->t, shared[k], grp, in, out, orgs, c->a, &rows, &n));
        for (size_t i = 0; i < n; i++)
            add_count(e, k, &rows[i]);
    }
    return OK;
}

static void put_numbers(call *c, const char *key, const int64_t of[SHARED])
{
    static const char *const names[SHARED] = { "findings", "notices", "indicators" };
    jw_key(&c->out, str_of(key));
    jw_obj(&c->out);
    for (int k = 0; k < SHARED; k++) {
        jw_key(&c->out, str_of(names[k]));
        jw_i64(&c->out, of[k]);
    }
    jw_end_obj(&c->out);
}

static err put_gain(call *c, const effect *e, const moves *m, int64_t org)
{
    gain none = { 0 }, *g = &none;
    for (size_t i = 0; i < e->n; i++)
        if (e->orgs[i] == org) g = &e->of[i];
    bool in = among(m->in, m->n_in, org), out = among(m->out, m->n_out, org);
    jw_obj(&c->out);
    TRY(put_org(c, S("org"), org));
    jw_kstr(&c->out, "change", in ? S("in") : out ? S("out") : S("client"));
    put_numbers(c, "gains", g->gains);
    put_numbers(c, "loses", g->loses);
    jw_end_obj(&c->out);
    return OK;
}

static void put_sums(call *c, const effect *e)
{
    gain all = { 0 };
    for (size_t i = 0; i < e->n; i++) {
        for (int k = 0; k < SHARED; k++) {
            all.gains[k] += e->of[i].gains[k];
            all.loses[k] += e->of[i].loses[k];
        }
    }
    put_numbers(c, "gains", all.gains);
    put_numbers(c, "loses", all.loses);
}

/* Clients that the viewer may not be told of are in the sums alone. */
err h_group_preview(call *c)
{
    const struct group_preview_query *q = c->query;
    const sharing_group_handle *g;
    effect e = { 0 };
    moves m = { 0 };
    int64_t *named;
    size_t n;
    TRY(find(c, &g));
    TRY(may_change(c, g));
    TRY(take_words(c, q->has_add ? q->add : S(""), "/add", m.in, &m.n_in));
    TRY(take_words(c, q->has_remove ? q->remove : S(""), "/remove", m.out, &m.n_out));
    TRY(effect_of(c, g->row, &m, &e));
    TRY(org_order(c, true, in_set, &(org_set){ e.orgs, e.n }, &named, &n));
    jw_obj(&c->out);
    jw_kbool(&c->out, "widens", m.n_in > 0);
    jw_kbool(&c->out, "second", e.strict);
    put_sums(c, &e);
    jw_ki64(&c->out, "unnamed", (int64_t)(e.n - n));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put_gain(c, &e, &m, named[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- writing ---- */

/* A group is known to its members: its audience is the group itself, which needs its row first. */
static err close_group(call *c, const sharing_group_handle *g)
{
    sharing_group_draft d = g->now;
    TRY(audience_intern(c->t, LABEL_STRICT, g->row, NULL, 0, &d.audience));
    return sharing_group_save(c->t, &c->viewer, g, &d, LEDGER_sharing_group_changed);
}

/* Who lets others in shows the strongest proof; above AMBER a second person is asked. */
static err proof(call *c, const moves *m, const effect *e)
{
    if (!m->n_in || c->approvers) return OK;
    c->second = e->strict && !SEEDED(let_in_by_one);
    return permit_step_up(&c->viewer, c->realm->kind == REALM_LIVE, clock_now(&clock_system),
            session_strong_us());
}

/* Which one came or went is for the group's keeper and for that organisation. */
static err entry(call *c, const sharing_group_handle *g, int64_t org, ledger_type type)
{
    viewer sys;
    const organisation_handle *o;
    int64_t audience;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, org, &o));
    TRY(audience_intern(c->t, LABEL_STRICT, o->now.grp, NULL, 0, &audience));
    return ledger_append(c->t, &(ledger_draft){ .type = type,
                                       .kind = S("sharing_group"),
                                       .subject = g->id.id,
                                       .audience = audience,
                                       .owner = g->owner,
                                       .author = c->viewer.person,
                                       .more = str_fmt(c->a, "{\"org\":\"%.*s\"}",
                                               STR_ARG(id_text(c->a, o->id.id))) });
}

static err move(call *c, const sharing_group_handle *g, const moves *m)
{
    bool changed;
    for (size_t i = 0; i < m->n_in; i++) {
        TRY(group_add(c->t, &c->viewer, g, m->in[i], &changed));
        if (changed) TRY(entry(c, g, m->in[i], LEDGER_sharing_group_joined));
    }
    for (size_t i = 0; i < m->n_out; i++) {
        TRY(group_remove(c->t, &c->viewer, g, m->out[i], &changed));
        if (changed) TRY(entry(c, g, m->out[i], LEDGER_sharing_group_left));
    }
    return OK;
}

err h_group_create(call *c)
{
    const struct group_draft *b = c->req;
    const sharing_group_handle *g;
    moves m = { 0 };
    sharing_group_draft d = {
        .owner = c->viewer.org, .name = texts_make(c->a, b->name_en, b->name_ur), .kind = b->kind
    };
    if (b->has_members) TRY(take_list(c, &b->members, "/members", m.in, &m.n_in));
    TRY(audience_intern(c->t, LABEL_STRICT, 0, NULL, 0, &d.audience));
    TRY(group_create(c->t, &c->viewer, &d, NULL, 0, &g));
    TRY(close_group(c, g));
    TRY(move(c, g, &m));
    call_created(c, g->id.id, g->version);
    return OK;
}

static err rename_group(call *c, const struct group_change *b, const sharing_group_handle *g)
{
    sharing_group_draft d = g->now;
    if (!b->has_name_en && !b->has_name_ur) return OK;
    str en = b->has_name_en ? b->name_en : texts_only(c->a, d.name, LANG_EN);
    str ur = b->has_name_ur ? b->name_ur : texts_only(c->a, d.name, LANG_UR);
    d.name = texts_make(c->a, en, ur);
    return sharing_group_save(c->t, &c->viewer, g, &d, LEDGER_sharing_group_changed);
}

err h_group_change(call *c)
{
    const struct group_change *b = c->req;
    const sharing_group_handle *g;
    sharing_group_id id;
    effect e = { 0 };
    moves m = { 0 };
    TRY(call_id(c, &id.id));
    TRY(sharing_group_hold(c->t, &c->viewer, id, &g));
    TRY(call_match(c, g->version, !c->approvers));
    TRY(may_change(c, g));
    if (b->has_add) TRY(take_list(c, &b->add, "/add", m.in, &m.n_in));
    if (b->has_remove) TRY(take_list(c, &b->remove, "/remove", m.out, &m.n_out));
    if (m.n_in) TRY(effect_of(c, g->row, &m, &e));
    TRY(proof(c, &m, &e));
    TRY(move(c, g, &m));
    TRY(rename_group(c, b, g));
    call_created(c, id.id, g->version);
    return OK;
}
