/* flow.c - opening and closing one realm's pipeline in the order in which its parts need each
 * other, its secret key, and its Shadowserver mapping. */
#include "flow/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "flow/disk.h"
#include "flow/flow_in.h"

#define MAPPING_BYTES ((size_t)16 << 20)

/* ---- the seal key: made once, kept with the realm ---- */

static err key_load(flow *f)
{
    char path[4096];
    str have;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    snprintf(path, sizeof path, "%s/flow.key", f->dir);
    err e = disk_read(a, path, sizeof f->seal.key, &have);
    if (err_code_of(e) == E_ABSENT) {
        randombytes_buf(f->seal.key, sizeof f->seal.key);
        return disk_write(path, (str){ (const char *)f->seal.key, sizeof f->seal.key });
    }
    TRY(e);
    if (have.n != sizeof f->seal.key) return ERR1(E_CONFIG, "error.feed.seal_key", str_of(path));
    memcpy(f->seal.key, have.p, have.n);
    return OK;
}

/* ---- declarations ---- */

err flow_feed_check(arena *a, str yaml, flow_feed_facts *ret)
{
    static const str formats[] = { [FEED_SHADOWSERVER] = { "shadowserver", 12 },
        [FEED_CSV] = { "csv", 3 },
        [FEED_JSONL] = { "jsonl", 5 } };
    const flow_feed *f;
    TRY(flow_feed_read(a, yaml, S("declaration"), &f));
    *ret = (flow_feed_facts){ f->name, f->provider, f->audience, formats[f->format],
        (int64_t)f->accuracy };
    return OK;
}

/* ---- the mapping ---- */

flow_mapping *mapping_hold(flow *f)
{
    pthread_mutex_lock(&f->lock);
    flow_mapping *m = f->mapping;
    if (m) atomic_fetch_add(&m->holds, 1);
    pthread_mutex_unlock(&f->lock);
    return m;
}

void mapping_release(flow_mapping *m)
{
    if (!m || atomic_fetch_sub(&m->holds, 1) != 1) return;
    arena_free(m->a);
    free(m);
}

static err mapping_make(str text, flow_mapping **ret)
{
    flow_mapping *m = calloc(1, sizeof *m);
    ASSERT(m != NULL);
    atomic_init(&m->holds, 1);
    m->a = arena_new((size_t)512 << 20);
    err e = ss_mapping_read(m->a, str_copy(m->a, text), S("intelmq.json"), &m->m, &m->unknown);
    if (failed(e)) {
        mapping_release(m);
        return e;
    }
    *ret = m;
    return OK;
}

static void mapping_swap(flow *f, flow_mapping *next)
{
    pthread_mutex_lock(&f->lock);
    flow_mapping *old = f->mapping;
    f->mapping = next;
    pthread_mutex_unlock(&f->lock);
    mapping_release(old);
}

static void mapping_path(const flow *f, char path[4096])
{
    snprintf(path, 4096, "%s/shadowserver.json", f->dir);
}

/* False: there is none, or it cannot be read; reports are then read by guessing, and said to be. */
static bool mapping_read(flow *f, const char *path)
{
    str text;
    flow_mapping *m;
    CLEANUP(arena_free_p) arena *a = arena_new(MAPPING_BYTES * 2);
    err e = disk_read(a, path, MAPPING_BYTES, &text);
    if (err_code_of(e) == E_ABSENT) return false;
    if (!failed(e)) e = mapping_make(text, &m);
    if (failed(e)) {
        log_err("flow.mapping", e);
        return false;
    }
    mapping_swap(f, m);
    return true;
}

static err mapping_load(flow *f)
{
    char path[4096];
    mapping_path(f, path);
    (void)mapping_read(f, path);
    return OK;
}

static int64_t modified_ns(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec : -1;
}

bool mapping_from(flow *f, const char *path)
{
    char own[4096];
    mapping_path(f, own);
    return modified_ns(path) >= modified_ns(own) && mapping_read(f, path);
}

static flow_mapping_facts facts_of(const flow_mapping *m, arena *a)
{
    if (!m) return (flow_mapping_facts){ 0 };
    return (flow_mapping_facts){ ss_mapping_types(m->m), m->unknown,
        str_copy(a, ss_mapping_date(m->m)) };
}

/* One at a time: two writers of one file would take its unfinished copy from each other. */
static err mapping_keep(flow *f, str text, flow_mapping *m)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    char path[4096];
    mapping_path(f, path);
    pthread_mutex_lock(&turn);
    err e = disk_write(path, text);
    if (!failed(e)) mapping_swap(f, m);
    pthread_mutex_lock(&f->lock);
    if (!failed(e)) f->in_use[BUNDLE_LIST] = (id128){ { 0 } };
    pthread_mutex_unlock(&f->lock);
    pthread_mutex_unlock(&turn);
    return e;
}

err flow_mapping_set(realm *r, arena *a, str text, flow_mapping_facts *ret)
{
    flow *f = flow_of(r);
    flow_mapping *m;
    if (!f) return ERR(E_BUSY, "error.feed.not_running");
    if (text.n > MAPPING_BYTES) return ERR(E_TOO_LARGE, "error.feed.mapping_size");
    TRY(mapping_make(text, &m));
    *ret = facts_of(m, a);
    err e = mapping_keep(f, text, m);
    if (failed(e)) mapping_release(m);
    return e;
}

flow_mapping_facts flow_mapping_now(const realm *r, arena *a)
{
    flow *f = flow_of(r);
    flow_mapping *m = f ? mapping_hold(f) : NULL;
    flow_mapping_facts facts = facts_of(m, a);
    mapping_release(m);
    return facts;
}

/* ---- the whole ---- */

int64_t flow_snapshot_age_s(const realm *r)
{
    flow *f = flow_of(r);
    if (!f) return -1;
    flow_snapshot *s = flow_snapshot_take(f->snapshots);
    instant made = flow_snapshot_made(s);
    flow_snapshot_release(s);
    if (made.us == 0) return -1; /* the first one is being read */
    int64_t us = clock_now(&r->clock).us - made.us;
    return us > 0 ? us / US_PER_S : 0;
}

flow_owner flow_owner_of(const realm *r, arena *a, const owner_question *q)
{
    flow *f = flow_of(r);
    if (!f) return (flow_owner){ 0 };
    flow_snapshot *s = flow_snapshot_take(f->snapshots);
    owner_answer x = owners_find(flow_snapshot_owners(s), a, q);
    flow_owner ret = { x.org ? x.org->row : 0, x.why, str_copy(a, x.text) };
    flow_snapshot_release(s);
    return ret;
}

static void match_by(const match *m, match_kind kind, addr ip, str value, match_hits *hits)
{
    switch (kind) {
    case MATCH_IP:
        match_addr(m, ip, hits);
        break;
    case MATCH_DOMAIN:
        match_domain(m, value, hits);
        break;
    case MATCH_URL:
        match_url(m, value, hits);
        break;
    case MATCH_MD5:
    case MATCH_SHA1:
    case MATCH_SHA256:
        match_hash(m, value, hits);
        break;
    case MATCH_EMAIL:
        match_email(m, value, hits);
        break;
    default:
        break;
    }
}

size_t flow_matches_of(
        const realm *r, match_kind kind, addr ip, str value, int64_t ret[MATCH_HITS_MAX])
{
    flow *f = flow_of(r);
    match_hits hits = { 0 };
    if (!f) return 0;
    flow_snapshot *s = flow_snapshot_take(f->snapshots);
    match_by(flow_snapshot_match(s), kind, ip, value, &hits);
    for (uint32_t i = 0; i < hits.n; i++)
        ret[i] = flow_snapshot_indicator_row(s, hits.hit[i].id);
    flow_snapshot_release(s);
    return hits.n;
}

err flow_settle(realm *r, int64_t timeout_ms)
{
    ASSERT(flow_of(r) != NULL);
    return loader_settle(flow_of(r), timeout_ms);
}

static err open_parts(flow *f)
{
    TRY(key_load(f));
    TRY(mapping_load(f));
    TRY(loader_open(f));
    TRY(promoter_open(f->r, &f->promoter));
    TRY(intake_open(f));
    return f->o.schedule ? schedule_open(f) : OK;
}

static void close_parts(flow *f)
{
    f->closing = true;
    schedule_close(f);
    intake_close(f);
    promoter_close(f->promoter);
    loader_close(f);
    flow_snapshot_slot_free(f->snapshots);
    flow_geo_release(f->geo);
    vuln_release(f->vuln);
    mapping_release(f->mapping);
    sodium_memzero(&f->seal, sizeof f->seal);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

err flow_open(realm *r, const flow_options *o)
{
    flow *f = calloc(1, sizeof *f);
    ASSERT(f && !r->slots[SLOT_FLOW] && o->data_dir);
    f->r = r;
    f->o = *o;
    pthread_mutex_init(&f->lock, NULL);
    snprintf(f->dir, sizeof f->dir, "%s/realm/%s", o->data_dir, r->name);
    err e = open_parts(f);
    if (failed(e)) {
        close_parts(f);
        return e;
    }
    r->slots[SLOT_FLOW] = f;
    return OK;
}

void flow_close(realm *r)
{
    flow *f = flow_of(r);
    if (!f) return;
    r->slots[SLOT_FLOW] = NULL;
    close_parts(f);
}
