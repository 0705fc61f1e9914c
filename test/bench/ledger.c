/* ledger.c - figures of the ledger on SQLite with fsync: entries appended and sealed a second,
 * entries proved a second, and one inclusion proof in a tree of ten million. Prints one figure a
 * line, as NAME VALUE UNIT; test/bench/policy_ledger.mjs reads them. usage: bench-ledger [entries]
 * [leaves]
 *
 * The tree of ten million is real, its entries are not: a proof reads tiles, so the bench stores
 * all of those (leaf tiles and roots, 39,062 rows of the one, 39,216 of the other) and of the
 * entries only the last, unfilled tile. */
#include "gen/ledger/queries.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "support/stores.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { BULK = 250, SUBMITTERS = 64, PROOFS = 2000 };

#define MUST(expr)                                                                                 \
    do {                                                                                           \
        err e_ = (expr);                                                                           \
        if (failed(e_)) {                                                                          \
            fprintf(stderr, "%s: %s %.*s\n", #expr, e_.f->key, STR_ARG(e_.f->args[0]));            \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static void figure(const char *name, double value, const char *unit)
{
    printf("%s %.3f %s\n", name, value, unit);
    fflush(stdout);
}

static double since(int64_t begin)
{
    return (double)(monotonic_us() - begin) / 1e6;
}

/* An entry of the usual shape: a record of its own, a digest. */
static err append(txn *t, int n)
{
    static const uint8_t digest[32] = { 7 };
    for (int i = 0; i < n; i++)
        TRY(ledger_append(t, &(ledger_draft){ .type = LEDGER_finding_opened,
                                     .kind = S("finding"),
                                     .subject = id_new(),
                                     .version = 1,
                                     .digest = digest,
                                     .audience = 3,
                                     .owner = 1 + i % 300,
                                     .author = 2 }));
    return OK;
}

static err bulk(txn *t, void *ctx)
{
    return append(t, *(int *)ctx);
}

typedef struct {
    store *s;
    int jobs, each;
} submitter;

static void *submit_main(void *ctx)
{
    submitter *x = ctx;
    for (int i = 0; i < x->jobs; i++)
        MUST(store_write(x->s, bulk, &x->each));
    return NULL;
}

static void appending(store *s, int threads, int each, int total, const char *name)
{
    static submitter x[SUBMITTERS];
    pthread_t id[SUBMITTERS];
    int64_t begin = monotonic_us();
    for (int i = 0; i < threads; i++) {
        x[i] = (submitter){ s, total / threads / each, each };
        if (pthread_create(&id[i], NULL, submit_main, &x[i])) exit(1);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(id[i], NULL);
    figure(name, (double)(total / threads / each * threads * each) / since(begin), "entries/s");
}

static void proving(store *s)
{
    ledger_proof p;
    int64_t begin = monotonic_us();
    MUST(ledger_verify(s, NULL, NULL, &p));
    figure("verify", (double)p.entries / since(begin), "entries/s");
}

/* ---- a tree of ten million ---- */

typedef struct {
    txn *t;
    tree tree;
    uint8_t tail[TREE_TILE][TREE_HASH];
    int64_t to;
} growing;

static void leaf_at(int64_t i, uint8_t ret[TREE_HASH])
{
    tree_leaf_hash((str){ (const char *)&i, sizeof i }, ret);
}

static err keep_tile(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH])
{
    growing *g = ctx;
    if (level == 1)
        TRY(ledger_leaves_add(g->t,
                &(ledger_leaves_add_args){
                        .position = position, .hashes = { (const char *)g->tail, sizeof g->tail } },
                NULL));
    return ledger_tile_add(g->t,
            &(ledger_tile_add_args){ .level = level,
                    .position = position,
                    .hash = { (const char *)hash, TREE_HASH } },
            NULL);
}

static err grow(txn *t, void *ctx)
{
    growing *g = ctx;
    g->t = t;
    for (; g->tree.size < g->to;) {
        uint8_t *leaf = g->tail[g->tree.size % TREE_TILE];
        leaf_at(g->tree.size, leaf);
        TRY(tree_push(&g->tree, leaf, keep_tile, g));
    }
    return OK;
}

static err last_entries(txn *t, void *ctx)
{
    growing *g = ctx;
    int64_t n = g->tree.size % TREE_TILE;
    for (int64_t i = 0; i < n; i++) {
        TRY(ledger_entry_add(t,
                &(ledger_entry_add_args){ .id = id_new(),
                        .type = S("finding.opened"),
                        .body = S("{}"),
                        .leaf = { (const char *)g->tail[i], TREE_HASH } },
                NULL));
        int64_t number = g->tree.size - n + i + 1; /* the row's own is 1 more than the one before */
        TRY(ledger_number(t, &(ledger_number_args){ .row = i + 1, .number = number }, NULL));
    }
    return OK;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void proofs(store *s, const growing *g)
{
    static int64_t took[PROOFS];
    uint8_t root[TREE_HASH], leaf[TREE_HASH];
    uint64_t random = 88172645463325252u;
    tree_root(&g->tree, root);
    for (int i = 0; i < PROOFS; i++) {
        txn *t;
        str path;
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        int64_t index = (int64_t)(random % (uint64_t)g->tree.size), begin = monotonic_us();
        MUST(txn_read(s, 0, &t));
        MUST(proof_inclusion(t, txn_arena(t), index, g->tree.size, &path));
        took[i] = monotonic_us() - begin;
        leaf_at(index, leaf);
        if (!tree_path_holds(index, g->tree.size, leaf, path, root)) exit(1);
        txn_end(t);
    }
    qsort(took, PROOFS, sizeof *took, by_time);
    figure("proof-first", (double)took[PROOFS - 1] / 1e3, "ms");
    figure("proof-p99", (double)took[PROOFS * 99 / 100] / 1e3, "ms");
    figure("proof-median", (double)took[PROOFS / 2] / 1e3, "ms");
}

int main(int argc, char **argv)
{
    int entries = argc > 1 ? atoi(argv[1]) : 500000;
    int64_t leaves = argc > 2 ? atoll(argv[2]) : 10000000;
    if (sodium_init() < 0) return 1;
    test_store *t = test_store_new(false);
    ledger *l;
    clock_freeze(&t->clock, (instant){ 0 }); /* ids and times begin with the time, as in life */
    MUST(ledger_open(t->s, &l));
    appending(t->s, 4, BULK, entries, "append-bulk");
    appending(t->s, SUBMITTERS, 1, entries / 10, "append-single");
    proving(t->s);
    test_store_free(t);
    ledger_close(l);

    static growing g;
    test_store *big = test_store_new(false);
    while (g.tree.size < leaves) {
        g.to = g.tree.size + 1000000 < leaves ? g.tree.size + 1000000 : leaves;
        MUST(store_write(big->s, grow, &g));
    }
    MUST(store_write(big->s, last_entries, &g));
    proofs(big->s, &g);
    test_store_free(big);
    return 0;
}
