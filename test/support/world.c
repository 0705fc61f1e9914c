/* world.c - a live realm in a folder for tests. One thread. */
#include "support/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/seal.h"
#include "access/site.h"
#include "base/texts.h"
#include "events/history.h"
#include "flow/intake.h"
#include "gen/records/feed.h"
#include "gen/records/finding.h"
#include "gen/records/import_run.h"
#include "gen/records/network.h"
#include "store/store.h"

static void must(err e, const char *what)
{
    if (!failed(e)) return;
    fprintf(stderr, "%s: %s %.*s %.*s %.*s\n", what, e.f->key, STR_ARG(e.f->args[0]),
            STR_ARG(e.f->args[1]), STR_ARG(e.f->pointer));
    abort();
}
#define MUST(expr) must((expr), #expr)

/* ---- opening ---- */

void world_folder(world *w, const char *name)
{
    const char *tmp = getenv("MINAR_TMP");
    memset(w, 0, sizeof *w);
    snprintf(w->dir, sizeof w->dir, "%s/world-%s-%d", tmp ? tmp : "/tmp", name, (int)getpid());
    world_remove(w);
    ASSERT(mkdir(w->dir, 0700) == 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    return remove(path);
}

void world_remove(world *w)
{
    (void)nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void found(world *w)
{
    bool founded;
    MUST(site_load(w->r, &founded));
    if (founded) return;
    MUST(site_found(w->r,
            &(site_draft){ .key = S("cert"),
                    .name_en = S("National CERT"),
                    .name_ur = S("قومی سرٹ"),
                    .person_name = S("Amna Iqbal"),
                    .mail = S("amna@cert.example"),
                    .lang = S("en"),
                    .uid = (int64_t)getuid() },
            &w->person));
}

void world_open(world *w)
{
    char key[1100];
    realms_options o = {
        .data_dir = w->dir, .history_threads = 2, .history_memory_bytes = (size_t)400 << 20
    };
    snprintf(key, sizeof key, "%s/master.key", w->dir);
    MUST(seal_init(key));
    MUST(realms_open(&o, &w->all));
    w->r = realms_live(w->all);
    found(w);
}

void world_flow(world *w)
{
    MUST(flow_open(w->r, &(flow_options){ .data_dir = w->dir }));
}

void world_close(world *w)
{
    flow_close(w->r);
    realms_close(w->all);
    w->all = NULL;
    w->r = NULL;
}

viewer world_viewer(struct txn *t)
{
    viewer v;
    MUST(viewer_system(t, &v));
    return v;
}

/* ---- making ---- */

typedef struct {
    world *w;
    const char *key, *cidr, *format, *yaml;
    int64_t row;
} making;

static err org_apply(txn *t, void *ctx)
{
    making *x = ctx;
    viewer v = world_viewer(t);
    const organisation_handle *o;
    const network_handle *n;
    str name = str_of(x->key);
    organisation_draft d = { .key = name,
        .name = texts_make(txn_arena(t), name, (str){ 0 }),
        .name_fold = name,
        .kind = S("ministry"),
        .sector = S("government"),
        .lang = S("en"),
        .community = true,
        .state = S("active") };
    TRY(site_add_organisation(t, x->w->r, &v, &d, &o));
    x->row = o->row;
    if (!x->cidr) return OK;
    network_draft nd = { .owner = v.org,
        .org = o->row,
        .kind = S("cidr"),
        .value = str_of(x->cidr),
        .valid_to = INSTANT_MAX,
        .state = S("approved"),
        .source = S("import") };
    TRY(site_audience_strict(t, o->now.grp, &nd.audience));
    return network_insert(t, &v, &nd, LEDGER_network_created, &n);
}

int64_t world_org(world *w, const char *key, const char *net)
{
    making x = { .w = w, .key = key, .cidr = net };
    MUST(store_write(w->r->store, org_apply, &x));
    return x.row;
}

static err feed_apply(txn *t, void *ctx)
{
    making *x = ctx;
    viewer v = world_viewer(t);
    const feed_handle *h;
    feed_draft d = { .owner = v.org,
        .audience = LABEL_STRICT,
        .key = str_of(x->key),
        .name = texts_make(txn_arena(t), str_of(x->key), (str){ 0 }),
        .format = str_of(x->format),
        .declaration = str_of(x->yaml),
        .state = S("active") };
    TRY(site_audience_strict(t, x->w->r->national_grp, &d.event_audience));
    TRY(feed_insert(t, &v, &d, LEDGER_feed_created, &h));
    x->row = h->row;
    return OK;
}

int64_t world_feed(world *w, const char *key, const char *format, const char *yaml)
{
    making x = { .w = w, .key = key, .format = format, .yaml = yaml };
    MUST(store_write(w->r->store, feed_apply, &x));
    return x.row;
}

void world_mapping(world *w, str text)
{
    flow_mapping_facts facts;
    arena *a = arena_new(1 << 20);
    MUST(flow_mapping_set(w->r, a, text, &facts));
    arena_free(a);
}

/* ---- reading in ---- */

static void file_write(const char *path, str text)
{
    FILE *f = fopen(path, "wb");
    ASSERT(f && fwrite(text.p, 1, text.n, f) == text.n && fclose(f) == 0);
}

int64_t world_import(world *w, int64_t feed, const char *name, str text)
{
    char path[1200];
    intake_ticket ticket;
    viewer v;
    txn *t;
    snprintf(path, sizeof path, "%s/incoming", w->dir);
    file_write(path, text);
    MUST(txn_read(w->r->store, 0, &t));
    v = world_viewer(t);
    txn_end(t);
    MUST(intake_add(w->r, &v, &(intake_file){ feed, str_of(name), path, LANG_EN }, &ticket));
    unlink(path);
    ASSERT(ticket.over || intake_wait(w->r, ticket.row, 600000));
    return ticket.row;
}

/* ---- looking ---- */

world_run world_run_of(world *w, arena *a, int64_t row)
{
    const import_run_handle *h;
    world_run r = { 0 };
    txn *t;
    MUST(txn_read(w->r->store, 0, &t));
    viewer v = world_viewer(t);
    MUST(import_run_read_row(t, &v, row, &h));
    r = (world_run){ .read = h->now.rows_read,
        .done = h->now.rows_done,
        .same = h->now.rows_same,
        .bad = h->now.rows_bad,
        .report = str_copy(a, h->now.report) };
    snprintf(r.state, sizeof r.state, "%.*s", STR_ARG(h->now.state));
    txn_end(t);
    return r;
}

int64_t world_events(world *w)
{
    history_total_row total;
    event_filter all = { 0 };
    txn *t;
    arena *a = arena_new(1 << 20);
    MUST(txn_read(w->r->store, 0, &t));
    viewer v = world_viewer(t);
    MUST(history_count(w->r->history, a, &v.sight, &all, &total));
    txn_end(t);
    arena_free(a);
    return total.n_rows;
}

int64_t world_findings(world *w, int64_t *ret_seen)
{
    txn *t;
    int64_t n = 0;
    *ret_seen = 0;
    MUST(txn_read(w->r->store, 0, &t));
    viewer v = world_viewer(t);
    for (const finding_handle *h; !failed(finding_read_row(t, &v, n + 1, &h)); n++)
        *ret_seen += h->now.seen;
    txn_end(t);
    return n;
}
