/* notice_write.c - see notice_write.h. */
#include "desk/watch/notice_write.h"
#include "access/site.h"
#include "common/findings/findings.h"
#include "common/outbox/delivery.h"
#include "desk/watch/notice_text.h"
#include "gen/store/queries.h"
#include "store/store.h"

typedef struct {
    txn *t;
    const realm *r;
    const viewer *sys;
    const notice_rules *rules;
    const finding_group *g;
} writing;

static int64_t highest(const finding_group *g)
{
    int64_t severity = 0;
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i]->severity > severity) severity = g->at[i]->severity;
    return severity;
}

/* ---- what the ledger says ---- */

/* Which notice, as its entry names it. */
typedef struct {
    int64_t row, version, audience, owner;
    id128 id;
} notice_ref;

/* One entry names the findings that went into the notice now. */
static err append_noticed(writing *x, const notice_ref *at)
{
    jsonw w = jsonw_new(txn_arena(x->t), 64 + 40 * x->g->n);
    jw_obj(&w);
    jw_key(&w, S("findings"));
    jw_arr(&w);
    for (size_t i = 0; i < x->g->n; i++)
        jw_id(&w, x->g->at[i]->id);
    jw_end_arr(&w);
    jw_end_obj(&w);
    return ledger_append(x->t, &(ledger_draft){ .type = LEDGER_finding_noticed,
                                       .kind = S("notice"),
                                       .subject = at->id,
                                       .version = at->version,
                                       .audience = at->audience,
                                       .owner = at->owner,
                                       .more = jsonw_done(&w) });
}

static err put_findings(writing *x, const notice_ref *at)
{
    for (size_t i = 0; i < x->g->n; i++)
        TRY(finding_put_on_notice(x->t, x->g->at[i]->row, at->row));
    return append_noticed(x, at);
}

/* ---- a new notice ---- */

static err next_number(writing *x, str *ret)
{
    arena *a = txn_arena(x->t);
    int year = civil_of(txn_now(x->t), x->rules->cal.zone).year;
    counter_next_row *c;
    TRY(counter_next(x->t, &(counter_next_args){ .name = str_fmt(a, "notice-%d", year) }, a, &c));
    *ret = str_fmt(a, "N-%d-%06lld", year, (long long)c->value);
    return OK;
}

static notice_facts facts_of(const finding_group *g)
{
    notice_facts f = { .first = g->at[0]->first_seen,
        .last = g->at[0]->last_seen,
        .advice = advice_for(g->at[0]->type, g->at[0]->identifier) };
    for (size_t i = 0; i < g->n; i++) {
        const finding_new_row *n = g->at[i];
        if (n->first_seen.us < f.first.us) f.first = n->first_seen;
        if (n->last_seen.us > f.last.us) f.last = n->last_seen;
        if (f.n_machines == NOTICE_MACHINES) continue;
        f.machines[f.n_machines++] = (notice_machine){
            .ip = n->ip, .fqdn = n->fqdn, .port = n->has_port ? n->port : -1, .seen = n->last_seen
        };
    }
    return f;
}

/* By the holidays of whoever is to answer. */
static err due_of(
        writing *x, const organisation_handle *o, instant from, int64_t severity, instant *ret)
{
    calendar cal;
    TRY(calendar_of(x->t, &x->rules->cal, &(calendar_whom){ o->now.sector, o->now.province }, from,
            txn_arena(x->t), &cal));
    *ret = notice_due(&cal, from, severity);
    return OK;
}

/* While it is held the notice is the national desk's alone; leaving gives it to its recipient. */
static err draft_new(writing *x, const organisation_handle *o, notice_draft *d)
{
    instant now = txn_now(x->t);
    *d = (notice_draft){ .owner = x->r->site_org,
        .org = x->g->org,
        .kind = x->g->kind,
        .severity = highest(x->g),
        .findings = (int64_t)x->g->n,
        .state = S("held"),
        .held_until = { now.us + x->rules->hold_us } };
    TRY(due_of(x, o, now, d->severity, &d->due));
    TRY(site_audience_strict(x->t, x->r->national_grp, &d->audience));
    TRY(next_number(x, &d->number));
    notice_facts f = facts_of(x->g);
    notice_words(txn_arena(x->t), &f, o->now.name, x->rules->cal.zone, d);
    return OK;
}

static err address_all(writing *x, const organisation_handle *o, const notice_handle *h)
{
    size_t n;
    delivery_address to = {
        .notice = h->row, .org = x->g->org, .lang = o->now.lang, .at = h->now.held_until
    };
    TRY(delivery_add(x->t, x->r, x->sys, &to, NULL));
    to.paper = true;
    if (o->now.by_letter) TRY(delivery_add(x->t, x->r, x->sys, &to, NULL));
    to.paper = false;
    TRY(delivery_add_channels(x->t, x->r, x->sys, &to, h->now.severity));
    return delivery_add_contacts(
            x->t, x->r, x->sys, h->row, x->g->org, h->now.severity, h->now.held_until, &n);
}

static err write_new(writing *x)
{
    const organisation_handle *o;
    const notice_handle *h;
    notice_draft d;
    TRY(organisation_read_row(x->t, x->sys, x->g->org, &o));
    TRY(draft_new(x, o, &d));
    TRY(notice_insert(x->t, x->sys, &d, LEDGER_notice_written, &h));
    TRY(put_findings(x, &(notice_ref){ h->row, h->version, h->audience, h->owner, h->id.id }));
    return address_all(x, o, h);
}

/* ---- joining ---- */

/* The version that was written is the ledger's; those after it, while the notice is held, are
 * nobody's. */
static err keep_written(writing *x, const notice_to_join_row *j)
{
    cell in[2] = { { .type = CELL_I64, .i = j->row }, { .type = CELL_I64, .i = j->version } };
    return j->version == 1 ? stmt_run(x->t, notice_def.keep, 0, in, NULL, NULL, NULL) : OK;
}

/* A notice that became more severe is due earlier, and technical contacts hear of it too. */
static err join(writing *x, const notice_to_join_row *j)
{
    int64_t severity = highest(x->g);
    const organisation_handle *o;
    instant due;
    size_t n;
    TRY(organisation_read_row(x->t, x->sys, x->g->org, &o));
    TRY(due_of(x, o, j->created, severity, &due));
    TRY(keep_written(x, j));
    TRY(notice_more(x->t,
            &(notice_more_args){ .row = j->row,
                    .n = (int64_t)x->g->n,
                    .severity = severity,
                    .due = due,
                    .now = txn_now(x->t) },
            NULL));
    TRY(put_findings(x, &(notice_ref){ j->row, j->version + 1, j->audience, j->owner, j->id }));
    if (severity < SEVERITY_HIGH || j->severity >= SEVERITY_HIGH) return OK;
    return delivery_add_contacts(
            x->t, x->r, x->sys, j->row, x->g->org, severity, j->held_until, &n);
}

err notice_write(txn *t, const realm *r, const viewer *sys, const notice_rules *rules,
        const finding_group *g, int64_t first_held)
{
    writing x = { .t = t, .r = r, .sys = sys, .rules = rules, .g = g };
    notice_to_join_row *j;
    ASSERT(g->n > 0 && g->org != r->site_org);
    if (!first_held) return write_new(&x);
    notice_to_join_args args = {
        .org = g->org, .first = first_held, .kind = g->kind, .now = txn_now(t)
    };
    err e = notice_to_join(t, &args, txn_arena(t), &j);
    if (err_code_of(e) == E_ABSENT) return write_new(&x);
    TRY(e);
    return join(&x, j);
}
