/* retention.c - see retention.h: rules as they stand, what would go, and the job that lets it go.
 * The job's body says which rule to which moment, as it was when it was asked for; its result says
 * how many went by each, at which rule it is, and after which row. */
#include "common/retention/retention_in.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/time.h"
#include "common/retention/hold.h"
#include "common/retention/rules.h"
#include "events/history.h"
#include "gen/common/retention/queries.h"
#include "store/store.h"

enum { PAGE = 200, LOOK_PAGES = 250 };

const retention_rule *retention_find(str name)
{
    for (size_t i = 0; i < retention_rules_n; i++)
        if (str_eq(str_of(retention_rules[i].name), name)) return &retention_rules[i];
    return NULL;
}

err retention_read(txn *t, const struct conf *c, const retention_rule *r, retention_state *ret)
{
    rule_get_row *row;
    *ret = (retention_state){ .days = r->setting ? conf_int(c, r->setting) : r->days };
    err e = rule_get(t, &(rule_get_args){ .name = str_of(r->name) }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    ret->ran = row->ran;
    ret->gone = row->gone;
    if (!row->changed || r->setting) return OK;
    ret->changed = true;
    ret->days = row->has_days ? row->days : 0;
    ret->set_by = row->set_by;
    ret->set_at = row->set_at;
    return OK;
}

/* ---- the ledger ---- */

static err tell(txn *t, const realm *rl, ledger_type type, int64_t author, str more)
{
    return ledger_append(t, &(ledger_draft){ .type = type,
                                    .kind = S("retention"),
                                    .subject = id_new(),
                                    .owner = rl->site_org,
                                    .audience = LABEL_STRICT,
                                    .author = author,
                                    .more = more });
}

err retention_set(txn *t, const realm *rl, const retention_rule *r, int64_t person, int64_t days)
{
    jsonw w = jsonw_new(txn_arena(t), 128);
    rule_set_args set = { .name = str_of(r->name),
        .days = days,
        .has_days = days != 0,
        .set_by = person,
        .set_at = txn_now(t) };
    ASSERT(!r->setting && days >= 0);
    TRY(rule_set(t, &set, NULL));
    jw_obj(&w);
    jw_kstr(&w, "rule", str_of(r->name));
    if (days) jw_ki64(&w, "days", days);
    jw_end_obj(&w);
    return tell(t, rl, LEDGER_retention_changed, person, jsonw_done(&w));
}

static err tell_rule(txn *t, const realm *rl, ledger_type type, int64_t person,
        const retention_rule *r, instant before, int64_t gone)
{
    jsonw w = jsonw_new(txn_arena(t), 256);
    jw_obj(&w);
    jw_kstr(&w, "rule", str_of(r->name));
    jw_ktime(&w, "before", before);
    jw_ki64(&w, "before_us", before.us);
    if (gone) jw_ki64(&w, "gone", gone);
    if (*r->kinds) jw_kstr(&w, "kinds", str_of(r->kinds));
    jw_end_obj(&w);
    return tell(t, rl, type, person, jsonw_done(&w));
}

err retention_tell(txn *t, const realm *rl, const retention_rule *r, int64_t person, instant before,
        int64_t gone)
{
    rule_ran_args ran = { .name = str_of(r->name), .at = txn_now(t), .gone = gone };
    TRY(rule_ran(t, &ran, NULL));
    return gone ? tell_rule(t, rl, LEDGER_retention_applied, person, r, before, gone) : OK;
}

/* ---- before ---- */

static void count(retention_effect *x, const old_thing *o, instant before)
{
    if (!o->due || o->at.us > before.us) return;
    if (o->held)
        x->held++;
    else
        x->due++;
    if (!o->held && (!x->oldest.us || o->at.us < x->oldest.us)) x->oldest = o->at;
}

static err look_rows(txn *t, const rule_rows *rows, instant before, retention_effect *ret)
{
    int64_t after = 0;
    for (int page = 0; page < LOOK_PAGES; page++) {
        old_thing *o;
        size_t n;
        TRY(rows->page(t, after, PAGE, &o, &n));
        for (size_t i = 0; i < n && o[i].made.us <= before.us; i++)
            count(ret, &o[i], before);
        if (n < PAGE || o[n - 1].made.us > before.us) return OK;
        after = o[n - 1].row;
    }
    ret->whole = false;
    return OK;
}

static err look_events(txn *t, const realm *rl, instant before, retention_effect *ret)
{
    bool held;
    int64_t n = 0;
    TRY(hold_any(t, &held));
    TRY(history_old(rl->history, before, &n, &ret->oldest));
    *(held ? &ret->held : &ret->due) = n;
    return OK;
}

static err look_reads(txn *t, instant before, retention_effect *ret)
{
    bool held;
    old_reads_row *row;
    TRY(hold_any(t, &held));
    TRY(old_reads(t, &(old_reads_args){ .before = before.us / US_PER_DAY }, txn_arena(t), &row));
    *(held ? &ret->held : &ret->due) = row->n;
    if (row->has_oldest) ret->oldest = (instant){ row->oldest * US_PER_DAY };
    return OK;
}

err retention_look(
        txn *t, const realm *rl, const retention_rule *r, instant before, retention_effect *ret)
{
    const rule_rows *rows = rule_rows_of(r->name);
    *ret = (retention_effect){ .whole = true };
    if (rows) return look_rows(t, rows, before, ret);
    if (str_eq(str_of(r->name), S("events"))) return look_events(t, rl, before, ret);
    if (str_eq(str_of(r->name), S("reads"))) return look_reads(t, before, ret);
    return rule_sign_in(t, before, false, &ret->due, &ret->oldest);
}

/* ---- asking ---- */

/* Ways in live by the clock that nobody sets, in a realm whose clock is years ahead too. */
static instant before_of(const txn *t, const retention_rule *r, int64_t days)
{
    bool live = str_eq(str_of(r->name), S("sign_in"));
    return (instant){ (live ? clock_now(&clock_system) : txn_now(t)).us - days * US_PER_DAY };
}

err retention_before(
        txn *t, const struct conf *c, const retention_rule *r, int64_t days, instant *ret)
{
    retention_state s;
    if (!days) TRY(retention_read(t, c, r, &s));
    if (!days) days = s.days;
    *ret = days ? before_of(t, r, days) : (instant){ 0 };
    return OK;
}

err retention_wanted(txn *t, const realm *rl, const struct conf *c, bool *ret)
{
    *ret = false;
    for (size_t i = 0; i < retention_rules_n && !*ret; i++) {
        const retention_rule *r = &retention_rules[i];
        retention_effect x;
        instant before;
        TRY(retention_before(t, c, r, 0, &before));
        if (r->setting || !before.us) continue;
        TRY(retention_look(t, rl, r, before, &x));
        *ret = x.due > 0 || !x.whole;
    }
    return OK;
}

static err put_rules(txn *t, const struct conf *c, jsonw *w)
{
    jw_key(w, S("rules"));
    jw_arr(w);
    for (size_t i = 0; i < retention_rules_n; i++) {
        const retention_rule *r = &retention_rules[i];
        instant before;
        TRY(retention_before(t, c, r, 0, &before));
        if (r->setting || !before.us) continue;
        jw_obj(w);
        jw_kstr(w, "rule", str_of(r->name));
        jw_ki64(w, "before", before.us);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    return OK;
}

err retention_ask(txn *t, const struct conf *c, int64_t person, id128 *ret_id)
{
    jsonw w = jsonw_new(txn_arena(t), 512);
    job_waits_row *waits;
    int64_t row;
    TRY(job_waits(t, txn_arena(t), &waits));
    if (waits->n) return ERR(E_CONFLICT, "error.office.retention_runs");
    jw_obj(&w);
    TRY(put_rules(t, c, &w));
    jw_end_obj(&w);
    job_draft j = { .kind = S("retention"), .body = jsonw_done(&w), .person = person };
    return job_enqueue(t, &j, &row, ret_id);
}

/* ---- the job ---- */

typedef struct {
    const realm *rl;
    const job *j;
    const json *rules;
    int64_t rule, after, gone; /* at which rule, after which row, how many by it so far */
    int64_t end_us;
    job_step *step;
} running;

static int64_t number_at(const json *j, str key)
{
    int64_t n = 0;
    return j && json_i64(json_get(j, key), &n) ? n : 0;
}

static err begin(txn *t, running *x)
{
    const json *body, *was = NULL;
    arena *a = txn_arena(t);
    TRY(json_parse(a, x->j->body, NULL, &body));
    if (x->j->result.n) TRY(json_parse(a, x->j->result, NULL, &was));
    x->rules = json_get(body, S("rules"));
    x->rule = number_at(was, S("rule"));
    x->after = number_at(was, S("after"));
    x->gone = number_at(was, S("gone"));
    return OK;
}

static void end(txn *t, const running *x)
{
    jsonw w = jsonw_new(txn_arena(t), 128);
    jw_obj(&w);
    jw_ki64(&w, "done", x->step->progress);
    jw_ki64(&w, "rule", x->rule);
    jw_ki64(&w, "after", x->after);
    jw_ki64(&w, "gone", x->gone);
    jw_end_obj(&w);
    x->step->result = jsonw_done(&w);
}

static err remove_one(txn *t, running *x, const rule_rows *rows, const old_thing *o, instant before)
{
    x->after = o->row;
    if (!o->due || o->held || o->at.us > before.us) return OK;
    TRY(rows->remove(t, o->row));
    x->gone++;
    x->step->progress++;
    return OK;
}

/* *ret_over: nothing older is left of this rule. */
static err some(txn *t, running *x, const rule_rows *rows, instant before, bool *ret_over)
{
    old_thing *o;
    size_t n, i = 0;
    *ret_over = false;
    TRY(rows->page(t, x->after, PAGE, &o, &n));
    for (; i < n && o[i].made.us <= before.us; i++) {
        if (i && monotonic_us() > x->end_us) return OK;
        TRY(remove_one(t, x, rows, &o[i], before));
    }
    *ret_over = i < n || n < PAGE;
    return OK;
}

static err one_rule(txn *t, running *x, const json *rule)
{
    const retention_rule *r = retention_find(json_get_text(rule, S("rule")));
    instant before = { number_at(rule, S("before")) }, oldest;
    bool over = true; /* sign_in: at once */
    ASSERT(r);
    const rule_rows *rows = rule_rows_of(r->name);
    int64_t was = x->gone;
    if (rows)
        TRY(some(t, x, rows, before, &over));
    else
        TRY(rule_sign_in(t, before, true, &x->gone, &oldest));
    if (!rows) x->step->progress += x->gone;
    /* With the first ones that go, whatever becomes of the job: verification reads it. */
    if (!was && x->gone && *r->kinds)
        TRY(tell_rule(t, x->rl, LEDGER_retention_began, x->j->person, r, before, 0));
    if (!over) return OK;
    TRY(retention_tell(t, x->rl, r, x->j->person, before, x->gone));
    x->rule++;
    x->after = x->gone = 0;
    return OK;
}

static err slice(txn *t, const realm *rl, const job *j, job_step *ret)
{
    running x = { .rl = rl, .j = j, .end_us = monotonic_us() + JOB_SLICE_US, .step = ret };
    TRY(begin(t, &x));
    const json *rule = json_at(x.rules, (size_t)x.rule);
    if (rule) TRY(one_rule(t, &x, rule));
    ret->over = !json_at(x.rules, (size_t)x.rule);
    end(t, &x);
    return OK;
}

const job_kind retention_job = { "retention", slice };
