/* view.c - routes of saved views: a screen of the console with its filter, order and columns under
 * a name, in its owner's menu, or shared with the organisation's people or those with a role. A
 * view is an address: who opens it sees what they may see. Owns table saved_view. */
#include "access/model.h"
#include "base/texts.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { VIEWS_OWN = 100, VIEWS_SHOWN = 1000, PLACE_STEP = 10 };
static const uint32_t everybody = (1u << ROLES) - 1;

/* ---- reading ---- */

static const char *whom_of(const saved_view_of_row *w)
{
    if (!w->roles) return "me";
    return (uint32_t)w->roles == everybody ? "organisation" : "role";
}

static str role_of(const saved_view_of_row *w)
{
    int bit = 0;
    while (!(w->roles >> bit & 1))
        bit++;
    return str_of(role_names[bit]);
}

static void put(call *c, const saved_view_of_row *w)
{
    jsonw *out = &c->out;
    const char *whom = whom_of(w);
    jw_obj(out);
    jw_kid(out, "id", w->id);
    jw_kraw(out, "name", w->name);
    jw_kstr(out, "path", w->path);
    jw_kstr(out, "query", w->query);
    jw_kstr(out, "whom", str_of(whom));
    if (strcmp(whom, "role") == 0) jw_kstr(out, "role", role_of(w));
    jw_ki64(out, "place", w->place);
    jw_kbool(out, "mine", w->person == c->viewer.person);
    jw_end_obj(out);
}

static bool shown(const call *c, const saved_view_of_row *w)
{
    return permit_view(&c->viewer, w->person, w->org, (uint32_t)w->roles);
}

static err rows_of(call *c, id128 id, saved_view_of_row **rows, size_t *n)
{
    const viewer *v = &c->viewer;
    saved_view_of_args q = { .person = v->person, .org = v->org, .id = id, .limit = VIEWS_SHOWN };
    return saved_view_of(c->t, &q, c->a, rows, n);
}

err h_view_list(call *c)
{
    saved_view_of_row *rows;
    size_t n;
    TRY(rows_of(c, (id128){ { 0 } }, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        if (shown(c, &rows[i])) put(c, &rows[i]);
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* The one that the path names, if it stands in the asker's menu. */
static err find(call *c, saved_view_of_row **ret)
{
    id128 id;
    size_t n;
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    TRY(rows_of(c, id, ret, &n));
    return n && shown(c, *ret) ? OK : ERR(E_ABSENT, "error.api.absent");
}

static err find_mine(call *c, saved_view_of_row **ret)
{
    TRY(find(c, ret));
    return (*ret)->person == c->viewer.person ? OK : ERR(E_DENIED, "error.office.view_yours");
}

/* ---- what is kept ---- */

static bool is_screen(str path)
{
    if (path.n < 2 || path.p[0] != '/') return false;
    for (size_t i = 1; i < path.n; i++)
        if (path.p[i] < 'a' || path.p[i] > 'z') return false;
    return true;
}

/* As a browser writes it after "?": nothing that ends an address or begins another one. */
static bool is_query(str query)
{
    for (size_t i = 0; i < query.n; i++) {
        char c = query.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && (!c || !strchr("-._~%&=+*,:", c))) return false;
    }
    return true;
}

static err query_check(str query)
{
    if (is_query(query)) return OK;
    return err_at_pointer(ERR(E_INVALID, "error.office.view_query"), S("/query"));
}

static err place_next(call *c, int64_t *ret)
{
    saved_view_own_row *own;
    saved_view_own_args q = { .person = c->viewer.person };
    TRY(saved_view_own(c->t, &q, c->a, &own));
    if (own->n >= VIEWS_OWN)
        return ERR1(E_CONFLICT, "error.office.view_many", str_fmt(c->a, "%lld", (long long)own->n));
    *ret = own->last + PLACE_STEP;
    return OK;
}

err h_view_create(call *c)
{
    const struct saved_view_draft *b = c->req;
    int64_t place = 0;
    id128 id = id_new();
    if (!b->has_name_en && !b->has_name_ur)
        return err_at_pointer(ERR(E_INVALID, "error.office.view_name"), S("/name_en"));
    if (!is_screen(b->path))
        return err_at_pointer(ERR(E_INVALID, "error.office.view_path"), S("/path"));
    TRY(query_check(b->query));
    TRY(place_next(c, &place));
    saved_view_add_args add = { .id = id,
        .person = c->viewer.person,
        .org = c->viewer.org,
        .name = texts_make(c->a, b->name_en, b->name_ur),
        .path = b->path,
        .query = b->query,
        .place = b->has_place ? b->place : place,
        .now = txn_now(c->t) };
    TRY(saved_view_add(c->t, &add, NULL));
    call_created(c, id, 1);
    return OK;
}

static saved_view_set_args as_it_is(call *c, const saved_view_of_row *w)
{
    return (saved_view_set_args){ .row = w->row,
        .org = w->org,
        .roles = w->roles,
        .name = w->name,
        .query = w->query,
        .place = w->place,
        .now = txn_now(c->t) };
}

static err name_set(call *c, const struct saved_view_change *b, str *name)
{
    const json *was;
    TRY(json_parse(c->a, *name, NULL, &was));
    str en = b->has_name_en ? b->name_en : json_get_text(was, S("en"));
    str ur = b->has_name_ur ? b->name_ur : json_get_text(was, S("ur"));
    *name = texts_make(c->a, en, ur);
    return OK;
}

err h_view_change(call *c)
{
    const struct saved_view_change *b = c->req;
    saved_view_of_row *w;
    TRY(find_mine(c, &w));
    saved_view_set_args set = as_it_is(c, w);
    TRY(name_set(c, b, &set.name));
    if (b->has_query) {
        TRY(query_check(b->query));
        set.query = b->query;
    }
    if (b->has_place) set.place = b->place;
    TRY(saved_view_set(c->t, &set, NULL));
    call_put_empty(c);
    return OK;
}

/* ---- in whose menu ---- */

static err tell(call *c, ledger_type type, const saved_view_of_row *w, int64_t org)
{
    return tell_entry(
            c->t, c->realm, &(told_entry){ type, S("view"), w->id, org, c->viewer.person, { 0 } });
}

static err roles_of(const struct saved_view_share *b, int64_t *ret)
{
    *ret = 0;
    if (str_eq(b->whom, S("organisation"))) *ret = everybody;
    if (!str_eq(b->whom, S("role"))) return OK;
    if (!b->has_role) return err_at_pointer(ERR(E_INVALID, "error.office.view_role"), S("/role"));
    for (int i = 0; i < ROLES; i++)
        if (str_eq(b->role, str_of(role_names[i]))) *ret = (int64_t)1 << i;
    ASSERT(*ret); /* the schema has the same words */
    return OK;
}

/* Its owner shares it; whoever may share takes a shared one out of the menus, for people leave. */
err h_view_share(call *c)
{
    const struct saved_view_share *b = c->req;
    saved_view_of_row *w;
    int64_t roles;
    TRY(roles_of(b, &roles));
    if (roles)
        TRY(find_mine(c, &w));
    else
        TRY(find(c, &w));
    saved_view_set_args set = as_it_is(c, w);
    set.roles = roles;
    set.org = roles ? c->viewer.org : w->org;
    TRY(saved_view_set(c->t, &set, NULL));
    if (w->roles && (!roles || w->org != set.org)) TRY(tell(c, LEDGER_view_ended, w, w->org));
    if (roles) TRY(tell(c, LEDGER_view_shared, w, set.org));
    call_put_empty(c);
    return OK;
}

err h_view_remove(call *c)
{
    saved_view_of_row *w;
    TRY(find_mine(c, &w));
    TRY(saved_view_drop(c->t, &(saved_view_drop_args){ .row = w->row }, NULL));
    if (w->roles) TRY(tell(c, LEDGER_view_ended, w, w->org));
    call_put_empty(c);
    return OK;
}
