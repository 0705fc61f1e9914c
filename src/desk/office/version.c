/* version.c - routes of what a finding, notice, indicator or organisation was before: its versions,
 * the latest first, each with who changed what; or the one that stood at a time (as_of). Runs in
 * the pool and changes nothing. */
#include "access/version.h"
#include "access/audience.h"
#include "access/seen/seen.h"
#include "base/text.h"
#include "desk/office/reach.h"
#include "gen/desk/office/queries.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/routes_handlers.h"

/* What happened and by whom; a change by a whole import has no entry of its own. */
static err put_entry(call *c, const record_head *h)
{
    version_entry_row *e;
    version_entry_args args = { h->modified, h->id.id, h->version };
    err found = version_entry(c->t, &args, c->a, &e);
    bool none = err_code_of(found) == E_ABSENT;
    if (!none) TRY(found);
    jw_key(&c->out, S("entry"));
    if (none)
        jw_null(&c->out);
    else
        jw_str(&c->out, e->type);
    str key = none ? S("console.versions.import") : str_fmt(c->a, "ledger.%.*s", STR_ARG(e->type));
    jw_kstr(&c->out, "words", T(call_lang(c), str_z(c->a, key)));
    return put_person_ref(c, S("by"), none ? 0 : e->author);
}

static err put_change(call *c, const record_def *d, const record_told *told,
        const record_head *from, const record_head *to)
{
    jw_obj(&c->out);
    jw_kstr(&c->out, "field", str_of(d->columns[told->column].name));
    jw_key(&c->out, S("from"));
    TRY(version_value(c->t, &c->viewer, &c->out, d, told, from));
    jw_key(&c->out, S("to"));
    TRY(version_value(c->t, &c->viewer, &c->out, d, told, to));
    jw_end_obj(&c->out);
    return OK;
}

static err put_changes(call *c, const record_def *d, version_found found, const record_head *from,
        const record_head *to)
{
    jw_key(&c->out, S("changes"));
    if (found != VERSION_SEEN) {
        jw_null(&c->out);
        return OK;
    }
    jw_arr(&c->out);
    for (uint8_t i = 0; i < d->n_told; i++)
        if (!version_same(d, &d->told[i], from, to)) TRY(put_change(c, d, &d->told[i], from, to));
    jw_end_arr(&c->out);
    return OK;
}

static err put_fields(call *c, const record_def *d, const record_head *h)
{
    jw_key(&c->out, S("fields"));
    jw_obj(&c->out);
    for (uint8_t i = 0; i < d->n_told; i++) {
        jw_key(&c->out, str_of(d->columns[d->told[i].column].name));
        TRY(version_value(c->t, &c->viewer, &c->out, d, &d->told[i], h));
    }
    jw_end_obj(&c->out);
    return OK;
}

static err put_head(call *c, const record_head *h)
{
    jw_ki64(&c->out, "version", h->version);
    jw_ktime(&c->out, "at", h->modified);
    jw_kstr(&c->out, "tlp", tlp_name(AUDIENCE_LABEL(h->audience)));
    return put_entry(c, h);
}

/* One version; *h goes on to the one before it, or to NULL. */
static err put_version(call *c, const record_def *d, const record_head **h)
{
    const record_head *from;
    version_found found;
    TRY(version_before(c->t, &c->viewer, d, *h, &found, &from));
    jw_obj(&c->out);
    TRY(put_head(c, *h));
    TRY(put_changes(c, d, found, from, *h));
    jw_kbool(&c->out, "earlier_unseen", found == VERSION_UNSEEN);
    jw_end_obj(&c->out);
    *h = from;
    return OK;
}

/* What is not for the viewer is left out; what was before it may be seen again. */
static err skip_unseen(call *c, const record_def *d, const record_head **h)
{
    version_found found = VERSION_SEEN;
    while (*h && !version_seen(&c->viewer, *h))
        TRY(version_before(c->t, &c->viewer, d, *h, &found, h));
    return OK;
}

static err put_next(call *c, const record_head *h)
{
    jw_key(&c->out, S("next"));
    if (h)
        jw_str(&c->out, cursor_make(c, &(cursor){ .n = { h->version } }));
    else
        jw_null(&c->out);
    return OK;
}

/* The version that a cursor names. */
static err start(call *c, const thing *x, str text, const record_head **ret)
{
    cursor k;
    bool found;
    version_found seen;
    record_head after = *x->h;
    *ret = x->h;
    TRY(cursor_read(c, text, &k, &found));
    if (!found || k.n[0] >= x->h->version) return OK;
    after.version = k.n[0] + 1;
    TRY(version_before(c->t, &c->viewer, x->d, &after, &seen, ret));
    return skip_unseen(c, x->d, ret);
}

static err put_list(call *c, const thing *x, const struct versions_query *q)
{
    const record_head *h;
    int64_t left = page_limit(q->limit);
    TRY(start(c, x, q->cursor, &h));
    while (h && left > 0) {
        TRY(put_version(c, x->d, &h));
        TRY(skip_unseen(c, x->d, &h));
        left--;
    }
    jw_end_arr(&c->out);
    return put_next(c, h);
}

static err put_one(call *c, const thing *x, instant at)
{
    const record_head *h;
    TRY(version_at(c->t, &c->viewer, x->d, x->h, at, &h));
    jw_obj(&c->out);
    TRY(put_head(c, h));
    TRY(put_fields(c, x->d, h));
    jw_end_obj(&c->out);
    jw_end_arr(&c->out);
    return put_next(c, NULL);
}

static err versions(call *c, const record_def *d)
{
    const struct versions_query *q = c->query;
    thing x;
    TRY(thing_find(c, d, &x));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    if (q->as_of.us)
        TRY(put_one(c, &x, q->as_of));
    else
        TRY(put_list(c, &x, q));
    jw_end_obj(&c->out);
    if (c->route->read_logged)
        call_saw(c, &(seen_thing){ d->kind, x.h->row, x.h->id.id, x.h->version, x.h->owner,
                            x.h->audience, x.h->author });
    return OK;
}

err h_finding_versions(call *c)
{
    return versions(c, &finding_def);
}
err h_notice_versions(call *c)
{
    return versions(c, &notice_def);
}
err h_indicator_versions(call *c)
{
    return versions(c, &indicator_def);
}
err h_organisation_versions(call *c)
{
    return versions(c, &organisation_def);
}
