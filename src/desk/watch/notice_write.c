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
    notice_writer *w;
    const finding_group *g;
    const organisation_handle *org;
    notice_facts f;
} writing;

static void widen(instant *first, instant *last, const finding_group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        if (!first->us || g->at[i]->first_seen.us < first->us) *first = g->at[i]->first_seen;
        if (g->at[i]->last_seen.us > last->us) *last = g->at[i]->last_seen;
    }
}

static int64_t highest(const finding_group *g, int64_t severity)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i]->severity > severity) severity = g->at[i]->severity;
    return severity;
}

static void add_machine(notice_facts *f, str ip, str fqdn, int64_t port, instant seen)
{
    f->machines[f->n_machines++] = (notice_machine){ .ip = ip, .fqdn = fqdn, .port = port, .seen = seen };
}

static void add_group_machines(notice_facts *f, const finding_group *g)
{
    for (size_t i = 0; i < g->n && f->n_machines < NOTICE_MACHINES; i++) {
        const finding_new_row *n = g->at[i];
        add_machine(f, n->ip, n->fqdn, n->has_port ? n->port : -1, n->last_seen);
    }
}

/* ---- what the ledger says ---- */

/* One entry names the findings that went into the notice now. */
static err append_noticed(writing *x, const notice_handle *h)
{
    jsonw w = jsonw_new(txn_arena(x->t), 64 + 40 * x->g->n);
    jw_obj(&w);
    jw_key(&w, S("findings"));
    jw_arr(&w);
    for (size_t i = 0; i < x->g->n; i++)
        jw_id(&w, x->g->at[i]->id);
    jw_end_arr(&w);
    jw_end_obj(&w);
    return ledger_append(x->t,
            &(ledger_draft){ .type = LEDGER_finding_noticed, .kind = S("notice"), .subject = h->id.id,
                    .version = h->version, .audience = h->audience, .owner = h->owner,
                    .more = jsonw_done(&w) });
}

static err put_findings(writing *x, const notice_handle *h)
{
    for (size_t i = 0; i < x->g->n; i++)
        TRY(finding_put_on_notice(x->t, x->g->at[i]->row, h->row));
    return append_noticed(x, h);
}

static void put_words(writing *x, notice_draft *d)
{
    arena *a = txn_arena(x->t);
    x->f.number = d->number;
    x->f.kind = d->kind;
    x->f.org = x->org->now.name;
    x->f.advice = advice_for(x->g->at[0]->type, x->g->at[0]->identifier);
    x->f.findings = d->findings;
    x->f.severity = d->severity;
    x->f.due = d->due;
    x->f.zone = x->w->rules.zone;
    d->subject = notice_subject(a, &x->f);
    d->body = notice_body(a, &x->f);
}

/* ---- a new notice ---- */

static err next_number(writing *x, str *ret)
{
    arena *a = txn_arena(x->t);
    int year = civil_of(txn_now(x->t), x->w->rules.zone).year;
    counter_next_row *c;
    TRY(counter_next(x->t, &(counter_next_args){ .name = str_fmt(a, "notice-%d", year) }, a, &c));
    *ret = str_fmt(a, "N-%d-%06lld", year, (long long)c->value);
    return OK;
}

/* While it is held the notice is the national desk's alone; leaving gives it to its recipient. */
static err draft_new(writing *x, notice_draft *d)
{
    instant now = txn_now(x->t);
    *d = (notice_draft){ .owner = x->r->site_org, .org = x->g->org, .kind = x->g->kind,
        .severity = highest(x->g, 0), .findings = (int64_t)x->g->n, .state = S("held"),
        .held_until = { now.us + x->w->rules.hold_us } };
    d->due = notice_due(&x->w->rules, now, d->severity);
    TRY(site_audience_strict(x->t, x->r->national_grp, &d->audience));
    TRY(next_number(x, &d->number));
    widen(&x->f.first, &x->f.last, x->g);
    add_group_machines(&x->f, x->g);
    put_words(x, d);
    return OK;
}

static err address_all(writing *x, const notice_handle *h)
{
    size_t n;
    TRY(delivery_add(x->t, x->r, x->sys,
            &(delivery_address){ .notice = h->row, .org = x->g->org, .lang = x->org->now.lang,
                    .at = h->now.held_until }));
    return delivery_add_contacts(x->t, x->r, x->sys, h->row, x->g->org, h->now.severity,
            h->now.held_until, &n);
}

static err write_new(writing *x)
{
    const notice_handle *h;
    notice_draft d;
    TRY(draft_new(x, &d));
    TRY(notice_insert(x->t, x->sys, &d, LEDGER_notice_written, &h));
    x->w->slots[h->row % EXTENT_SLOTS] = (notice_extent_slot){ h->row, x->f.first, x->f.last };
    TRY(put_findings(x, h));
    return address_all(x, h);
}

/* ---- joining ---- */

static err load_extent(writing *x, int64_t notice, notice_extent_slot *s)
{
    notice_extent_row *e;
    if (s->notice == notice) return OK;
    TRY(notice_extent(x->t, &(notice_extent_args){ .notice = notice }, txn_arena(x->t), &e));
    *s = (notice_extent_slot){ notice, e->first_seen, e->last_seen };
    return OK;
}

static err load_machines(writing *x, int64_t notice)
{
    notice_machines_row *rows;
    size_t n;
    TRY(notice_machines(x->t, &(notice_machines_args){ .notice = notice, .limit = NOTICE_MACHINES },
            txn_arena(x->t), &rows, &n));
    for (size_t i = 0; i < n; i++)
        add_machine(&x->f, rows[i].ip, rows[i].fqdn, rows[i].has_port ? rows[i].port : -1,
                rows[i].last_seen);
    return OK;
}

/* A notice that became more severe is due earlier, and technical contacts hear of it too. */
static err raise(writing *x, const notice_handle *h, int64_t before)
{
    size_t n;
    if (h->now.severity < SEVERITY_HIGH || before >= SEVERITY_HIGH) return OK;
    return delivery_add_contacts(x->t, x->r, x->sys, h->row, x->g->org, h->now.severity,
            h->now.held_until, &n);
}

static err join(writing *x, int64_t row)
{
    const notice_handle *h;
    notice_extent_slot *s = &x->w->slots[row % EXTENT_SLOTS];
    TRY(notice_hold_row(x->t, x->sys, row, &h));
    TRY(load_extent(x, row, s));
    TRY(load_machines(x, row));
    add_group_machines(&x->f, x->g);
    widen(&s->first, &s->last, x->g);
    x->f.first = s->first;
    x->f.last = s->last;
    notice_draft d = h->now;
    int64_t before = d.severity;
    d.findings += (int64_t)x->g->n;
    d.severity = highest(x->g, before);
    if (d.severity > before) d.due = notice_due(&x->w->rules, h->created, d.severity);
    put_words(x, &d);
    TRY(notice_save(x->t, x->sys, h, &d, LEDGER_NONE));
    TRY(put_findings(x, h));
    return raise(x, h, before);
}

err notice_write(txn *t, const realm *r, const viewer *sys, notice_writer *w, const finding_group *g,
        int64_t first_held)
{
    writing x = { .t = t, .r = r, .sys = sys, .w = w, .g = g };
    notice_to_join_row *j;
    ASSERT(g->n > 0 && g->org != r->site_org);
    TRY(organisation_read_row(t, sys, g->org, &x.org));
    if (!first_held) return write_new(&x);
    notice_to_join_args args = { .org = g->org, .first = first_held, .kind = g->kind, .now = txn_now(t) };
    err e = notice_to_join(t, &args, txn_arena(t), &j);
    if (err_code_of(e) == E_ABSENT) return write_new(&x);
    TRY(e);
    return join(&x, j->row);
}
