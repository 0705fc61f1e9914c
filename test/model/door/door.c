/* door.c - the oracle's door: acts that the model knows and the product has no route for yet,
 * sessions without a sign-in, and the switch of the faults. What is written goes through the
 * program's own records, audiences and history. Compiled only with the option `faults`. */
#include "door.h"

#include "access/auth/auth.h"
#include "access/site.h"
#include "events/history.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"

static void put_empty(call *c)
{
    jw_obj(&c->out);
    jw_end_obj(&c->out);
}

/* ---- faults ---- */

err h_door_fault(call *c)
{
    const struct door_fault *b = c->req;
    bool known = b->name.n == 0;
    for (int i = 0; i < SEEDED_FAULTS; i++) {
        bool mine = str_eq(b->name, str_of(seeded_names[i]));
        known |= mine;
        if (mine || b->name.n == 0) seeded_on[i] = mine && b->on;
    }
    put_empty(c);
    return known ? OK : err_at_pointer(ERR(E_ABSENT, "error.api.absent"), S("/name"));
}

/* ---- names to rows ---- */

err door_org(txn *t, id128 id, int64_t *ret)
{
    viewer sys = { .system = true };
    const organisation_handle *o;
    *ret = 0;
    if (id_is_zero(id)) return OK;
    TRY(organisation_read(t, &sys, (organisation_id){ id }, &o));
    *ret = o->row;
    return OK;
}

err door_person(txn *t, id128 id, int64_t *ret)
{
    return door_record(t, S("person"), id, ret);
}

const record_def *door_def(str kind)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (str_eq(kind, str_of(record_defs[i]->name))) return record_defs[i];
    return NULL;
}

err door_record(txn *t, str kind, id128 id, int64_t *ret)
{
    viewer sys = { .system = true };
    const void *h;
    *ret = 0;
    if (id_is_zero(id)) return OK;
    TRY(record_get(t, &sys, door_def(kind), RECORD_READ, id, &h));
    *ret = ((const record_head *)h)->row;
    return OK;
}

/* A group by its own id, or by that of the organisation that it holds alone. */
static err group_row(txn *t, id128 id, int64_t *ret)
{
    viewer sys = { .system = true };
    const organisation_handle *o;
    if (id_is_zero(id)) {
        *ret = 0;
        return OK;
    }
    err e = door_record(t, S("sharing_group"), id, ret);
    if (err_code_of(e) != E_ABSENT) return e;
    TRY(organisation_read(t, &sys, (organisation_id){ id }, &o));
    *ret = o->now.grp;
    return OK;
}

err door_audience(txn *t, int64_t label, id128 grp, const str_list *named, int64_t *ret)
{
    int64_t group, *people = NEW_ARRAY(txn_arena(t), int64_t, named->n + 1);
    id128 id;
    TRY(group_row(t, grp, &group));
    for (size_t i = 0; i < named->n; i++) {
        if (!id_parse(named->at[i], &id)) return ERR(E_INVALID, "error.api.absent");
        TRY(door_person(t, id, &people[i]));
    }
    return audience_intern(t, (int)label, group, people, named->n, ret);
}

/* ---- clients, grants ---- */

err h_door_client(call *c)
{
    const struct door_client *b = c->req;
    const organisation_handle *h;
    TRY(organisation_hold(c->t, &c->viewer, (organisation_id){ b->org }, &h));
    organisation_draft d = h->now;
    d.has_provider = b->has_provider;
    TRY(door_org(c->t, b->provider, &d.provider));
    TRY(organisation_save(c->t, &c->viewer, h, &d, LEDGER_organisation_changed));
    put_empty(c);
    return OK;
}

static const cell_type glass_cells[] = { CELL_TEXT, CELL_I64, CELL_I64, CELL_I64, CELL_I64,
    CELL_I64 };
static const char *const glass_lite[] = { "INSERT INTO glass (kind, record, person, until, "
                                          "approver_1, approver_2, reason, created) VALUES "
                                          "(?1, ?2, ?3, ?4, ?5, ?6, 'oracle', 0)" };
static const char *const glass_pg[] = { "INSERT INTO glass (kind, record, person, until, "
                                        "approver_1, approver_2, reason, created) VALUES "
                                        "($1, $2, $3, $4, $5, $6, 'oracle', 0)" };
static const stmt_def glass_add = { "door_glass", glass_lite, glass_pg, 0, 6, 0, glass_cells,
    glass_cells, 0, true };

err h_door_glass(call *c)
{
    const struct door_glass *b = c->req;
    int64_t row, person, first, second;
    TRY(door_record(c->t, b->kind, b->id, &row));
    TRY(door_person(c->t, b->person, &person));
    TRY(door_person(c->t, b->first, &first));
    TRY(door_person(c->t, b->second, &second));
    cell in[] = { { CELL_TEXT, .s = b->kind }, { CELL_I64, .i = row }, { CELL_I64, .i = person },
        { CELL_I64, .i = b->until.us }, { CELL_I64, .i = first }, { CELL_I64, .i = second } };
    TRY(stmt_run(c->t, &glass_add, 0, in, NULL, NULL, NULL));
    txn_raise_sights(c->t);
    put_empty(c);
    return OK;
}

static const cell_type delegate_cells[] = { CELL_I64, CELL_I64, CELL_I64 };
static const char *const delegate_lite[] = {
    "INSERT INTO delegate (org, keeper, since, until, author) VALUES (?1, ?2, 0, ?3, 0) "
    "ON CONFLICT (org) DO UPDATE SET keeper = excluded.keeper, until = excluded.until"
};
static const char *const delegate_pg[] = {
    "INSERT INTO delegate (org, keeper, since, until, author) VALUES ($1, $2, 0, $3, 0) "
    "ON CONFLICT (org) DO UPDATE SET keeper = excluded.keeper, until = excluded.until"
};
static const stmt_def delegate_add = { "door_delegate", delegate_lite, delegate_pg, 0, 3, 0,
    delegate_cells, delegate_cells, 0, true };

/* Who administers an organisation: the routes ask two persons. Chains are the routes' to refuse. */
err h_door_delegate(call *c)
{
    const struct door_delegate *b = c->req;
    int64_t org, keeper;
    TRY(door_org(c->t, b->org, &org));
    TRY(door_org(c->t, b->keeper, &keeper));
    cell in[] = { { CELL_I64, .i = org }, { CELL_I64, .i = keeper },
        { CELL_I64, .i = b->until.us } };
    TRY(stmt_run(c->t, &delegate_add, 0, in, NULL, NULL, NULL));
    txn_raise_sights(c->t);
    put_empty(c);
    return OK;
}

/* ---- sessions ---- */

err h_door_sessions(call *c)
{
    const struct door_sessions *b = c->req;
    jw_obj(&c->out);
    jw_key(&c->out, S("cookies"));
    jw_arr(&c->out);
    for (size_t i = 0; i < b->people.n; i++) {
        id128 id;
        int64_t person;
        str cookie;
        if (!id_parse(b->people.at[i], &id)) return ERR(E_INVALID, "error.api.absent");
        TRY(door_person(c->t, id, &person));
        TRY(session_open(c->t, c->realm, person, S("password"), c->a, &cookie));
        jw_str(&c->out, cookie);
    }
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- sweeping ---- */

#define SWEEP(table)                                                                               \
    {                                                                                              \
        "DELETE FROM " table                                                                       \
    }
static const char *const sweeps[][1] = { SWEEP("delivery"), SWEEP("delivery_version"),
    SWEEP("finding"), SWEEP("finding_version"), SWEEP("notice"), SWEEP("notice_version"),
    SWEEP("indicator"), SWEEP("indicator_version"), SWEEP("finding_words"), SWEEP("notice_words"),
    SWEEP("indicator_words"), SWEEP("glass"), SWEEP("idempotency"), SWEEP("held_act"),
    SWEEP("held_yes"), SWEEP("leave"), SWEEP("leave_gap"), SWEEP("acted_for"), SWEEP("session"),
    SWEEP("delegate"), SWEEP("api_key WHERE name = 'step'"),
    SWEEP("api_key_version WHERE name = 'step'") };

err h_door_sweep(call *c)
{
    static stmt_def s[ARRAY_LEN(sweeps)];
    for (size_t i = 0; i < ARRAY_LEN(sweeps); i++) {
        if (!s[i].name)
            s[i] = (stmt_def){ "door_sweep", sweeps[i], sweeps[i], 0, 0, 0, glass_cells,
                glass_cells, 0, true };
        TRY(stmt_run(c->t, &s[i], 0, NULL, NULL, NULL, NULL));
    }
    txn_raise_sights(c->t);
    put_empty(c);
    return OK;
}
