/* overview.c - route of one organisation in figures: what is open by kind and age, what it was told
 * and how fast it answered, who can be reached, what of its own was opened. Every figure is of what
 * the viewer sees, and of the newest so many (the limits below), so that the answer costs the same
 * whatever the history's size; "whole" says that there are no more. Runs in the pool. */
#include "access/model.h"
#include "access/record.h"
#include "api/app.h"
#include "base/time.h"
#include "common/findings/findings.h"
#include "desk/office/contact.h"
#include "desk/office/delegation.h"
#include "desk/office/glass.h"
#include "desk/office/organisation.h"
#include "desk/office/reach.h"
#include "gen/permissions.h"
#include "gen/routes_handlers.h"
#include "store/store.h"
#include <stdlib.h>

enum {
    FINDINGS_MAX = 5000,
    NOTICES_MAX = 500,
    PEOPLE_MAX = 500,
    NETWORKS_MAX = 5000,
    LISTED_MAX = 100,
    KINDS_SHOWN = 30,
    AGE_EDGES = 3,
    WEEKS = 13,
    WEEK_DAYS = 7,
    MEDIAN_OF = 5, /* fewer answers say nothing about how fast it answers */
    SLOW_OF = 10
};
static const int age_days[AGE_EDGES] = { 7, 30, 90 };

typedef struct {
    str identifier;
    int64_t severity, open, ages[AGE_EDGES + 1];
    instant oldest;
} kind_sum;
typedef struct {
    int64_t opened, open;
} week_sum;
typedef struct {
    kind_sum *kinds;
    size_t n;
    int64_t open;
    instant now;
    week_sum weeks[WEEKS];
} findings_sum;

static bool sees_part(const call *c, permission p)
{
    return !failed(permit_use(&c->viewer, p));
}

/* ---- findings ---- */

static kind_sum *kind_of(findings_sum *s, str identifier)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->kinds[i].identifier, identifier)) return &s->kinds[i];
    s->kinds[s->n] = (kind_sum){ .identifier = identifier, .oldest = { INT64_MAX } };
    return &s->kinds[s->n++];
}

static instant edge(instant now, int i)
{
    return (instant){ now.us - age_days[i] * US_PER_DAY };
}

/* Seven days each, the last of them up to now. */
static instant week_from(instant now, int i)
{
    return (instant){ now.us - (int64_t)(WEEKS - i) * WEEK_DAYS * US_PER_DAY };
}

static void add_week(findings_sum *s, instant first_seen, bool open)
{
    for (int i = 0; i < WEEKS; i++) {
        if (first_seen.us < week_from(s->now, i).us) return;
        if (first_seen.us >= week_from(s->now, i + 1).us) continue;
        s->weeks[i].opened++;
        s->weeks[i].open += open;
        return;
    }
}

static void add_finding(findings_sum *s, const overview_findings_row *f)
{
    bool open = str_eq(f->state, S("open"));
    add_week(s, f->first_seen, open);
    if (!open) return;
    kind_sum *k = kind_of(s, f->identifier);
    int age = 0;
    while (age < AGE_EDGES && f->first_seen.us < edge(s->now, age).us)
        age++;
    s->open++;
    k->open++;
    k->ages[age]++;
    if (f->severity > k->severity) k->severity = f->severity;
    if (f->first_seen.us < k->oldest.us) k->oldest = f->first_seen;
}

static int worse_first(const void *pa, const void *pb)
{
    const kind_sum *x = pa, *y = pb;
    if (x->severity != y->severity) return x->severity < y->severity ? 1 : -1;
    if (x->open != y->open) return x->open < y->open ? 1 : -1;
    return str_cmp(x->identifier, y->identifier);
}

static void put_kinds(jsonw *w, const findings_sum *s)
{
    int64_t more = 0;
    jw_key(w, S("kinds"));
    jw_arr(w);
    for (size_t i = 0; i < s->n; i++) {
        const kind_sum *k = &s->kinds[i];
        if (i >= KINDS_SHOWN) {
            more += k->open;
            continue;
        }
        jw_obj(w);
        jw_kstr(w, "identifier", k->identifier);
        jw_kstr(w, "severity", severity_name(k->severity));
        jw_ki64(w, "open", k->open);
        jw_key(w, S("ages"));
        jw_arr(w);
        for (int a = 0; a <= AGE_EDGES; a++)
            jw_i64(w, k->ages[a]);
        jw_end_arr(w);
        jw_ktime(w, "oldest", k->oldest);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_ki64(w, "kinds_more", more);
}

static void put_weeks(jsonw *w, const findings_sum *s)
{
    jw_key(w, S("weeks"));
    jw_arr(w);
    for (int i = 0; i < WEEKS; i++) {
        jw_obj(w);
        jw_ktime(w, "from", week_from(s->now, i));
        jw_ktime(w, "until", week_from(s->now, i + 1));
        jw_ki64(w, "opened", s->weeks[i].opened);
        jw_ki64(w, "open", s->weeks[i].open);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void put_edges(jsonw *w, instant now)
{
    jw_key(w, S("age_edges"));
    jw_arr(w);
    for (int i = 0; i < AGE_EDGES; i++)
        jw_time(w, edge(now, i));
    jw_end_arr(w);
}

static err put_findings(call *c, int64_t org)
{
    overview_findings_row *f;
    size_t n;
    jsonw *w = &c->out;
    if (!sees_part(c, PERMISSION_finding_read)) return OK;
    TRY(overview_findings(c->t, &c->viewer,
            &(overview_findings_args){ .org = org, .limit = FINDINGS_MAX + 1 }, c->a, &f, &n));
    bool whole = n <= FINDINGS_MAX;
    if (!whole) n = FINDINGS_MAX;
    findings_sum s = { .kinds = NEW_ARRAY(c->a, kind_sum, n + 1), .now = txn_now(c->t) };
    for (size_t i = 0; i < n; i++)
        add_finding(&s, &f[i]);
    qsort(s.kinds, s.n, sizeof *s.kinds, worse_first);
    jw_key(w, S("findings"));
    jw_obj(w);
    jw_ki64(w, "counted", (int64_t)n);
    jw_kbool(w, "whole", whole);
    jw_ki64(w, "open", s.open);
    put_edges(w, s.now);
    put_kinds(w, &s);
    put_weeks(w, &s);
    jw_end_obj(w);
    return OK;
}

/* ---- notices ---- */

static int faster_first(const void *pa, const void *pb)
{
    int64_t x = *(const int64_t *)pa, y = *(const int64_t *)pb;
    return x < y ? -1 : x > y;
}

static void put_answered(jsonw *w, int64_t *took_us, size_t n)
{
    qsort(took_us, n, sizeof *took_us, faster_first);
    jw_key(w, S("answered"));
    jw_obj(w);
    jw_ki64(w, "n", (int64_t)n);
    if (n >= MEDIAN_OF) jw_ki64(w, "median_s", took_us[n / 2] / US_PER_S);
    if (n >= SLOW_OF) jw_ki64(w, "slow_s", took_us[n * 9 / 10] / US_PER_S);
    jw_end_obj(w);
}

static err put_channels(call *c, int64_t org)
{
    overview_channels_row *d;
    size_t n;
    TRY(overview_channels(c->t, &c->viewer,
            &(overview_channels_args){ .org = org, .limit = NOTICES_MAX }, c->a, &d, &n));
    jw_key(&c->out, S("channels"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        overview_channels_json(&c->out, &d[i]);
    jw_end_arr(&c->out);
    return OK;
}

enum { HELD, SENT, ACKNOWLEDGED, UNDONE, NOTICE_STATES };
static const char *const notice_states[NOTICE_STATES] = { "held", "sent", "acknowledged",
    "undone" };

static void put_states(call *c, const overview_notices_row *rows, size_t n)
{
    int64_t in[NOTICE_STATES] = { 0 }, late = 0, *took_us = NEW_ARRAY(c->a, int64_t, n + 1);
    size_t answered = 0;
    for (size_t i = 0; i < n; i++) {
        const overview_notices_row *r = &rows[i];
        for (int s = 0; s < NOTICE_STATES; s++)
            in[s] += str_eq(r->state, str_of(notice_states[s]));
        late += str_eq(r->state, S("sent")) && r->due.us < txn_now(c->t).us;
        if (str_eq(r->state, S("acknowledged")) && r->acknowledged.us)
            took_us[answered++] = r->acknowledged.us - r->created.us;
    }
    for (int s = 0; s < NOTICE_STATES; s++) {
        jw_key(&c->out, str_of(notice_states[s]));
        jw_i64(&c->out, in[s]);
    }
    jw_ki64(&c->out, "late", late);
    put_answered(&c->out, took_us, answered);
}

static err put_notices(call *c, int64_t org)
{
    overview_notices_row *rows;
    size_t n;
    if (!sees_part(c, PERMISSION_notice_read)) return OK;
    TRY(overview_notices(c->t, &c->viewer,
            &(overview_notices_args){ .org = org, .limit = NOTICES_MAX + 1 }, c->a, &rows, &n));
    bool whole = n <= NOTICES_MAX;
    if (!whole) n = NOTICES_MAX;
    jw_key(&c->out, S("notices"));
    jw_obj(&c->out);
    jw_ki64(&c->out, "counted", (int64_t)n);
    jw_kbool(&c->out, "whole", whole);
    put_states(c, rows, n);
    TRY(put_channels(c, org));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- who can be reached ---- */

static err put_away(call *c, int64_t org)
{
    overview_away_row *rows;
    size_t n;
    TRY(overview_away(c->t, &c->viewer,
            &(overview_away_args){ .org = org, .now = txn_now(c->t), .limit = LISTED_MAX }, c->a,
            &rows, &n));
    jw_key(&c->out, S("away"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        TRY(put_person_ref(c, S("person"), rows[i].person));
        TRY(put_person_ref(c, S("deputy"), rows[i].has_deputy ? rows[i].deputy : 0));
        jw_ktime(&c->out, "until", rows[i].until);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static void put_counts(call *c, const overview_people_row *p, size_t n)
{
    int64_t active = 0, invited = 0, disabled = 0, contacts = 0, due = 0;
    instant stale = contact_stale_before(c->app, txn_now(c->t));
    for (size_t i = 0; i < n; i++) {
        bool is_active = str_eq(p[i].state, S("active"));
        active += is_active;
        invited += str_eq(p[i].state, S("invited"));
        disabled += str_eq(p[i].state, S("disabled"));
        if (!is_active || str_eq(p[i].contact_role, S("none"))) continue;
        instant since = p[i].confirmed.us ? p[i].confirmed : p[i].created;
        contacts++;
        due += since.us <= stale.us;
    }
    jw_ki64(&c->out, "active", active);
    jw_ki64(&c->out, "invited", invited);
    jw_ki64(&c->out, "disabled", disabled);
    jw_ki64(&c->out, "contacts", contacts);
    jw_ki64(&c->out, "due", due);
}

static err put_people(call *c, int64_t org)
{
    overview_people_row *rows;
    size_t n;
    if (!sees_part(c, PERMISSION_person_read)) return OK;
    TRY(overview_people(c->t, &c->viewer,
            &(overview_people_args){ .org = org, .limit = PEOPLE_MAX + 1 }, c->a, &rows, &n));
    bool whole = n <= PEOPLE_MAX;
    jw_key(&c->out, S("people"));
    jw_obj(&c->out);
    put_counts(c, rows, whole ? n : PEOPLE_MAX);
    jw_kbool(&c->out, "whole", whole);
    TRY(put_away(c, org));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- what it has, and what of it was opened ---- */

static err put_networks(call *c, int64_t org)
{
    static const char *const kinds[] = { "cidr", "asn", "domain" };
    overview_networks_row *rows;
    size_t n;
    TRY(overview_networks(c->t, &c->viewer,
            &(overview_networks_args){ .org = org, .limit = NETWORKS_MAX }, c->a, &rows, &n));
    jw_key(&c->out, S("networks"));
    jw_obj(&c->out);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        int64_t of = 0;
        for (size_t i = 0; i < n; i++)
            if (str_eq(rows[i].kind, str_of(kinds[k]))) of = rows[i].n;
        jw_key(&c->out, str_of(kinds[k]));
        jw_i64(&c->out, of);
    }
    jw_end_obj(&c->out);
    return OK;
}

static err put_groups(call *c, int64_t org)
{
    overview_groups_row *rows;
    size_t n = 0;
    if (sees_part(c, PERMISSION_group_read))
        TRY(overview_groups(c->t, &c->viewer,
                &(overview_groups_args){ .org = org, .limit = LISTED_MAX }, c->a, &rows, &n));
    jw_key(&c->out, S("groups"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        overview_groups_json(&c->out, &rows[i]);
    jw_end_arr(&c->out);
    return OK;
}

/* Whose an opened thing is, is said to its owner, and to whoever may read it. */
static err is_of(call *c, const glass_page_row *g, int64_t org, bool *ret)
{
    const organisation_handle *o;
    *ret = g->has_owner && g->owner == org;
    if (!*ret || org == c->viewer.org) return OK;
    err e = glass_whose(c, g, &o);
    *ret = !failed(e);
    return err_code_of(e) == E_ABSENT ? OK : e;
}

static err put_glass(call *c, int64_t org)
{
    glass_page_row *rows;
    size_t n;
    int64_t open = 0, closed = 0;
    if (!sees_part(c, PERMISSION_glass_read)) return OK;
    TRY(glass_heard(c, (id128){ { 0 } }, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        bool of;
        TRY(is_of(c, &rows[i], org, &of));
        if (of && glass_is_open(c, &rows[i]))
            open++;
        else if (of)
            closed++;
    }
    jw_key(&c->out, S("glass"));
    jw_obj(&c->out);
    jw_ki64(&c->out, "open", open);
    jw_ki64(&c->out, "closed", closed);
    jw_end_obj(&c->out);
    return OK;
}

err h_organisation_overview(call *c)
{
    const organisation_handle *o;
    id128 id;
    TRY(organisation_of_path(c, &id));
    TRY(organisation_read(c->t, &c->viewer, (organisation_id){ id }, &o));
    jw_obj(&c->out);
    organisation_ref_put(&c->out, o);
    jw_ktime(&c->out, "now", txn_now(c->t));
    TRY(put_networks(c, o->row));
    TRY(put_people(c, o->row));
    TRY(put_findings(c, o->row));
    TRY(put_notices(c, o->row));
    TRY(put_groups(c, o->row));
    TRY(put_glass(c, o->row));
    TRY(delegation_put(c, o->row));
    jw_end_obj(&c->out);
    return OK;
}
