/* lookup_many.c - route of a pasted text: the observables in it, each once, and what the viewer may
 * know of each; and the lines in which there is none. Nothing of it is kept. In the pool. */
#include "desk/watch/event/lookup_many.h"

#include "access/model.h"
#include "api/app.h"
#include "desk/watch/event/lookup.h"
#include "desk/watch/event/vulnerability.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { DAYS = 30, LINE_SHOWN = 200 };

many_answer **many_of_kind(const many *m, observable_kind k, size_t *n)
{
    many_answer **ret = NEW_ARRAY(m->c->a, many_answer *, m->x->n_found + 1);
    *n = 0;
    for (size_t i = 0; i < m->x->n_found; i++)
        if (m->of[i].o->kind == k) ret[(*n)++] = &m->of[i];
    return ret;
}

many_answer *many_by_value(many_answer **of, size_t n, str value)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(of[i]->o->value, value)) return of[i];
    return NULL;
}

bool many_has_events(observable_kind k)
{
    return k != OBSERVABLE_EMAIL;
}

bool many_has_findings(observable_kind k)
{
    return k == OBSERVABLE_IP || k == OBSERVABLE_DOMAIN;
}

/* ---- what it says ---- */

/* What matters most of it: known bad, somebody's, seen, or nothing. */
static str mark_of(const many_answer *r, bool exploited)
{
    if (r->indicators || exploited) return S("bad");
    if (r->owner.n) return S("ours");
    return r->findings || r->events ? S("seen") : S("nothing");
}

static str link_of(call *c, const char *before, str value, const char *after)
{
    static const char safe[] = "-._~:/@";
    buf b = buf_new(c->a, value.n * 3 + 64);
    buf_put(&b, str_of(before));
    for (size_t i = 0; i < value.n; i++) {
        char x = value.p[i];
        bool plain = (x >= '0' && x <= '9') || (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
        if (plain || (x && strchr(safe, x)))
            buf_byte(&b, x);
        else
            buf_fmt(&b, "%%%02X", (uint8_t)x);
    }
    buf_put(&b, str_of(after));
    return buf_str(&b);
}

static void put_owner(jsonw *w, const many_answer *r)
{
    jw_key(w, S("owner"));
    if (!r->owner.n) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_members(w, r->owner);
    jw_kstr(w, "why", r->owner_why);
    jw_end_obj(w);
}

static void put_indicators(const many *m, const many_answer *r)
{
    jsonw *w = &m->c->out;
    if (!m->indicators) return;
    jw_ki64(w, "indicators", r->indicators);
    if (!r->indicators) return;
    jw_kstr(w, "indicator", r->indicator);
    jw_kstr(w, "indicator_source", r->indicator_source);
    jw_kstr(w, "indicators_href", link_of(m->c, "/indicators?q=", r->indicator, ""));
}

static void put_findings(const many *m, const many_answer *r)
{
    jsonw *w = &m->c->out;
    if (!m->findings || !many_has_findings(r->o->kind)) return;
    jw_ki64(w, "findings", r->findings);
    if (!r->findings) return;
    jw_ktime(w, "finding_seen", r->finding_seen);
    jw_kstr(w, "findings_href",
            r->findings == 1 ? link_of(m->c, "/findings/", id_text(m->c->a, r->finding), "")
                             : link_of(m->c, "/search?q=", r->o->value, "&kind=finding"));
}

static void put_events(const many *m, const many_answer *r)
{
    jsonw *w = &m->c->out;
    if (!m->events || !many_has_events(r->o->kind)) return;
    jw_ki64(w, "events", r->events);
    jw_ki64(w, "event_days", r->event_days);
    if (!r->events) return;
    jw_ktime(w, "event_last", r->event_last);
    str from = instant_text(m->c->a, m->from);
    jw_kstr(w, "events_href",
            link_of(m->c, "/events?q=", r->o->value,
                    str_z(m->c->a, str_cat(m->c->a, S("&from="), from))));
}

static void put_found(const many *m, size_t i)
{
    const extract_found *f = &m->x->found[i];
    const many_answer *r = &m->of[i];
    jsonw *w = &m->c->out;
    jw_obj(w);
    jw_ki64(w, "line", f->line);
    jw_ki64(w, "times", f->times);
    jw_kstr(w, "kind", str_of(lookup_word(f->o.kind)));
    jw_kstr(w, "value", f->o.value);
    vulnerability_said said = vulnerability_put(m->c, m->vulnerabilities, &f->o);
    if (said.known) jw_kstr(w, "known", said.words);
    jw_kstr(w, "mark", mark_of(r, said.exploited));
    put_owner(w, r);
    put_indicators(m, r);
    put_findings(m, r);
    put_events(m, r);
    jw_end_obj(w);
}

/* Not more of a line than people read, and no half character. */
static str shown(str line)
{
    size_t n = line.n > LINE_SHOWN ? LINE_SHOWN : line.n;
    while (n > 0 && n < line.n && ((uint8_t)line.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(line, 0, n);
}

static void put_missed(jsonw *w, const extract_missed *x)
{
    jw_obj(w);
    jw_ki64(w, "line", x->line);
    jw_kstr(w, "kind", S("none"));
    jw_kstr(w, "value", shown(x->text));
    jw_kstr(w, "mark", S("unknown"));
    jw_kstr(w, "why", missed_why_name(x->why));
    jw_end_obj(w);
}

/* In the order of the text. */
static void put_items(const many *m)
{
    const extracted *x = m->x;
    size_t k = 0;
    for (size_t i = 0; i < x->n_found; i++) {
        while (k < x->n_missed && x->missed[k].line < x->found[i].line)
            put_missed(&m->c->out, &x->missed[k++]);
        put_found(m, i);
    }
    while (k < x->n_missed)
        put_missed(&m->c->out, &x->missed[k++]);
}

static void put_all(const many *m)
{
    jsonw *w = &m->c->out;
    jw_obj(w);
    jw_ki64(w, "days", m->days);
    jw_ktime(w, "from", m->from);
    jw_ki64(w, "lines", m->x->lines);
    jw_ki64(w, "found", (int64_t)m->x->n_found);
    jw_ki64(w, "missed", m->x->lines_missed);
    jw_key(w, S("items"));
    jw_arr(w);
    put_items(m);
    jw_end_arr(w);
    jw_end_obj(w);
}

/* ---- the route ---- */

static bool may(const call *c, permission p)
{
    return !failed(permit_use(&c->viewer, p));
}

/* Whole days of UTC, today among them. */
static instant first_day(const call *c, int64_t days)
{
    int64_t day_us = US_PER_DAY;
    return (instant){ (txn_now(c->t).us / day_us - days + 1) * day_us };
}

err h_lookup_many(call *c)
{
    const struct lookup_text *q = c->req;
    extracted x;
    many m = { .c = c, .x = &x, .days = q->has_days ? q->days : DAYS };
    m.from = first_day(c, m.days);
    m.indicators = may(c, PERMISSION_indicator_read);
    m.findings = may(c, PERMISSION_finding_read);
    m.events = may(c, PERMISSION_event_read);
    err e = observables_extract(c->a, q->text, &x);
    if (failed(e)) return err_at_pointer(e, S("/text"));
    m.of = NEW_ARRAY(c->a, many_answer, x.n_found + 1);
    for (size_t i = 0; i < x.n_found; i++)
        m.of[i].o = &x.found[i].o;
    TRY(many_records(&m));
    TRY(many_events(&m));
    m.vulnerabilities = vulnerabilities_hold(c);
    put_all(&m);
    vulnerabilities_release(m.vulnerabilities);
    return OK;
}
