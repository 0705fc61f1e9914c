/* parts.c - see parts.h: the order of starting is the order of knowledge, stopping its opposite. */
#include "main/parts.h"
#include "access/seen/seen.h"
#include "common/job/runner.h"
#include "common/outbox/bounce_box.h"
#include "common/outbox/outbox.h"
#include "common/reaction/reaction.h"
#include "common/retention/retention.h"
#include "desk/office/keeper.h"
#include "desk/watch/bulk.h"
#include "desk/office/reactions.h"
#include "desk/watch/keeper.h"
#include "desk/watch/notice.h"
#include "flow/flow.h"
#include "ledger/publish.h"
#include "proc/keys.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    arena *a;
    outbox *outbox;
    bounce_box *bounces;
    reactions *reactions;
    publisher *publisher;
    seen_keeper *keeper;
    office_keeper *office;
    watch_keeper *watch;
    job_runner *jobs;
    reaction_def defs[WATCH_REACTIONS + OFFICE_REACTIONS];
    job_kind kinds[BULK_KINDS + 1];
    notice_rules rules;
} parts;

char *parts_share_folder(arena *a)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    while (n > 0 && exe[n - 1] != '/')
        n--;
    return str_z(a, str_fmt(a, "%.*sshare/minar", n > 0 ? (int)n : 0, exe));
}

static err start_flow(app *a, realm *r, arena *m)
{
    bool live = r->kind == REALM_LIVE && a->courier && !a->held;
    flow_options o = { .data_dir = a->data_dir,
        .share_dir = parts_share_folder(m),
        .courier = live ? a->courier : NULL,
        .schedule = live };
    return flow_open(r, &o);
}

static err start_bounces(app *a, realm *r, parts *p, const uint8_t key[VERP_KEY])
{
    bounce_options o = { 0 };
    TRY(bounce_options_load(p->a, a->conf, &o));
    memcpy(o.key, key, VERP_KEY);
    o.courier = a->courier;
    o.sandbox = a->sandbox;
    o.spool = str_z(p->a, str_fmt(p->a, "%s/spool", a->data_dir));
    return bounce_box_start(r, &o, &p->bounces);
}

static err start_outbox(app *a, realm *r, parts *p)
{
    outbox_options o = { 0 };
    if (a->held) return OK; /* what waits keeps waiting */
    TRY(outbox_options_load(p->a, a->conf, &o));
    o.courier = r->kind == REALM_LIVE ? a->courier : NULL;
    o.public_url = a->public_url;
    o.paper.public_url = a->public_url;
    o.paper.printer = a->printer;
    o.paper.keys = a->keys;
    o.keys = a->keys;
    o.ready = notice_finish;
    o.ready_ctx = &p->rules;
    TRY(keys_derive(a->keys, DERIVE_BOUNCE, o.bounce_key));
    TRY(outbox_start(r, &o, &p->outbox));
    return start_bounces(a, r, p, o.bounce_key);
}

/* Each realm's ledger has a name of its own; only the live one asks witnesses. */
static err start_publisher(app *a, realm *r, parts *p)
{
    bool live = r->kind == REALM_LIVE;
    if (!a->log_key || a->held) return OK; /* a held copy signs nothing */
    publish_options o = { .store = r->store,
        .ledger = r->ledger,
        .clock = &r->clock,
        .origin = live ? a->log_origin : str_fmt(p->a, "%.*s/%s", STR_ARG(a->log_origin), r->name),
        .key = a->log_key,
        .every_s = conf_int(a->conf, "ledger.checkpoint_s") };
    if (live) {
        o.last_path = str_z(p->a, str_fmt(p->a, "%s/published/ledger.last", a->data_dir));
        o.courier = a->courier;
        o.witnesses = a->witnesses;
        o.n_witnesses = a->n_witnesses;
    }
    return publisher_start(&o, &p->publisher);
}

static err start_all(app *a, realm *r, parts *p)
{
    TRY(notice_rules_load(a->conf, &p->rules));
    TRY(start_flow(a, r, p->a));
    watch_reactions(&p->rules, p->defs);
    office_reactions(a, p->defs + WATCH_REACTIONS);
    TRY(reactions_start(r, p->defs, ARRAY_LEN(p->defs), NULL, &p->reactions));
    TRY(start_outbox(a, r, p));
    TRY(seen_keeper_start(r, conf_int(a->conf, "reads.keep_days"), &p->keeper));
    TRY(office_keeper_start(a, r, &p->office));
    TRY(watch_keeper_start(a, r, &p->watch));
    memcpy(p->kinds, bulk_kinds, sizeof bulk_kinds);
    p->kinds[BULK_KINDS] = retention_job;
    TRY(job_runner_start(r, p->kinds, ARRAY_LEN(p->kinds), &p->jobs));
    return start_publisher(a, r, p);
}

err parts_start(app *a, realm *r)
{
    parts *p = calloc(1, sizeof *p);
    ASSERT(p && !r->slots[SLOT_PARTS]);
    p->a = arena_new(4 << 20);
    r->slots[SLOT_PARTS] = p;
    err e = start_all(a, r, p);
    if (failed(e)) parts_stop(a, r);
    return e;
}

void parts_stop(app *a, realm *r)
{
    parts *p = r->slots[SLOT_PARTS];
    (void)a;
    if (!p) return;
    publisher_stop(p->publisher);
    job_runner_stop(p->jobs);
    seen_keeper_stop(p->keeper);
    watch_keeper_stop(p->watch);
    office_keeper_stop(p->office);
    bounce_box_stop(p->bounces);
    if (p->outbox) outbox_stop(p->outbox);
    if (p->reactions) reactions_stop(p->reactions);
    flow_close(r);
    arena_free(p->a);
    free(p);
    r->slots[SLOT_PARTS] = NULL;
}

err parts_none(app *a, realm *r)
{
    (void)a, (void)r;
    return OK;
}
