/* recert.c - routes of the yearly confirmation of who may act: which organisations have to, the
 * list of one, and the confirmation itself. Reads in the pool, the confirmation within the group's
 * transaction. What time does is recert_turn.c's. */
#include "access/auth/auth.h"
#include "access/model.h"
#include "api/app.h"
#include "api/page.h"
#include "base/time.h"
#include "desk/office/delegation.h"
#include "desk/office/organisation.h"
#include "desk/office/person.h"
#include "desk/office/recert.h"
#include "gen/access/auth/queries.h"
#include "gen/routes_handlers.h"
#include "render/words.h"
#include "store/store.h"
#include <sodium.h>

enum { STAGE_OVER = 4, LIST_HEX = 2 * crypto_hash_sha256_BYTES };

/* ---- one line an organisation ---- */

typedef struct {
    const recert_page_row *r;
    const organisation_handle *o;
    recert_times at;
    recert_people_row *people;
    size_t n, gone;
    recert_gone_row *suspended;
    bool may;
} line;

static err line_read(call *c, const recert_page_row *r, line *l)
{
    viewer sys;
    *l = (line){ .r = r, .at = recert_when(c->app, r->due) };
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, r->org, &l->o));
    TRY(recert_people(c->t, &(recert_people_args){ .org = r->org }, c->a, &l->people, &l->n));
    TRY(recert_gone(c->t, &(recert_gone_args){ .org = r->org }, c->a, &l->suspended, &l->gone));
    l->may = txn_now(c->t).us >= l->at.opens.us && permit_recert(&c->viewer, r->org, false) &&
             !failed(permit_use(&c->viewer, PERMISSION_recert_write));
    return OK;
}

static const char *state_of(const line *l, instant now)
{
    if (now.us < l->at.opens.us) return "quiet";
    if (now.us < l->at.due.us) return "open";
    return l->r->stage == STAGE_OVER ? "suspended" : "late";
}

static void put_line(call *c, const line *l)
{
    jsonw *w = &c->out;
    jw_obj(w);
    organisation_ref_put(w, l->o);
    jw_kstr(w, "state", str_of(state_of(l, txn_now(c->t))));
    jw_ktime(w, "opens", l->at.opens);
    jw_ktime(w, "due", l->at.due);
    jw_ktime(w, "suspends", l->at.suspends);
    jw_ki64(w, "people", (int64_t)l->n);
    jw_ki64(w, "unconfirmed", (int64_t)recert_left(l->people, l->n, l->at.opens));
    jw_ki64(w, "suspended", (int64_t)l->gone);
    jw_ktime(w, "done", l->r->done);
    jw_kbool(w, "kept", l->r->has_kept);
    jw_kbool(w, "may", l->may);
    jw_end_obj(w);
}

/* ---- which organisations ---- */

static recert_page_args all_of(const call *c)
{
    return (recert_page_args){ .after_due = { INT64_MIN },
        .from = { INT64_MIN },
        .to = { INT64_MAX },
        .org = permit_recert(&c->viewer, c->viewer.org, true) ? c->viewer.org : 0,
        .keeper = model_keeper(&c->viewer),
        .now = txn_now(c->t),
        .whole = permit_recert(&c->viewer, 0, true) };
}

/* recert_when's opens, as a border of due: what is due before this is open. */
static instant open_border(const call *c)
{
    recert_times at = recert_when(c->app, txn_now(c->t));
    return (instant){ 2 * txn_now(c->t).us - at.opens.us };
}

static void filter(const call *c, str state, recert_page_args *q)
{
    bool quiet = str_eq(state, S("quiet")), late = str_eq(state, S("late"));
    if (!state.n) return;
    q->from = quiet ? open_border(c) : late ? (instant){ INT64_MIN } : txn_now(c->t);
    q->to = quiet ? (instant){ INT64_MAX } : late ? txn_now(c->t) : open_border(c);
}

static err put_sums(call *c, const recert_page_args *q)
{
    recert_sums_row *s;
    const recert_sums_args args = {
        .open = open_border(c), .now = q->now, .org = q->org, .keeper = q->keeper, .whole = q->whole
    };
    TRY(recert_sums(c->t, &args, c->a, &s));
    jw_key(&c->out, S("sums"));
    recert_sums_json(&c->out, s);
    return OK;
}

err h_recert_list(call *c)
{
    const struct recert_query *q = c->query;
    recert_page_row *rows;
    size_t n;
    cursor k;
    bool found;
    recert_page_args args = all_of(c);
    args.limit = page_limit(q->has_limit ? q->limit : 0);
    filter(c, q->state, &args);
    TRY(cursor_read(c, q->cursor, &k, &found));
    if (found) {
        args.after_due.us = k.n[0];
        args.after = k.n[1];
    }
    TRY(recert_page(c->t, &args, c->a, &rows, &n));
    jw_obj(&c->out);
    TRY(put_sums(c, &args));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        line l;
        TRY(line_read(c, &rows[i], &l));
        put_line(c, &l);
    }
    jw_end_arr(&c->out);
    jw_key(&c->out, S("next"));
    if (n && (int64_t)n == args.limit)
        jw_str(&c->out, cursor_make(c, &(cursor){ .n = { rows[n - 1].due.us, rows[n - 1].org } }));
    else
        jw_null(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- the list of one ---- */

/* What was shown: who, as what, with which keys. A confirmation is of exactly that. */
static err digest(call *c, const line *l, char ret[LIST_HEX + 1])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    buf b = buf_new(c->a, 256);
    for (size_t i = 0; i < l->n; i++) {
        const recert_people_row *p = &l->people[i];
        recert_keys_row *keys;
        size_t n;
        buf_fmt(&b, "%.*s %lld\n", STR_ARG(id_text(c->a, p->id)), (long long)p->version);
        TRY(recert_keys(c->t,
                &(recert_keys_args){ .person = p->row, .now = clock_now(&clock_system) }, c->a,
                &keys, &n));
        for (size_t k = 0; k < n; k++)
            buf_fmt(&b, " %.*s\n", STR_ARG(id_text(c->a, keys[k].id)));
    }
    crypto_hash_sha256(hash, (const uint8_t *)b.p, b.n);
    sodium_bin2hex(ret, LIST_HEX + 1, hash, sizeof hash);
    return OK;
}

static err put_name(call *c, int64_t person)
{
    const person_handle *p;
    err e = person_read_row(c->t, &c->viewer, person, &p);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    if (failed(e) || !p->now.name.n)
        jw_null(&c->out);
    else
        jw_str(&c->out, p->now.name);
    return OK;
}

static err put_keys(call *c, int64_t person)
{
    recert_keys_row *keys;
    size_t n;
    TRY(recert_keys(c->t, &(recert_keys_args){ .person = person, .now = clock_now(&clock_system) },
            c->a, &keys, &n));
    jw_key(&c->out, S("keys"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        recert_keys_json(&c->out, &keys[i]);
    jw_end_arr(&c->out);
    return OK;
}

static err put_deputies(call *c, int64_t person)
{
    recert_deputies_row *rows;
    const person_handle *p;
    size_t n;
    TRY(recert_deputies(c->t, &(recert_deputies_args){ .person = person, .now = txn_now(c->t) },
            c->a, &rows, &n));
    jw_key(&c->out, S("deputies"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        if (!failed(person_read_row(c->t, &c->viewer, rows[i].deputy, &p)))
            jw_str(&c->out, p->now.name);
    jw_end_arr(&c->out);
    return OK;
}

static err put_person(call *c, const line *l, const recert_people_row *p)
{
    jsonw *w = &c->out;
    jw_obj(w);
    jw_kid(w, "id", p->id);
    jw_key(w, S("name"));
    TRY(put_name(c, p->row));
    jw_key(w, S("roles"));
    person_roles_put(w, (uint32_t)p->roles);
    jw_kstr(w, "contact_role", p->contact_role);
    jw_kstr(w, "state", p->state);
    jw_ktime(w, "added", p->created);
    jw_ktime(w, "last_seen", p->seen);
    jw_kbool(w, "confirmed", recert_decided(p, l->at.opens));
    TRY(put_keys(c, p->row));
    TRY(put_deputies(c, p->row));
    jw_end_obj(w);
    return OK;
}

static err put_suspended(call *c, const line *l)
{
    jw_key(&c->out, S("suspended"));
    jw_arr(&c->out);
    for (size_t i = 0; i < l->gone; i++) {
        jw_obj(&c->out);
        jw_kid(&c->out, "id", l->suspended[i].id);
        jw_key(&c->out, S("name"));
        TRY(put_name(c, l->suspended[i].row));
        jw_key(&c->out, S("roles"));
        person_roles_put(&c->out, (uint32_t)l->suspended[i].roles);
        jw_ktime(&c->out, "at", l->suspended[i].at);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static err put_groups(call *c, int64_t org)
{
    my_groups_row *g;
    viewer sys;
    size_t n;
    TRY(viewer_system(c->t, &sys));
    TRY(my_groups(c->t, &sys, &(my_groups_args){ .org = org }, c->a, &g, &n));
    jw_key(&c->out, S("groups"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        if (!str_eq(g[i].kind, S("single"))) my_groups_json(&c->out, &g[i]);
    jw_end_arr(&c->out);
    return OK;
}

/* Who may not be told of it hears what is not there. */
static err find(call *c, line *l)
{
    organisation_id id;
    const organisation_handle *o;
    recert_page_row *rows;
    size_t n;
    TRY(organisation_of_path(c, &id.id));
    TRY(organisation_read(c->t, &c->viewer, id, &o));
    if (!permit_recert(&c->viewer, o->row, true)) return ERR(E_ABSENT, "error.api.absent");
    recert_page_args args = all_of(c);
    args.one = o->row;
    args.has_one = true;
    args.whole = true;
    args.limit = 1;
    TRY(recert_page(c->t, &args, c->a, &rows, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    return line_read(c, &rows[0], l);
}

err h_recert_read(call *c)
{
    char list[LIST_HEX + 1];
    line l;
    TRY(find(c, &l));
    TRY(digest(c, &l, list));
    jw_obj(&c->out);
    jw_key(&c->out, S("line"));
    put_line(c, &l);
    jw_kstr(&c->out, "list", str_of(list));
    jw_key(&c->out, S("people"));
    jw_arr(&c->out);
    for (size_t i = 0; i < l.n; i++)
        TRY(put_person(c, &l, &l.people[i]));
    jw_end_arr(&c->out);
    TRY(put_suspended(c, &l));
    TRY(put_groups(c, l.r->org));
    TRY(delegation_put(c, l.r->org));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- confirming ---- */

static bool is_among(const str_list *l, arena *a, id128 id)
{
    str text = id_text(a, id);
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->at[i], text)) return true;
    return false;
}

/* Without a word about anybody it is "all unchanged". */
static bool is_all(const struct recert_draft *b)
{
    return !b->has_people && !b->has_end && !b->has_back;
}

static err check(call *c, const struct recert_draft *b, const line *l)
{
    bool confirms = b->has_people || is_all(b);
    char list[LIST_HEX + 1];
    if (!permit_recert(&c->viewer, l->r->org, false)) return ERR(E_DENIED, "error.access.recert");
    if (confirms && txn_now(c->t).us < l->at.opens.us)
        return ERR(E_CONFLICT, "error.office.recert_early");
    TRY(digest(c, l, list));
    if (!str_eq(b->list, str_of(list)))
        return err_at_pointer(ERR(E_CONFLICT, "error.office.recert_changed"), S("/list"));
    return OK;
}

static err confirm_one(call *c, int64_t person)
{
    const rights_confirm_args yes = {
        .person = person, .at = txn_now(c->t), .author = c->viewer.person
    };
    TRY(rights_confirm(c->t, &yes, NULL));
    return person_entry_by(c->t, person, &c->viewer, LEDGER_person_recertified);
}

/* Whose entry it is does not matter here: an organisation's administrators say who acts for it,
 * about people who have no more rights than they (I9). */
static err set_state(call *c, int64_t person, str state, ledger_type type)
{
    const person_handle *p;
    viewer by;
    TRY(viewer_system(c->t, &by));
    by.person = c->viewer.person;
    TRY(person_hold_row(c->t, &by, person, &p));
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    person_draft d = p->now;
    d.state = state;
    TRY(person_save(c->t, &by, p, &d, type));
    TRY(delegation_tell(c, p, TK("mail.delegate.changed")));
    return session_remove_person(c->t, &(session_remove_person_args){ .person = person }, NULL);
}

static err confirm_people(call *c, const struct recert_draft *b, const line *l, size_t *ret_n)
{
    for (size_t i = 0; i < l->n; i++) {
        const recert_people_row *p = &l->people[i];
        if (is_among(&b->end, c->a, p->id)) {
            TRY(set_state(c, p->row, S("disabled"), LEDGER_person_ended));
            ++*ret_n;
        } else if (is_all(b) || is_among(&b->people, c->a, p->id)) {
            TRY(confirm_one(c, p->row));
            ++*ret_n;
        }
    }
    return OK;
}

static err let_back(call *c, const struct recert_draft *b, const line *l, size_t *ret_n)
{
    for (size_t i = 0; i < l->gone; i++) {
        const recert_gone_row *p = &l->suspended[i];
        if (!is_among(&b->back, c->a, p->id)) continue;
        TRY(set_state(c, p->row, p->state, LEDGER_person_resumed));
        TRY(rights_resume(c->t, &(rights_resume_args){ .person = p->row }, NULL));
        TRY(confirm_one(c, p->row));
        ++*ret_n;
    }
    return OK;
}

err h_recert_confirm(call *c)
{
    const struct recert_draft *b = c->req;
    const teller x = { c->t, c->app, c->realm, c->a };
    line l;
    size_t done = 0;
    TRY(find(c, &l));
    TRY(check(c, b, &l));
    TRY(confirm_people(c, b, &l, &done));
    TRY(let_back(c, b, &l, &done));
    if (!is_all(b) && done != b->people.n + b->end.n + b->back.n)
        return err_at_pointer(ERR(E_INVALID, "error.office.recert_person"), S("/people"));
    TRY(recert_settle(&x, l.r->org, &c->viewer));
    call_put_empty(c);
    return OK;
}
