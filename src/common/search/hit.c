/* hit.c - a found record as a line of a list. */
#include "common/search/hit.h"

#include "base/texts.h"
#include "common/files/files.h"
#include "gen/records/action.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/records/sharing_group.h"
#include "store/store.h"

enum { SUB_MAX = 200 };

typedef struct {
    txn *t;
    const viewer *v;
    lang l;
    arena *a;
    const void *h;
    search_hit *to;
} showing;

/* Its name, where the viewer may be told it. */
static err name_of_org(const showing *s, int64_t row, str *ret)
{
    const organisation_handle *o;
    *ret = (str){ 0 };
    if (failed(permit_use(s->v, PERMISSION_org_read))) return OK;
    err e = organisation_read_row(s->t, s->v, row, &o);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = texts_pick(s->a, o->now.name, s->l);
    return OK;
}

static str cut(str s)
{
    size_t n = s.n < SUB_MAX ? s.n : SUB_MAX;
    while (n && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

static err organisation(const showing *s)
{
    const organisation_handle *o = s->h;
    s->to->title = texts_pick(s->a, o->now.name, s->l);
    s->to->sub = o->now.key;
    return OK;
}

static err group(const showing *s)
{
    const sharing_group_handle *g = s->h;
    s->to->title = texts_pick(s->a, g->now.name, s->l);
    return OK;
}

static err indicator(const showing *s)
{
    const indicator_handle *i = s->h;
    s->to->title = i->now.value;
    s->to->sub = cut(str_fmt(s->a, "%.*s: %.*s", STR_ARG(i->now.source), STR_ARG(i->now.why)));
    return OK;
}

static err finding(const showing *s)
{
    const finding_handle *f = s->h;
    str what = f->now.identifier.n ? f->now.identifier : f->now.type;
    str at = f->now.ip.n ? f->now.ip : f->now.fqdn;
    s->to->title = str_fmt(s->a, "%.*s %.*s", STR_ARG(what), STR_ARG(at));
    return name_of_org(s, f->owner, &s->to->sub);
}

static err notice(const showing *s)
{
    const notice_handle *n = s->h;
    s->to->title = n->now.number;
    s->to->sub = cut(texts_pick(s->a, n->now.subject, s->l));
    return OK;
}

static err person(const showing *s)
{
    const person_handle *p = s->h;
    s->to->title = p->now.name;
    return name_of_org(s, p->now.org, &s->to->sub);
}

static err action(const showing *s)
{
    const action_handle *x = s->h;
    s->to->title = str_fmt(s->a, "%.*s %.*s", STR_ARG(x->now.number), STR_ARG(x->now.title));
    return name_of_org(s, x->owner, &s->to->sub);
}

static err attachment(const showing *s)
{
    const attachment_handle *f = s->h;
    TRY(files_words_of(s->t, s->a, f, &s->to->title, NULL));
    s->to->sub = f->now.mime;
    return OK;
}

static const struct {
    record_kind kind;
    err (*show)(const showing *s);
    const char *place;
} shows[] = {
    { RECORD_organisation, organisation, "/organisations/" },
    { RECORD_person, person, "/people/" },
    { RECORD_notice, notice, "/notices/" },
    { RECORD_finding, finding, "/findings/" },
    { RECORD_indicator, indicator, "/indicators/" },
    { RECORD_sharing_group, group, "/groups/" },
    { RECORD_action, action, "/actions/" },
    { RECORD_attachment, attachment, "/files/" },
};

/* What a page shows outlives the transaction's memory when the call reads on. */
static void keep(arena *a, search_hit *h)
{
    h->title = str_copy(a, h->title);
    h->sub = str_copy(a, h->sub);
}

err hit_of(txn *t, const viewer *v, const record_def *d, int64_t row, lang l, arena *a,
        search_hit *ret)
{
    showing s = { .t = t, .v = v, .l = l, .a = a, .to = ret };
    TRY(record_get_row(t, v, d, RECORD_READ, row, &s.h));
    const record_head *h = s.h;
    *ret = (search_hit){ .d = d, .row = row, .id = h->id.id, .created = h->created };
    for (size_t i = 0; i < ARRAY_LEN(shows); i++) {
        if (shows[i].kind != d->kind) continue;
        TRY(shows[i].show(&s));
        str id = id_text(a, ret->id);
        ret->href = str_fmt(a, "%s%.*s", shows[i].place, STR_ARG(id));
    }
    keep(a, ret);
    return OK;
}
