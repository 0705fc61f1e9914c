/* put.c - see put.h. Any thread; within the call's read. */
#include "desk/watch/put.h"
#include "access/leave.h"
#include "common/findings/findings.h"
#include "gen/records/person.h"

void put_org_ref(jsonw *w, str key, id128 id, str org_key, str name)
{
    jw_key(w, key);
    jw_obj(w);
    jw_kid(w, "id", id);
    jw_kstr(w, "key", org_key);
    jw_kraw(w, "name", name);
    jw_end_obj(w);
}

void put_text_or_null(jsonw *w, str key, str s)
{
    jw_key(w, key);
    if (s.p && s.n)
        jw_str(w, s);
    else
        jw_null(w);
}

void put_id_or_null(jsonw *w, str key, id128 id)
{
    jw_key(w, key);
    if (id_is_zero(id))
        jw_null(w);
    else
        jw_id(w, id);
}

err watch_put_name(call *c, str key, bool has, int64_t row)
{
    const person_handle *p;
    jw_key(&c->out, key);
    err e = has ? person_read_row(c->t, &c->viewer, row, &p) : ERR(E_ABSENT, "error.api.absent");
    if (err_code_of(e) == E_ABSENT) {
        jw_null(&c->out);
        return OK;
    }
    TRY(e);
    if (p->now.name.n)
        jw_str(&c->out, p->now.name);
    else
        jw_null(&c->out);
    return OK;
}

err watch_put_for(call *c, str key, str kind, int64_t record)
{
    int64_t person;
    TRY(leave_acted_for(c->t, kind, record, &person));
    return watch_put_name(c, key, person != 0, person);
}

id128 acting_person(const call *c)
{
    const struct acting_query *q = c->query;
    return q && q->has_for_person ? q->for_person : (id128){ { 0 } };
}

static void put_number_or_null(jsonw *w, str key, bool has, int64_t n)
{
    jw_key(w, key);
    if (has)
        jw_i64(w, n);
    else
        jw_null(w);
}

/* Why this owner, in words. */
static str why_words(call *c, const finding_view_row *f)
{
    static const struct {
        const char *kind, *key;
    } whys[] = { { "network", TK("finding.why.network") }, { "asn", TK("finding.why.asn") },
        { "domain", TK("finding.why.domain") }, { "country", TK("finding.why.country") } };
    lang l = call_lang(c);
    for (size_t i = 0; i < ARRAY_LEN(whys); i++)
        if (str_eq(f->why_kind, str_of(whys[i].kind)))
            return text_fill(c->a, T(l, whys[i].key), f->why_value, S(""), S(""));
    return T(l, "finding.why.none");
}

static void put_what(call *c, const finding_view_row *f)
{
    jsonw *w = &c->out;
    if (f->feed.n) jw_kstr(w, "feed", f->feed);
    jw_kstr(w, "taxonomy", f->taxonomy);
    jw_kstr(w, "type", f->type);
    jw_kstr(w, "identifier", f->identifier);
    jw_kstr(w, "severity", severity_name(f->severity));
    put_text_or_null(w, S("ip"), f->ip);
    put_number_or_null(w, S("port"), f->has_port, f->port);
    put_text_or_null(w, S("fqdn"), f->fqdn);
    put_number_or_null(w, S("asn"), f->has_asn, f->asn);
    jw_kraw(w, "detail", f->detail);
    jw_ktime(w, "first_seen", f->first_seen);
    jw_ktime(w, "last_seen", f->last_seen);
    jw_ki64(w, "seen", f->seen);
}

static void put_why(call *c, const finding_view_row *f)
{
    jsonw *w = &c->out;
    jw_kstr(w, "why_kind", f->why_kind);
    jw_kstr(w, "why_value", f->why_value);
    jw_kstr(w, "why", why_words(c, f));
    jw_kbool(w, "matched", f->has_indicator);
    jw_kid(w, "event", f->event);
}

/* Who answered, read only where one finding is shown whole. */
static err put_answer(call *c, int64_t row, const finding_view_row *f)
{
    jw_ktime(&c->out, "answered", f->answered);
    TRY(watch_put_name(c, S("answered_by"), f->has_answered_by, f->answered_by));
    return watch_put_for(c, S("answered_for"), S("finding"), row);
}

static err put(call *c, int64_t row, bool whole)
{
    finding_view_row *f;
    jsonw *w = &c->out;
    err e = finding_view(c->t, &c->viewer, &(finding_view_args){ .row = row }, c->a, &f);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_obj(w);
    jw_kid(w, "id", f->id);
    put_org_ref(w, S("org"), f->org_id, f->org_key, f->org_name);
    put_what(c, f);
    put_why(c, f);
    put_id_or_null(w, S("notice"), f->notice);
    jw_kstr(w, "state", f->state);
    if (whole) TRY(put_answer(c, row, f));
    jw_kstr(w, "tlp", tlp_name(f->audience));
    jw_ki64(w, "version", f->version);
    jw_end_obj(w);
    return OK;
}

err put_finding(call *c, int64_t row)
{
    return put(c, row, false);
}

err put_finding_whole(call *c, int64_t row)
{
    return put(c, row, true);
}

err watch_org_row(call *c, id128 id, int64_t *ret)
{
    watch_org_by_id_row *o;
    TRY(watch_org_by_id(c->t, &c->viewer, &(watch_org_by_id_args){ .id = id }, c->a, &o));
    *ret = o->row;
    return OK;
}

static str hex(arena *a, str bytes)
{
    buf b = buf_new(a, 2 * bytes.n + 1);
    for (size_t i = 0; i < bytes.n; i++)
        buf_fmt(&b, "%02x", (unsigned char)bytes.p[i]);
    return buf_str(&b);
}

err watch_put_letter(call *c, const letter_shown *l)
{
    jsonw *w = &c->out;
    jw_key(w, S("letter"));
    jw_obj(w);
    jw_kstr(w, "number", l->number);
    jw_ktime(w, "issued", l->issued);
    if (l->hash.n) jw_kstr(w, "sha256", hex(c->a, l->hash));
    jw_ktime(w, "printed", l->printed);
    jw_ktime(w, "handed", l->handed);
    TRY(watch_put_name(c, S("handed_by"), l->has_by, l->by));
    jw_ktime(w, "returned", l->returned);
    jw_ktime(w, "withdrawn", l->withdrawn);
    jw_end_obj(w);
    return OK;
}
