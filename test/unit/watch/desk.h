/* desk.h - WATCH's part of a country at work: its reactions, and calls to its routes without HTTP.
 * Tests only. */
#pragma once
#include "unit/unit.h"

#include "api/api.h"
#include "api/app.h"
#include "api/walk.h"
#include "base/time.h"
#include "desk/watch/notice.h"
#include "gen/records/delivery.h"
#include "gen/records/notice.h"
#include "gen/routes_handlers.h"
#include "support/nation.h"

enum { HOLD_S = 30 };

static inline notice_rules desk_rules(void)
{
    notice_rules r = { .hold_us = HOLD_S * US_PER_S,
        .cal.hours = { .weekend_bits = 0x60, .from_min = 540, .to_min = 1020 } };
    assert_ok(zone_find(S("Asia/Karachi"), &r.cal.zone));
    return r;
}

/* Lets the reactions catch up with the ledger. */
static inline void desk_react(nation *n)
{
    notice_rules rules = desk_rules();
    reaction_def defs[WATCH_REACTIONS];
    reactions *x;
    watch_reactions(&rules, defs);
    assert_ok(reactions_start(&n->r, defs, WATCH_REACTIONS, NULL, &x));
    assert_true(reactions_settle(x, 20000));
    reactions_stop(x);
}

/* One call of a handler by a person; its answer as JSON. */
typedef struct {
    nation *n;
    int64_t person;
    handler_fn fn;
    const void *query, *req;
    id128 id;
    arena *a;
    const json *answer;
    err e;
} asking;

static inline err ask_in(txn *t, void *ctx)
{
    asking *x = ctx;
    static const route any = { .status = 200 };
    const conf *settings;
    static struct api keys; /* the key of cursors: all zero */
    app at = { .api = &keys };
    call c = { .a = x->a,
        .app = &at,
        .realm = &x->n->r,
        .route = &any,
        .t = t,
        .query = x->query,
        .req = x->req,
        .out = jsonw_new(x->a, 4096),
        .path_id = id_is_zero(x->id) ? S("") : id_text(x->a, x->id) };
    TRY(conf_load(x->a, NULL, &settings));
    at.conf = settings;
    c.viewer = nation_viewer(x->n, t, x->person);
    TRY(x->fn(&c));
    return json_parse(x->a, jsonw_done(&c.out), NULL, &x->answer);
}

static inline const json *desk_ask(asking x)
{
    CLEANUP(txn_end_p) txn *t = nation_read(x.n);
    assert_ok(ask_in(t, &x));
    return x.answer;
}

/* An act. */
static inline err desk_do(asking x)
{
    return store_write(x.n->ts->s, ask_in, &x);
}

static inline const notice_handle *desk_notice(txn *t, int64_t row)
{
    const notice_handle *h;
    viewer sys;
    assert_ok(viewer_system(t, &sys));
    assert_ok(notice_read_row(t, &sys, row, &h));
    return h;
}

static inline int64_t number_at(const json *o, const char *key)
{
    int64_t n = -1;
    assert_true(json_i64(json_get(o, str_of(key)), &n));
    return n;
}
