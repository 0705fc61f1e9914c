/* site.c - a realm's registry begins here. The first organisation owns itself: it is row 1, and its
 * own group, the national one, is group row 1; both are asserted, so that everything later can be
 * owned by it. Writer thread within apply. */
#include "access/site.h"
#include "access/audience.h"
#include "base/texts.h"
#include "engine/fold/fold.h"
#include "access/seal.h"
#include "gen/access/auth/queries.h"
#include "gen/records/person.h"
#include "gen/records/sharing_group.h"
#include "store/store.h"

enum { FIRST_ROW = 1 };

err site_org_row(struct txn *t, int64_t *ret)
{
    (void)t;
    *ret = FIRST_ROW;
    return OK;
}

/* ---- reading ---- */

err site_load(realm *r, bool *ret_founded)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    setting_get_row *s;
    TRY(txn_read(r->store, 0, &t));
    err e = setting_get(t, &(setting_get_args){ .name = S("founded") }, txn_arena(t), &s);
    *ret_founded = !failed(e);
    r->instance = store_instance(r->store);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    r->site_org = r->national_grp = FIRST_ROW;
    return OK;
}

err site_audience_strict(struct txn *t, int64_t grp, int64_t *ret)
{
    return audience_intern(t, LABEL_STRICT, grp, NULL, 0, ret);
}

/* ---- adding an organisation ---- */

static err own_group(struct txn *t, const viewer *v, str name, const sharing_group_handle **ret)
{
    sharing_group_draft g = { .owner = v->org, .name = name, .kind = S("single") };
    TRY(site_audience_strict(t, 0, &g.audience));
    return group_create(t, v, &g, NULL, 0, ret);
}

err site_add_organisation(struct txn *t, const realm *r, const viewer *v,
        const organisation_draft *d, const organisation_handle **ret)
{
    const sharing_group_handle *g;
    organisation_draft own = *d;
    bool changed;
    TRY(own_group(t, v, d->name, &g));
    own.owner = r->site_org;
    own.grp = g->row;
    TRY(site_audience_strict(t, g->row, &own.audience));
    TRY(organisation_insert(t, v, &own, LEDGER_organisation_created, ret));
    return group_add(t, v, g, (*ret)->row, &changed);
}

/* ---- founding ---- */

typedef struct {
    realm *r;
    const site_draft *d;
    int64_t person;
} founding;

static err found_organisation(txn *t, const viewer *v, const site_draft *d)
{
    const sharing_group_handle *g;
    const organisation_handle *o;
    int64_t member = FIRST_ROW;
    arena *a = txn_arena(t);
    str name = texts_make(a, d->name_en, d->name_ur);
    sharing_group_draft gd = { .owner = FIRST_ROW, .name = name, .kind = S("national") };
    organisation_draft od = { .owner = FIRST_ROW,
        .key = d->key,
        .name = name,
        .kind = S("national_cert"),
        .name_fold = str_fmt(a, "%.*s %.*s %.*s", STR_ARG(fold_text(a, d->name_en)),
                STR_ARG(fold_text(a, d->name_ur)), STR_ARG(fold_text(a, d->key))),
        .sector = S("government"),
        .lang = d->lang,
        .community = true,
        .grp = FIRST_ROW,
        .state = S("active") };
    TRY(audience_intern(t, LABEL_CLEAR, 0, NULL, 0, &od.audience));
    gd.audience = od.audience; /* everybody may share with the national desk, and take it back */
    TRY(group_create(t, v, &gd, &member, 1, &g));
    TRY(organisation_insert(t, v, &od, LEDGER_organisation_created, &o));
    ASSERT(g->row == FIRST_ROW && o->row == FIRST_ROW);
    return OK;
}

static err found_person(txn *t, const viewer *v, const site_draft *d, int64_t *ret)
{
    const person_handle *p;
    uint8_t hash[SEAL_MAIL_HASH];
    person_draft pd = { .owner = FIRST_ROW,
        .name = d->person_name,
        .mail = d->mail,
        .lang = d->lang,
        .org = FIRST_ROW,
        .roles = (1 << ROLES) - 1,
        .contact_role = S("none"),
        .state = S("active") };
    seal_mail_hash(d->mail, hash);
    pd.mail_hash = (str){ (const char *)hash, sizeof hash };
    TRY(site_audience_strict(t, FIRST_ROW, &pd.audience));
    TRY(person_insert(t, v, &pd, LEDGER_person_created, &p));
    *ret = p->row;
    if (d->uid < 0) return OK;
    return local_user_set(t, &(local_user_set_args){ .uid = d->uid, .person = p->row }, NULL);
}

static err found_apply(txn *t, void *ctx)
{
    founding *f = ctx;
    viewer v = { .system = true,
        .national = true,
        .may_write = true,
        .org = FIRST_ROW,
        .sight = { .org = FIRST_ROW, .now = txn_now(t) } };
    setting_set_args founded = { .name = S("founded"),
        .value = instant_text(txn_arena(t), txn_now(t)) };
    TRY(setting_set(t, &founded, NULL));
    TRY(found_organisation(t, &v, f->d));
    TRY(found_person(t, &v, f->d, &f->person));
    return ledger_append(t, &(ledger_draft){ .type = LEDGER_site_created,
                                    .owner = FIRST_ROW,
                                    .audience = LABEL_STRICT,
                                    .author = f->person });
}

err site_found(realm *r, const site_draft *d, int64_t *ret_person)
{
    founding f = { .r = r, .d = d };
    r->instance = store_instance(r->store);
    r->site_org = r->national_grp = FIRST_ROW;
    TRY(store_write(r->store, found_apply, &f));
    *ret_person = f.person;
    return OK;
}
