/* ledger.c - appends entries, seals them into the tree just before the group commits, and hands
 * them to followers after. Threads: append, seal and publish run on the store's writer; everything
 * else on any. The ring of recent items is under a lock; its items are immutable once published. */
#include "ledger/ledger.h"
#include "ledger/ring.h"
#include "ledger/tree.h"
#include "base/json.h"
#include "base/log.h"
#include "store/store.h"
#include "gen/ledger/queries.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum { SEAL_PART = 4096, FOLLOWERS = 16 };

struct ledger {
    store *s;
    tree sealed; /* writer thread */
    tree next;   /* sealed as it will be when the group has committed */
    ring *recent;
    pthread_mutex_t lock; /* head, followers */
    pthread_cond_t grown;
    ledger_head head;
    struct {
        void (*wake)(void *ctx);
        void *ctx;
    } followers[FOLLOWERS];
    int n_followers;
};

/* ---- appending ---- */

static void put_hex(buf *b, const uint8_t *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        buf_byte(b, digits[p[i] >> 4]);
        buf_byte(b, digits[p[i] & 15]);
    }
}

/* The exact bytes that are hashed: members in this fixed order, written by us alone. */
static str entry_body(arena *a, const ledger_draft *d, id128 id, instant at)
{
    jsonw w = jsonw_new(a, 384);
    jw_obj(&w);
    jw_ki64(&w, "v", 1);
    jw_kid(&w, "id", id);
    jw_ktime(&w, "at", at);
    jw_kstr(&w, "type", str_of(ledger_type_names[d->type]));
    if (d->kind.n) {
        jw_kstr(&w, "kind", d->kind);
        jw_kid(&w, "subject", d->subject);
        jw_ki64(&w, "version", d->version);
    }
    if (d->digest) {
        buf hex = buf_new(a, 64);
        put_hex(&hex, d->digest, 32);
        jw_kstr(&w, "digest", buf_str(&hex));
    }
    jw_ki64(&w, "audience", d->audience);
    jw_ki64(&w, "owner", d->owner);
    jw_ki64(&w, "author", d->author);
    if (d->more.n) jw_kraw(&w, "more", d->more);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

err ledger_append(struct txn *t, const ledger_draft *d)
{
    uint8_t leaf[TREE_HASH];
    id128 id = id_new();
    ASSERT(d->type > LEDGER_NONE && d->type < LEDGER_TYPES);
    str body = entry_body(txn_arena(t), d, id, txn_now(t));
    tree_leaf_hash(body, leaf);
    return ledger_entry_add(t,
            &(ledger_entry_add_args){ .id = id,
                    .at = txn_now(t),
                    .type = str_of(ledger_type_names[d->type]),
                    .kind = d->kind,
                    .subject = d->subject,
                    .version = d->version,
                    .body = body,
                    .leaf = { (const char *)leaf, sizeof leaf },
                    .audience = d->audience,
                    .owner = d->owner,
                    .author = d->author },
            NULL);
}

/* ---- sealing ---- */

ledger_type ledger_type_of(str name)
{
    for (int i = 1; i < LEDGER_TYPES; i++)
        if (str_eq(name, str_of(ledger_type_names[i]))) return (ledger_type)i;
    return LEDGER_NONE;
}

static err keep_tile(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH])
{
    return ledger_tile_add(ctx,
            &(ledger_tile_add_args){ .level = level,
                    .position = position,
                    .hash = { (const char *)hash, TREE_HASH } },
            NULL);
}

static err seal_one(ledger *l, txn *t, const ledger_unsealed_row *r)
{
    ASSERT(r->leaf.n == TREE_HASH);
    TRY(tree_push(&l->next, (const uint8_t *)r->leaf.p, keep_tile, t));
    TRY(ledger_number(t, &(ledger_number_args){ .row = r->row, .number = l->next.size }, NULL));
    ring_stage(l->recent, &(ledger_item){ .number = l->next.size,
                                  .id = r->id,
                                  .at = r->at,
                                  .type = ledger_type_of(r->type),
                                  .kind = r->kind,
                                  .subject = r->subject,
                                  .version = r->version,
                                  .audience = r->audience,
                                  .owner = r->owner,
                                  .author = r->author,
                                  .body = r->body });
    return OK;
}

/* The group's last step: numbers for all that is not yet sealed. */
static err seal(txn *t, void *ctx)
{
    ledger *l = ctx;
    size_t n = 0;
    l->next = l->sealed;
    ring_unstage(l->recent);
    do {
        ledger_unsealed_row *rows;
        TRY(ledger_unsealed(
                t, &(ledger_unsealed_args){ .limit = SEAL_PART }, txn_arena(t), &rows, &n));
        for (size_t i = 0; i < n; i++)
            TRY(seal_one(l, t, &rows[i]));
    } while (n == SEAL_PART);
    if (l->next.size == l->sealed.size) return OK;
    uint8_t root[TREE_HASH];
    tree_root(&l->next, root);
    return ledger_head_set(t,
            &(ledger_head_set_args){ .size = l->next.size,
                    .root = { (const char *)root, sizeof root },
                    .frontier = tree_frontier(&l->next, txn_arena(t)),
                    .sealed = txn_now(t) },
            NULL);
}

/* After the group is durable: the new head, and word to followers. */
static void publish(void *ctx)
{
    ledger *l = ctx;
    if (l->next.size == l->sealed.size) return;
    l->sealed = l->next;
    ring_publish(l->recent);
    pthread_mutex_lock(&l->lock);
    l->head.size = l->sealed.size;
    tree_root(&l->sealed, l->head.root);
    pthread_cond_broadcast(&l->grown);
    int n = l->n_followers;
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < n; i++)
        l->followers[i].wake(l->followers[i].ctx);
}

/* ---- opening ---- */

static err load_head(ledger *l)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    ledger_head_get_row *h;
    TRY(txn_read(l->s, 0, &t));
    err e = ledger_head_get(t, txn_arena(t), &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (!tree_restore(&l->sealed, h->size, h->frontier)) return ERR(E_INVALID, "error.ledger.head");
    tree_root(&l->sealed, l->head.root);
    if (h->root.n != TREE_HASH || memcmp(h->root.p, l->head.root, TREE_HASH))
        return ERR(E_INVALID, "error.ledger.head");
    l->head.size = h->size;
    l->head.sealed = h->sealed;
    return OK;
}

err ledger_open(struct store *s, ledger **ret)
{
    ledger *l = calloc(1, sizeof *l);
    ASSERT(l && sodium_init() >= 0);
    l->s = s;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->grown, &attr);
    pthread_condattr_destroy(&attr);
    err e = load_head(l);
    l->recent = ring_new(l->sealed.size);
    if (failed(e)) {
        ledger_close(l);
        return e;
    }
    l->next = l->sealed;
    store_on_commit(s, seal, publish, l);
    *ret = l;
    return OK;
}

void ledger_close(ledger *l)
{
    if (!l) return;
    ring_free(l->recent);
    pthread_cond_destroy(&l->grown);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* ---- following ---- */

ledger_head ledger_head_now(ledger *l)
{
    pthread_mutex_lock(&l->lock);
    ledger_head h = l->head;
    pthread_mutex_unlock(&l->lock);
    return h;
}

void ledger_follow(ledger *l, void (*wake)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&l->lock);
    ASSERT(l->n_followers < FOLLOWERS);
    l->followers[l->n_followers].wake = wake;
    l->followers[l->n_followers].ctx = ctx;
    l->n_followers++;
    pthread_mutex_unlock(&l->lock);
}

int64_t ledger_wait(ledger *l, int64_t after, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (timeout_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&l->lock);
    while (l->head.size <= after)
        if (pthread_cond_timedwait(&l->grown, &l->lock, &until)) break;
    int64_t size = l->head.size;
    pthread_mutex_unlock(&l->lock);
    return size;
}

typedef struct {
    ledger_fn fn;
    void *ctx;
    int64_t last;
} reading;

static err range_row(void *ctx, const ledger_range_row *r)
{
    reading *x = ctx;
    ledger_item it = { .number = r->number,
        .id = r->id,
        .at = r->at,
        .type = ledger_type_of(r->type),
        .kind = r->kind,
        .subject = r->subject,
        .version = r->version,
        .audience = r->audience,
        .owner = r->owner,
        .author = r->author,
        .body = r->body };
    TRY(x->fn(x->ctx, &it));
    x->last = r->number;
    return OK;
}

err ledger_read(ledger *l, int64_t after, int64_t limit, ledger_fn fn, void *ctx, int64_t *ret_last)
{
    err e = OK;
    if (ring_read(l->recent, after, limit, fn, ctx, ret_last, &e)) return e;
    CLEANUP(txn_end_p) txn *t = NULL;
    reading x = { fn, ctx, after };
    TRY(txn_read(l->s, 0, &t));
    e = ledger_range_each(t, &(ledger_range_args){ .after = after, .limit = limit }, range_row, &x);
    *ret_last = x.last;
    return e;
}
