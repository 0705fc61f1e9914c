/* constituents_apply.c - a plan against the registry: what is there already, what differs, what is
 * to be made. The same walk compares (write false) and writes, so that a preview cannot disagree.
 */
#include "access/seal.h"
#include "access/site.h"
#include "base/texts.h"
#include "desk/office/constituents.h"
#include "desk/office/organisation.h"
#include "gen/desk/office/queries.h"
#include "gen/records/network.h"
#include "store/store.h"

typedef struct {
    txn *t;
    const realm *r;
    const viewer *v;
    plan *p;
    bool write, changed;
} applying;

/* ---- the organisation itself ---- */

static err provider_row(applying *x, int64_t *ret, bool *ret_has)
{
    organisation_by_key_row *o;
    *ret_has = false;
    if (!x->p->provider.n) return OK;
    err e = organisation_by_key(
            x->t, x->v, &(organisation_by_key_args){ .key = x->p->provider }, txn_arena(x->t), &o);
    if (err_code_of(e) == E_ABSENT && !x->write) return OK; /* may come earlier in the same file */
    if (err_code_of(e) == E_ABSENT)
        return ERR1(E_INVALID, "error.office.no_provider", x->p->provider);
    TRY(e);
    *ret = o->row;
    *ret_has = true;
    return OK;
}

static void want_names(arena *a, const plan *p, organisation_draft *d)
{
    str en = p->name_en.n ? p->name_en : texts_only(a, d->name, LANG_EN);
    str ur = p->name_ur.n ? p->name_ur : texts_only(a, d->name, LANG_UR);
    d->name = texts_make(a, en, ur);
    d->name_fold = organisation_fold(a, en, ur, p->key);
}

static err want(applying *x, organisation_draft *d)
{
    const plan *p = x->p;
    int64_t provider = 0;
    bool has = false;
    want_names(txn_arena(x->t), p, d);
    if (p->kind.n) d->kind = p->kind;
    if (p->sector.n) d->sector = p->sector;
    if (p->lang.n) d->lang = p->lang;
    if (p->province.n) d->province = p->province;
    d->community = p->community;
    TRY(provider_row(x, &provider, &has));
    if (has) {
        d->provider = provider;
        d->has_provider = true;
    }
    return OK;
}

static bool same(const organisation_draft *a, const organisation_draft *b)
{
    return str_eq(a->name, b->name) && str_eq(a->kind, b->kind) && str_eq(a->sector, b->sector) &&
           str_eq(a->lang, b->lang) && str_eq(a->province, b->province) &&
           a->community == b->community && a->has_provider == b->has_provider &&
           (!a->has_provider || a->provider == b->provider);
}

static err make(applying *x, const organisation_handle **ret)
{
    organisation_draft d = {
        .key = x->p->key, .kind = S("other"), .lang = S("en"), .state = S("active")
    };
    x->p->what = PLAN_CREATE;
    x->changed = true;
    *ret = NULL;
    TRY(want(x, &d));
    if (!d.sector.n) d.sector = organisation_sector(d.kind);
    return x->write ? site_add_organisation(x->t, x->r, x->v, &d, ret) : OK;
}

static err mend(applying *x, int64_t row, const organisation_handle **ret)
{
    TRY(x->write ? organisation_hold_row(x->t, x->v, row, ret)
                 : organisation_read_row(x->t, x->v, row, ret));
    organisation_draft d = (*ret)->now;
    TRY(want(x, &d));
    if (same(&d, &(*ret)->now)) return OK;
    x->changed = true;
    return x->write ? organisation_save(x->t, x->v, *ret, &d, LEDGER_organisation_changed) : OK;
}

/* ---- its networks and people ---- */

static err give_network(applying *x, const organisation_handle *o, str value)
{
    str kind, normal;
    bool has = false, before = false;
    id128 id;
    int64_t version;
    TRY(network_recognise(txn_arena(x->t), value, &kind, &normal));
    if (o) TRY(network_claimed(x->t, x->v, o->row, kind, normal, &has, &before));
    if (has) return OK;
    x->changed = true;
    if (!x->write) return OK;
    instant from = before ? txn_now(x->t) : (instant){ 0 };
    return network_add(x->t, x->r, x->v, o, value, from, INSTANT_MAX, S("import"), &id, &version);
}

static bool same_person(const person_draft *a, const person_draft *b)
{
    return str_eq(a->name, b->name) && str_eq(a->phone, b->phone) && str_eq(a->lang, b->lang) &&
           str_eq(a->contact_role, b->contact_role);
}

static err mend_person(applying *x, int64_t row, const person_facts *f)
{
    const person_handle *h;
    TRY(x->write ? person_hold_row(x->t, x->v, row, &h) : person_read_row(x->t, x->v, row, &h));
    person_draft d = h->now;
    d.name = f->name;
    d.contact_role = f->contact_role;
    if (f->phone.n) d.phone = f->phone;
    if (f->lang.n) d.lang = f->lang;
    if (same_person(&d, &h->now)) return OK;
    x->changed = true;
    return x->write ? person_save(x->t, x->v, h, &d, LEDGER_person_changed) : OK;
}

static err give_contact(applying *x, const organisation_handle *o, const person_facts *f)
{
    uint8_t hash[SEAL_MAIL_HASH];
    person_by_mail_seen_row *p;
    const person_handle *h;
    seal_mail_hash(f->mail, hash);
    err e = person_by_mail_seen(x->t, x->v,
            &(person_by_mail_seen_args){ .mail_hash = { (const char *)hash, sizeof hash } },
            txn_arena(x->t), &p);
    if (!failed(e) && (!o || p->org != o->row)) return ERR(E_CONFLICT, "error.import.taken");
    if (!failed(e)) return mend_person(x, p->row, f);
    if (err_code_of(e) != E_ABSENT) return e;
    x->changed = true;
    if (!x->write) return OK;
    person_facts own = *f;
    if (!own.lang.n) own.lang = o->now.lang;
    return person_add(x->t, x->r, x->v, o, &own, LEDGER_person_created, &h);
}

static err give_all(applying *x, const organisation_handle *o)
{
    for (const plan_network *n = x->p->networks; n; n = n->next)
        TRY(give_network(x, o, n->value));
    for (const plan_contact *k = x->p->contacts; k; k = k->next)
        TRY(give_contact(x, o, &k->facts));
    return OK;
}

err constituents_apply(struct txn *t, const realm *r, const viewer *v, plan *p, bool write)
{
    applying x = { .t = t, .r = r, .v = v, .p = p, .write = write };
    organisation_by_key_row *found;
    const organisation_handle *o = NULL;
    err e = organisation_by_key(
            t, v, &(organisation_by_key_args){ .key = p->key }, txn_arena(t), &found);
    if (err_code_of(e) == E_ABSENT) {
        TRY(make(&x, &o));
    } else {
        TRY(e);
        p->what = PLAN_SAME;
        TRY(mend(&x, found->row, &o));
    }
    TRY(give_all(&x, o));
    if (p->what == PLAN_SAME && x.changed) p->what = PLAN_CHANGE;
    return OK;
}
