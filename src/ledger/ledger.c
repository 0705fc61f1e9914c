/* ledger.c - appends entries, seals them into the tree just before the group commits, and hands
 * them to followers after. Threads: append, seal and publish run on the store's writer; everything
 * else on any. The ring of recent items is under a lock; its items are immutable once published. */
#include "ledger/ledger.h"
#include "ledger/entry.h"
#include "ledger/ring.h"
#include "ledger/tree.h"
#include "base/log.h"
#include "store/store.h"
#include "gen/ledger/queries.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum { SEAL_PART = 4096, FOLLOWERS = 16 };

/* The tree, and the leaves of its rightmost tile as far as it is filled. */
typedef struct {
    int64_t row; /* of the last entry */
    tree tree;
    uint8_t tail[TREE_TILE][TREE_HASH];
} growing;

struct ledger {
    store *s;
    growing sealed; /* writer thread */
    growing next;   /* sealed as it will be when the group has committed */
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

err ledger_append(struct txn *t, const ledger_draft *d)
{
    uint8_t leaf[TREE_HASH], salt[ENTRY_SALT], commitment[ENTRY_COMMITMENT];
    str salted = { (const char *)salt, sizeof salt };
    instant at = d->at.us ? d->at : txn_now(t);
    id128 id = entry_id(at);
    ASSERT(d->type > LEDGER_NONE && d->type < LEDGER_TYPES);
    str body = entry_body(txn_arena(t), d, id, at);
    randombytes_buf(salt, sizeof salt);
    ASSERT(entry_commitment(body, salted, commitment));
    txn_tell_hook(t);
    tree_leaf_hash((str){ (const char *)commitment, sizeof commitment }, leaf);
    return ledger_entry_add(t,
            &(ledger_entry_add_args){ .id = id,
                    .at = at,
                    .type = str_of(ledger_type_names[d->type]),
                    .kind = d->kind,
                    .subject = d->subject,
                    .version = d->version,
                    .body = body,
                    .salt = salted,
                    .leaf = { (const char *)leaf, sizeof leaf },
                    .audience = d->audience,
                    .owner = d->owner,
                    .author = d->author },
            NULL);
}

/* Nobody sees padding: its audience is RED and names no one. */
err ledger_pad(struct txn *t, ledger *l, int64_t *ret_size)
{
    ledger_unsealed_count_row *n;
    const ledger_draft none = { .type = LEDGER_ledger_padding, .audience = 4, .author = -1 };
    TRY(ledger_unsealed_count(
            t, &(ledger_unsealed_count_args){ .after = l->sealed.row }, txn_arena(t), &n));
    int64_t size = l->sealed.tree.size + n->n;
    for (; size % TREE_TILE; size++)
        TRY(ledger_append(t, &none));
    *ret_size = size;
    return OK;
}

/* ---- sealing ---- */

ledger_type ledger_type_of(str name)
{
    for (int i = 1; i < LEDGER_TYPES; i++)
        if (str_eq(name, str_of(ledger_type_names[i]))) return (ledger_type)i;
    return LEDGER_NONE;
}

typedef struct {
    ledger *l;
    txn *t;
} sealing;

static err keep_tile(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH])
{
    const sealing *x = ctx;
    const growing *g = &x->l->next;
    if (level == 1)
        TRY(ledger_leaves_add(x->t,
                &(ledger_leaves_add_args){
                        .position = position, .hashes = { (const char *)g->tail, sizeof g->tail } },
                NULL));
    return ledger_tile_add(x->t,
            &(ledger_tile_add_args){ .level = level,
                    .position = position,
                    .hash = { (const char *)hash, TREE_HASH } },
            NULL);
}

static err seal_one(const sealing *x, const ledger_unsealed_row *r)
{
    growing *g = &x->l->next;
    ASSERT(r->leaf.n == TREE_HASH);
    memcpy(g->tail[g->tree.size % TREE_TILE], r->leaf.p, TREE_HASH);
    TRY(tree_push(&g->tree, (const uint8_t *)r->leaf.p, keep_tile, (void *)(uintptr_t)x));
    g->row = r->row;
    if (!r->has_number || r->number != g->tree.size)
        TRY(ledger_number(
                x->t, &(ledger_number_args){ .row = r->row, .number = g->tree.size }, NULL));
    ring_stage(x->l->recent, &(ledger_item){ .number = g->tree.size,
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

/* The group's last step: into the tree with all that is new. */
static err seal(txn *t, void *ctx)
{
    ledger *l = ctx;
    sealing x = { l, t };
    size_t n = 0;
    l->next = l->sealed;
    ring_unstage(l->recent);
    do {
        ledger_unsealed_row *rows;
        TRY(ledger_unsealed(t, &(ledger_unsealed_args){ .after = l->next.row, .limit = SEAL_PART },
                txn_arena(t), &rows, &n));
        for (size_t i = 0; i < n; i++)
            TRY(seal_one(&x, &rows[i]));
    } while (n == SEAL_PART);
    if (l->next.tree.size == l->sealed.tree.size) return OK;
    uint8_t root[TREE_HASH];
    tree_root(&l->next.tree, root);
    return ledger_head_set(t,
            &(ledger_head_set_args){ .size = l->next.tree.size,
                    .root = { (const char *)root, sizeof root },
                    .frontier = tree_frontier(&l->next.tree, txn_arena(t)),
                    .sealed = txn_now(t) },
            NULL);
}

/* After the group is durable: the new head, and word to followers. */
static void publish(void *ctx)
{
    ledger *l = ctx;
    if (l->next.tree.size == l->sealed.tree.size) return;
    l->sealed = l->next;
    ring_publish(l->recent);
    pthread_mutex_lock(&l->lock);
    l->head.size = l->sealed.tree.size;
    tree_root(&l->sealed.tree, l->head.root);
    pthread_cond_broadcast(&l->grown);
    int n = l->n_followers;
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < n; i++)
        l->followers[i].wake(l->followers[i].ctx);
}

/* ---- opening ---- */

static err wrong_head(void)
{
    return ERR(E_INVALID, "error.ledger.head");
}

typedef struct {
    growing *g;
    tree part; /* of the tail alone */
} loading;

static err load_leaf(void *ctx, const ledger_leaf_range_row *r)
{
    loading *x = ctx;
    if (r->leaf.n != TREE_HASH) return wrong_head();
    memcpy(x->g->tail[x->part.size], r->leaf.p, TREE_HASH);
    return tree_push(&x->part, (const uint8_t *)r->leaf.p, NULL, NULL);
}

/* The leaves of the rightmost tile; they must make the low end of the frontier. */
static err load_tail(txn *t, growing *g)
{
    loading x = { .g = g };
    int64_t n = g->tree.size % TREE_TILE;
    if (!n) return OK;
    TRY(ledger_leaf_range_each(
            t, &(ledger_leaf_range_args){ .after = g->tree.size - n, .limit = n }, load_leaf, &x));
    if (x.part.size != n) return wrong_head();
    for (int h = 0; h < 8; h++)
        if (((n >> h) & 1) && memcmp(x.part.hash[h], g->tree.hash[h], TREE_HASH))
            return wrong_head();
    return OK;
}

static err load_head(ledger *l)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    ledger_head_get_row *h;
    ledger_last_sealed_row *last;
    tree *sealed = &l->sealed.tree;
    TRY(txn_read(l->s, 0, &t));
    err e = ledger_head_get(t, txn_arena(t), &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (!tree_restore(sealed, h->size, h->frontier)) return wrong_head();
    tree_root(sealed, l->head.root);
    if (h->root.n != TREE_HASH || memcmp(h->root.p, l->head.root, TREE_HASH)) return wrong_head();
    l->head.size = h->size;
    l->head.sealed = h->sealed;
    TRY(ledger_last_sealed(t, txn_arena(t), &last));
    l->sealed.row = last->row;
    return load_tail(t, &l->sealed);
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
    l->recent = ring_new(l->sealed.tree.size);
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
