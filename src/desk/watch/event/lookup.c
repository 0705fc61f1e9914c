/* lookup.c - route of the one box: recognises what was pasted and answers in words first, then with
 * what is behind the words. All of it is what the viewer may see. In the pool. */
#include "desk/watch/event/lookup.h"
#include "desk/watch/event/vulnerability.h"

#include "access/model.h"
#include "api/app.h"
#include "base/texts.h"
#include "engine/url/url.h"
#include "flow/flow.h"
#include "gen/desk/watch/event/queries.h"
#include "gen/routes_handlers.h"
#include "render/words.h"
#include "store/store.h"

enum { DAYS = 30, BODIES_MAX = HISTORY_TOP_MAX, HOUR_S = 3600 };

/* What the history says of it. */
typedef struct {
    bool asked;
    int64_t seen, bodies;
    instant first, last;
    int64_t day[DAYS]; /* oldest first */
} sightings;

/* ---- recognising ---- */

static bool is_notice_number(arena *a, str s, str *ret)
{
    str up = str_copy(a, s);
    if (s.n < 8 || s.n > 20 || (s.p[0] != 'N' && s.p[0] != 'n') || s.p[1] != '-') return false;
    for (size_t i = 2; i < s.n; i++)
        if (s.p[i] != '-' && (s.p[i] < '0' || s.p[i] > '9')) return false;
    *ret = str_fmt(a, "N%.*s", STR_ARG(str_sub(up, 1, up.n)));
    return true;
}

const char *lookup_word(observable_kind k)
{
    static const char *const words[OBSERVABLE_KINDS] = { "ip", "cidr", "asn", "domain", "url",
        "hash", "hash", "hash", "email", "cve" };
    return words[k];
}

static void recognise(lookup_question *q, str typed)
{
    arena *a = q->c->a;
    q->text = str_trim(typed);
    q->value = q->text;
    q->recognised = "text";
    if (is_notice_number(a, q->text, &q->value)) {
        q->recognised = "number";
    } else if (id_parse(q->text, &q->id)) {
        q->recognised = "id";
    } else if (!failed(observable_recognise(a, q->text, &q->o))) {
        q->known = true;
        q->recognised = lookup_word(q->o.kind);
        q->value = q->o.value;
    }
}

/* ---- what was seen ---- */

static err days_read(call *c, const event_filter *f, sightings *s)
{
    history_histogram_row *rows;
    size_t n;
    int64_t day_us = US_PER_DAY, first = (txn_now(c->t).us / day_us - DAYS + 1) * day_us;
    TRY(history_histogram(c->realm->history, c->a, &c->viewer.sight, f, EV_TIME_SOURCE,
            HOUR_S * US_PER_S, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t at = (rows[i].at - first) / day_us;
        if (rows[i].at >= first && at < DAYS) s->day[at] += rows[i].n_rows;
        if (rows[i].at > 0 && !s->first.us) s->first.us = rows[i].at;
        if (rows[i].at > 0) s->last.us = rows[i].at;
    }
    return OK;
}

/* Bodies whose names the viewer sees: others are not spoken of. */
static err bodies_read(call *c, const event_filter *f, sightings *s)
{
    history_facet_row *rows;
    size_t n;
    event_names *names = event_names_new(c);
    TRY(history_facet(
            c->realm->history, c->a, &c->viewer.sight, f, EV_OWNER, BODIES_MAX, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t row;
        event_name name;
        if (!str_to_i64(rows[i].value, &row) || !row) continue;
        TRY(event_owner_name(names, row, &name));
        s->bodies += name.seen;
    }
    return OK;
}

static err sightings_read(const lookup_question *q, sightings *s)
{
    call *c = q->c;
    event_filter f = { 0 };
    event_list newest;
    history_total_row total;
    if (!q->known || !event_filter_by(&q->o, &f)) return OK;
    if (failed(permit_use(&c->viewer, PERMISSION_event_read))) return OK;
    s->asked = true;
    TRY(history_count(c->realm->history, c->a, &c->viewer.sight, &f, &total));
    s->seen = total.n_rows;
    if (!s->seen) return OK;
    TRY(days_read(c, &f, s));
    TRY(bodies_read(c, &f, s));
    TRY(history_search(c->realm->history, c->a, &c->viewer.sight, &f, NULL, 1, &newest));
    if (newest.n && newest.rows[0].time_source > s->last.us)
        s->last.us = newest.rows[0].time_source;
    return OK;
}

/* ---- whose it is ---- */

static bool owner_by_name(str name, owner_question *ret)
{
    ret->name = name;
    return name.n > 0;
}

static bool owner_by_url(arena *a, str text, owner_question *ret)
{
    url u;
    if (!url_parse(a, text, &u)) return false;
    ret->ip = u.ip;
    return u.host_is_ip || owner_by_name(u.host, ret);
}

bool lookup_owner_question(arena *a, const observable *o, instant now, owner_question *ret)
{
    *ret = (owner_question){ .time_us = now.us };
    switch (o->kind) {
    case OBSERVABLE_IP:
    case OBSERVABLE_CIDR:
        ret->ip = o->range.lo;
        return true;
    case OBSERVABLE_ASN:
        ret->asn = (uint32_t)o->asn;
        return true;
    case OBSERVABLE_DOMAIN:
        return owner_by_name(o->value, ret);
    case OBSERVABLE_EMAIL:
        return owner_by_name(
                str_sub(o->value, (size_t)str_find_byte(o->value, '@') + 1, o->value.n), ret);
    case OBSERVABLE_URL:
        return owner_by_url(a, o->value, ret);
    default:
        return false;
    }
}

/* The claim by which it is somebody's, when the viewer sees that claim. */
static err owner_read(const lookup_question *q, lookup_claim_row **ret, str *ret_text)
{
    call *c = q->c;
    owner_question ask;
    lookup_claim_row *rows;
    size_t n;
    *ret = NULL;
    if (!q->known || !lookup_owner_question(c->a, &q->o, txn_now(c->t), &ask)) return OK;
    if (failed(permit_use(&c->viewer, PERMISSION_org_read))) return OK;
    flow_owner o = flow_owner_of(c->realm, c->a, &ask);
    if (!o.org) return OK;
    TRY(lookup_claim(c->t, &c->viewer, &(lookup_claim_args){ .org = o.org, .value = o.text }, c->a,
            &rows, &n));
    if (n) *ret = &rows[0];
    *ret_text = o.text;
    return OK;
}

static void put_owner(call *c, const lookup_claim_row *o, str text)
{
    jsonw *w = &c->out;
    jw_key(w, S("owner"));
    if (!o) {
        jw_null(w);
        return;
    }
    jw_obj(w);
    jw_kid(w, "id", o->id);
    jw_kstr(w, "key", o->key);
    jw_kraw(w, "name", o->name);
    jw_kstr(w, "why", text);
    jw_end_obj(w);
}

/* ---- in words ---- */

static str ago_text(call *c, lang l, instant t)
{
    int64_t s = (txn_now(c->t).us - t.us) / US_PER_S;
    static const struct {
        int64_t below, unit;
        const char *key;
    } steps[] = { { 3600, 60, TK("lookup.minutes") }, { 48 * 3600, 3600, TK("lookup.hours") },
        { INT64_MAX, 86400, TK("lookup.days") } };
    if (s < 60) return T(l, "lookup.now");
    size_t i = 0;
    while (s >= steps[i].below)
        i++;
    return text_fill(
            c->a, T(l, steps[i].key), count_text(c->a, s / steps[i].unit), (str){ 0 }, (str){ 0 });
}

static const zone *zone_of(const call *c)
{
    const zone *z;
    if (c->app && c->app->conf && !failed(zone_find(conf_str(c->app->conf, "site.time_zone"), &z)))
        return z;
    return failed(zone_find(S("UTC"), &z)) ? NULL : z;
}

/* {1} times, {2} since, {3} bodies, {4} last. */
static str seen_words(call *c, lang l, const sightings *s)
{
    arena *a = c->a;
    str since = day_text(a, l, s->first, zone_of(c)), last = ago_text(c, l, s->last),
        n = count_text(a, s->seen);
    if (s->seen == 1) return text_fill(a, T(l, "lookup.seen_once"), last, (str){ 0 }, (str){ 0 });
    if (s->bodies == 0) return text_fill(a, T(l, "lookup.seen_nobody"), n, since, last);
    if (s->bodies == 1) return text_fill(a, T(l, "lookup.seen_body"), n, since, last);
    str words = text_fill(a, T(l, "lookup.seen"), n, since, count_text(a, s->bodies));
    str tail = text_fill(a, T(l, "lookup.seen_last"), last, (str){ 0 }, (str){ 0 });
    return str_fmt(a, "%.*s %.*s", STR_ARG(words), STR_ARG(tail));
}

static void add_words(arena *a, str *words, str more)
{
    *words = words->n ? str_fmt(a, "%.*s %.*s", STR_ARG(*words), STR_ARG(more)) : more;
}

typedef struct {
    const sightings *s;
    const lookup_claim_row *owner;
    int hits, indicators;
    vulnerability_said vulnerability;
} found;

static str all_words(const lookup_question *q, const found *f)
{
    call *c = q->c;
    arena *a = c->a;
    lang l = call_lang(c);
    str words = f->vulnerability.words;
    if (f->s->asked)
        add_words(a, &words, f->s->seen ? seen_words(c, l, f->s) : T(l, "lookup.never"));
    if (f->owner)
        add_words(a, &words,
                text_fill(a, T(l, "lookup.owner"), texts_pick(a, f->owner->name, l), (str){ 0 },
                        (str){ 0 }));
    if (f->indicators) add_words(a, &words, T(l, "lookup.indicator"));
    if (words.n) return words;
    if (f->hits == 0) return T(l, "lookup.nothing");
    if (f->hits == 1) return T(l, "lookup.found_one");
    return text_fill(a, T(l, "lookup.found"), count_text(a, f->hits), (str){ 0 }, (str){ 0 });
}

static void put_sightings(jsonw *w, const sightings *s)
{
    if (!s->asked) return;
    jw_ki64(w, "seen", s->seen);
    jw_ktime(w, "first", s->first);
    jw_ktime(w, "last", s->last);
    jw_key(w, S("days"));
    jw_arr(w);
    for (int i = 0; i < DAYS; i++)
        jw_i64(w, s->day[i]);
    jw_end_arr(w);
}

err h_lookup(call *c)
{
    const struct lookup_query *query = c->query;
    lookup_question q = { .c = c };
    sightings s = { 0 };
    found f = { .s = &s };
    lookup_claim_row *owner;
    str why = { 0 };
    jsonw *w = &c->out;
    recognise(&q, query->q);
    TRY(sightings_read(&q, &s));
    TRY(owner_read(&q, &owner, &why));
    f.owner = owner;
    jw_obj(w);
    jw_kstr(w, "recognised", str_of(q.recognised));
    jw_kstr(w, "value", q.value);
    jw_key(w, S("hits"));
    TRY(lookup_put_hits(&q, &f.hits, &f.indicators));
    put_sightings(w, &s);
    put_owner(c, owner, why);
    vuln *v = vulnerabilities_hold(c);
    if (q.known) f.vulnerability = vulnerability_put(c, v, &q.o);
    vulnerabilities_release(v);
    jw_kstr(w, "words", all_words(&q, &f));
    jw_end_obj(w);
    return OK;
}
