/* organisation.c - routes of the registry's organisations: list, read, create, change. Called by
 * api/ as the route table says; reads inline, writes within the group's transaction. */
#include "desk/office/organisation.h"
#include "desk/office/delegation.h"
#include "access/site.h"
#include "api/page.h"
#include "base/texts.h"
#include "engine/fold/fold.h"
#include "gen/desk/office/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

str organisation_fold(arena *a, str name_en, str name_ur, str key)
{
    str en = fold_text(a, name_en), ur = fold_text(a, name_ur), k = fold_text(a, key);
    str gap = en.n && ur.n ? S(" ") : S("");
    return str_fmt(a, "%.*s%.*s%.*s %.*s", STR_ARG(en), STR_ARG(gap), STR_ARG(ur), STR_ARG(k));
}

str organisation_sector(str kind)
{
    static const char *const same[] = { "telecom", "health", "energy", "transport", "education",
        "media", "other" };
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (str_eq(kind, str_of(same[i]))) return kind;
    return str_eq(kind, S("bank")) ? S("finance") : S("government");
}

/* ---- reading ---- */

/* Words in their order, whatever stands between them. Folding left nothing that LIKE reads. */
static str like_text(arena *a, str q)
{
    str s = str_fmt(a, "%%%.*s%%", STR_ARG(fold_text(a, q)));
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ' ') ((char *)(uintptr_t)s.p)[i] = '%';
    return s;
}

/* Only where somebody asks: the counts cost as much as there is to count. */
static err figures_write(call *c, int64_t org)
{
    organisation_figures_row *f;
    TRY(organisation_figures(
            c->t, &c->viewer, &(organisation_figures_args){ .org = org }, c->a, &f));
    organisation_figures_members(&c->out, f);
    return OK;
}

err h_organisation_list(call *c)
{
    const struct organisation_query *q = c->query;
    cursor k = { 0 };
    bool found;
    organisation_page_row *rows;
    size_t n;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(organisation_page(c->t, &c->viewer,
            &(organisation_page_args){ .after_name = k.s,
                    .after_row = k.n[0],
                    .q = q->q.n ? like_text(c->a, q->q) : (str){ 0 },
                    .sector = q->sector.n ? q->sector : (str){ 0 },
                    .limit = limit },
            c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        organisation_page_members(&c->out, &rows[i]);
        if (q->figures) TRY(figures_write(c, rows[i]._row));
        jw_end_obj(&c->out);
    }
    cursor last = { 0 };
    if (n) last = (cursor){ .n = { rows[n - 1]._row }, .s = rows[n - 1]._name_fold };
    page_close(c, (int64_t)n == limit, &last);
    return OK;
}

void organisation_ref_put(jsonw *w, const organisation_handle *o)
{
    jw_key(w, S("org"));
    jw_obj(w);
    jw_kid(w, "id", o->id.id);
    jw_kstr(w, "key", o->now.key);
    jw_kraw(w, "name", o->now.name);
    jw_end_obj(w);
}

err organisation_of_path(call *c, id128 *ret)
{
    organisation_id_of_key_row *o;
    if (id_parse(c->path_id, ret)) return OK;
    TRY(organisation_id_of_key(
            c->t, &c->viewer, &(organisation_id_of_key_args){ .key = c->path_id }, c->a, &o));
    *ret = o->id;
    return OK;
}

err h_organisation_read(call *c)
{
    const struct figures_query *q = c->query;
    organisation_one_row *o;
    id128 id;
    TRY(organisation_of_path(c, &id));
    TRY(organisation_one(c->t, &c->viewer, &(organisation_one_args){ .id = id }, c->a, &o));
    jw_obj(&c->out);
    organisation_one_members(&c->out, o);
    if (q->figures) TRY(figures_write(c, o->_row));
    TRY(delegation_put(c, o->_row));
    call_version(c, o->version);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- writing ---- */

static err find_provider(call *c, str key, organisation_draft *d)
{
    organisation_by_key_row *p;
    err e = organisation_by_key(
            c->t, &c->viewer, &(organisation_by_key_args){ .key = key }, c->a, &p);
    if (err_code_of(e) == E_ABSENT)
        return err_at_pointer(ERR1(E_INVALID, "error.office.no_provider", key), S("/provider_key"));
    TRY(e);
    d->provider = p->row;
    d->has_provider = true;
    return OK;
}

err h_organisation_create(call *c)
{
    const struct organisation_draft *b = c->req;
    const organisation_handle *h;
    organisation_draft d = { .key = b->key,
        .name = texts_make(c->a, b->name_en, b->name_ur),
        .name_fold = organisation_fold(c->a, b->name_en, b->name_ur, b->key),
        .kind = b->kind,
        .sector = b->has_sector ? b->sector : organisation_sector(b->kind),
        .province = b->province,
        .lang = b->has_lang ? b->lang : S("en"),
        .community = b->has_community ? b->community : true,
        .by_letter = b->has_by_letter && b->by_letter,
        .state = S("active") };
    if (b->has_provider_key) TRY(find_provider(c, b->provider_key, &d));
    TRY(site_add_organisation(c->t, c->realm, &c->viewer, &d, &h));
    call_created(c, h->id.id, h->version);
    return OK;
}

static void change_names(call *c, const struct organisation_change *b, organisation_draft *d)
{
    str en = b->has_name_en ? b->name_en : texts_only(c->a, d->name, LANG_EN);
    str ur = b->has_name_ur ? b->name_ur : texts_only(c->a, d->name, LANG_UR);
    d->name = texts_make(c->a, en, ur);
    d->name_fold = organisation_fold(c->a, en, ur, d->key);
}

err h_organisation_change(call *c)
{
    const struct organisation_change *b = c->req;
    const organisation_handle *h;
    organisation_id id;
    TRY(organisation_of_path(c, &id.id));
    TRY(organisation_hold(c->t, &c->viewer, id, &h));
    TRY(call_match(c, h->version, true));
    organisation_draft d = h->now;
    if (b->has_name_en || b->has_name_ur) change_names(c, b, &d);
    if (b->has_sector) d.sector = b->sector;
    if (b->has_lang) d.lang = b->lang;
    if (b->has_community) d.community = b->community;
    if (b->has_by_letter) d.by_letter = b->by_letter;
    if (b->has_state) d.state = b->state;
    if (b->has_province) d.province = b->province.n ? b->province : (str){ 0 };
    TRY(organisation_save(c->t, &c->viewer, h, &d, LEDGER_organisation_changed));
    call_created(c, h->id.id, h->version);
    return OK;
}
