/* saw.c - routes of who saw a finding, a notice or a file: for the owner's people alone; to
 * everybody else the list is not there, as for a thing that is not. Others by organisation, one's
 * own by name. Runs in the pool. */
#include "access/seen/seen.h"
#include "api/api.h"
#include "desk/watch/put.h"
#include "gen/access/seen/queries.h"
#include "gen/records/attachment.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

static void put_span(jsonw *w, instant first, instant last, int64_t times)
{
    jw_ktime(w, "first", first);
    jw_ktime(w, "last", last);
    jw_ki64(w, "times", times);
}

static err put_org(call *c, int64_t row)
{
    const organisation_handle *o;
    err e = organisation_read_row(c->t, &c->viewer, row, &o);
    if (err_code_of(e) == E_ABSENT) return OK; /* unseen: counted, not named */
    TRY(e);
    put_org_ref(&c->out, S("org"), o->id.id, o->now.key, o->now.name);
    return OK;
}

static err put_orgs(call *c, str kind, int64_t record)
{
    saw_orgs_row *o;
    size_t n;
    TRY(saw_orgs(c->t, &(saw_orgs_args){ .kind = kind, .record = record }, c->a, &o, &n));
    jw_key(&c->out, S("organisations"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        TRY(put_org(c, o[i].org));
        jw_kbool(&c->out, "own", o[i].org == c->viewer.org);
        jw_ki64(&c->out, "people", o[i].people);
        put_span(&c->out, o[i].first, o[i].last, o[i].times);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static err put_name(call *c, int64_t row)
{
    const person_handle *p;
    err e = person_read_row(c->t, &c->viewer, row, &p);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    put_text_or_null(&c->out, S("name"), failed(e) ? (str){ 0 } : p->now.name);
    return OK;
}

static err put_people(call *c, str kind, int64_t record)
{
    saw_people_row *p;
    size_t n;
    TRY(saw_people(c->t, &(saw_people_args){ .kind = kind, .record = record, .org = c->viewer.org },
            c->a, &p, &n));
    jw_key(&c->out, S("people"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        TRY(put_name(c, p[i].person));
        jw_kstr(&c->out, "how", p[i].how);
        jw_ki64(&c->out, "version", p[i].version);
        put_span(&c->out, p[i].first, p[i].last, p[i].times);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static err put_saw(call *c, str kind, int64_t record, int64_t owner)
{
    if (c->viewer.org != owner) return ERR(E_ABSENT, "error.api.absent");
    jw_obj(&c->out);
    TRY(put_orgs(c, kind, record));
    TRY(put_people(c, kind, record));
    jw_end_obj(&c->out);
    return OK;
}

err h_finding_saw(call *c)
{
    finding_row_row *f;
    id128 id;
    TRY(call_id(c, &id));
    TRY(finding_row(c->t, &c->viewer, &(finding_row_args){ .id = id }, c->a, &f));
    return put_saw(c, S("finding"), f->row, f->owner);
}

err h_notice_saw(call *c)
{
    notice_row_of_row *n;
    id128 id;
    TRY(call_id(c, &id));
    TRY(notice_row_of(c->t, &c->viewer, &(notice_row_of_args){ .id = id }, c->a, &n));
    return put_saw(c, S("notice"), n->row, n->owner);
}

err h_file_saw(call *c)
{
    const attachment_handle *f;
    attachment_id id;
    TRY(call_id(c, &id.id));
    TRY(attachment_read(c->t, &c->viewer, id, &f));
    return put_saw(c, S("attachment"), f->row, f->owner);
}
