/* agency.c - my agency: what must I do today, in at most five sentences; who acts for it, and what
 * is its own. Runs in the pool. */
#include "api/app.h"
#include "base/texts.h"
#include "base/time.h"
#include "common/advice/advice.h"
#include "common/findings/findings.h"
#include "desk/watch/put.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "render/words.h"
#include "store/store.h"

enum { TASKS_MAX = 5, CONFIRM_DAYS = 90 };

typedef struct {
    call *c;
    lang l;
    const zone *zone;
    int left;
} day;

typedef struct {
    const char *kind;
    str words;
    id128 notice;
    instant due;
    int64_t severity; /* -1: none */
} task;

static void put_task(day *d, const task *t)
{
    jsonw *w = &d->c->out;
    if (d->left-- <= 0) return;
    jw_obj(w);
    jw_kstr(w, "kind", str_of(t->kind));
    jw_kstr(w, "words", t->words);
    put_id_or_null(w, S("notice"), t->notice);
    jw_ktime(w, "due", t->due);
    if (t->severity >= 0) jw_kstr(w, "severity", severity_name(t->severity));
    jw_end_obj(w);
}

/* "Notice N-2026-000123: subject" */
static str named(day *d, str number, str subject)
{
    arena *a = d->c->a;
    str words = texts_pick(a, subject, d->l);
    return text_fill(a, T(d->l, "agency.named"), ltr_text(a, d->l, number), words, S(""));
}

static err put_waiting(day *d)
{
    call *c = d->c;
    agency_waiting_row *rows;
    size_t n;
    TRY(agency_waiting(c->t, &c->viewer,
            &(agency_waiting_args){ .org = c->viewer.org, .limit = TASKS_MAX }, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        str words = text_fill(c->a, T(d->l, "agency.acknowledge"),
                named(d, rows[i].number, rows[i].subject),
                moment_text(c->a, d->l, rows[i].due, d->zone), S(""));
        put_task(d, &(task){ "acknowledge", words, rows[i].id, rows[i].due, rows[i].severity });
    }
    return OK;
}

static err put_to_fix(day *d)
{
    call *c = d->c;
    agency_to_fix_row *rows;
    size_t n;
    TRY(agency_to_fix(c->t, &c->viewer,
            &(agency_to_fix_args){ .org = c->viewer.org, .limit = TASKS_MAX }, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const char *key = rows[i].open == 1 ? TK("agency.fix_one") : TK("agency.fix_many");
        str words = text_fill(c->a, T(d->l, key), named(d, rows[i].number, rows[i].subject),
                count_text(c->a, rows[i].open), moment_text(c->a, d->l, rows[i].due, d->zone));
        put_task(d, &(task){ "fix", words, rows[i].id, rows[i].due, rows[i].severity });
    }
    return OK;
}

/* ---- people ---- */

static void put_person(jsonw *w, const person_handle *p)
{
    jw_obj(w);
    jw_kid(w, "id", p->id.id);
    put_text_or_null(w, S("name"), p->now.name);
    put_text_or_null(w, S("mail"), p->now.mail);
    put_text_or_null(w, S("phone"), p->now.phone);
    jw_kstr(w, "lang", p->now.lang);
    jw_key(w, S("roles"));
    jw_arr(w);
    for (int b = 0; b < ROLES; b++)
        if (p->now.roles & (INT64_C(1) << b)) jw_str(w, str_of(role_names[b]));
    jw_end_arr(w);
    jw_kstr(w, "contact_role", p->now.contact_role);
    jw_kstr(w, "state", p->now.state);
    jw_ktime(w, "confirmed", p->now.confirmed);
    jw_ki64(w, "version", p->version);
    jw_end_obj(w);
}

typedef struct {
    const person_handle **at;
    size_t n;
} people;

static err load_people(call *c, people *ret)
{
    agency_people_row *rows;
    size_t n;
    TRY(agency_people(
            c->t, &c->viewer, &(agency_people_args){ .org = c->viewer.org }, c->a, &rows, &n));
    ret->at = NEW_ARRAY(c->a, const person_handle *, n + 1);
    for (size_t i = 0; i < n; i++)
        TRY(person_read_row(c->t, &c->viewer, rows[i].row, &ret->at[i]));
    ret->n = n;
    return OK;
}

/* A second pair of eyes, and contacts that still are who they were. */
static void put_people_tasks(day *d, const people *p)
{
    call *c = d->c;
    int64_t old = txn_now(c->t).us - CONFIRM_DAYS * US_PER_DAY, stale = 0;
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->at[i]->now.state, S("active")) && p->at[i]->now.confirmed.us < old &&
                p->at[i]->created.us < old)
            stale++;
    if (p->n < 2)
        put_task(d, &(task){ .kind = "invite_second",
                            .words = T(d->l, "agency.invite_second"),
                            .severity = -1 });
    if (!stale) return;
    str words = text_fill(c->a, T(d->l, "agency.confirm"), count_text(c->a, stale), S(""), S(""));
    put_task(d, &(task){ .kind = "confirm", .words = words, .severity = -1 });
}

/* ---- the organisation ---- */

static err put_org(call *c)
{
    const organisation_handle *o;
    jsonw *w = &c->out;
    TRY(organisation_read_row(c->t, &c->viewer, c->viewer.org, &o));
    jw_key(w, S("org"));
    jw_obj(w);
    jw_kid(w, "id", o->id.id);
    jw_kstr(w, "key", o->now.key);
    jw_kraw(w, "name", o->now.name);
    jw_kstr(w, "kind", o->now.kind);
    jw_kstr(w, "sector", o->now.sector);
    put_text_or_null(w, S("province"), o->now.province);
    jw_kstr(w, "lang", o->now.lang);
    jw_kbool(w, "community", o->now.community);
    jw_kstr(w, "state", o->now.state);
    jw_ktime(w, "created", o->created);
    jw_ktime(w, "modified", o->modified);
    jw_ki64(w, "version", o->version);
    jw_end_obj(w);
    return OK;
}

static err put_networks(call *c)
{
    agency_networks_row *rows;
    size_t n;
    TRY(agency_networks(
            c->t, &c->viewer, &(agency_networks_args){ .org = c->viewer.org }, c->a, &rows, &n));
    jw_key(&c->out, S("networks"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        agency_networks_json(&c->out, &rows[i]);
    jw_end_arr(&c->out);
    return OK;
}

static err put_kinds(call *c, lang l)
{
    agency_by_identifier_row *rows;
    size_t n;
    TRY(agency_by_identifier(c->t, &c->viewer, &(agency_by_identifier_args){ .org = c->viewer.org },
            c->a, &rows, &n));
    jw_key(&c->out, S("by_identifier"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        jw_kstr(&c->out, "identifier", rows[i].identifier);
        jw_kstr(&c->out, "type", rows[i].type);
        jw_kstr(&c->out, "words", T(l, advice_for(rows[i].type, rows[i].identifier)->what_key));
        jw_ki64(&c->out, "count", rows[i].n);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static err put_tasks(call *c, lang l, const people *p)
{
    day d = { .c = c, .l = l, .left = TASKS_MAX };
    TRY(zone_find(conf_str(c->app->conf, "site.time_zone"), &d.zone));
    jw_key(&c->out, S("tasks"));
    jw_arr(&c->out);
    TRY(put_waiting(&d));
    TRY(put_to_fix(&d));
    put_people_tasks(&d, p);
    jw_end_arr(&c->out);
    return OK;
}

err h_agency(call *c)
{
    findings_open_of_row *open;
    people p;
    lang l = call_lang(c);
    TRY(load_people(c, &p));
    TRY(findings_open_of(
            c->t, &c->viewer, &(findings_open_of_args){ .org = c->viewer.org }, c->a, &open));
    jw_obj(&c->out);
    TRY(put_org(c));
    TRY(put_tasks(c, l, &p));
    jw_ki64(&c->out, "open_findings", open->n);
    jw_key(&c->out, S("people"));
    jw_arr(&c->out);
    for (size_t i = 0; i < p.n; i++)
        put_person(&c->out, p.at[i]);
    jw_end_arr(&c->out);
    TRY(put_networks(c));
    TRY(put_kinds(c, l));
    jw_end_obj(&c->out);
    return OK;
}
