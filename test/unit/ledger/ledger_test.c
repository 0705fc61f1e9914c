/* ledger_test.c - entries, sealing, followers and proof on both engines; every kind of tampering
 * that a person with the store in hand could try is found. */
#include "unit/unit.h"

#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "ledger/tree.h"
#include "gen/ledger/queries.h"
#include "support/stores.h"

#include <sodium.h>
#include <stdio.h>

enum { ENTRIES = 700 };

typedef struct {
    test_store *ts;
    ledger *l;
} book;

static book open_book(bool pg)
{
    book b = { .ts = test_store_new(pg) };
    assert_ok(ledger_open(b.ts->s, &b.l));
    return b;
}

static void close_book(book *b)
{
    test_store_free(b->ts);
    ledger_close(b->l);
}

static err append_some(txn *t, void *ctx)
{
    int n = *(int *)ctx;
    for (int i = 0; i < n; i++)
        TRY(ledger_append(t, &(ledger_draft){ .type = LEDGER_feed_created,
                                     .kind = S("feed"),
                                     .subject = id_new(),
                                     .version = 1,
                                     .audience = 3,
                                     .owner = 1,
                                     .author = 2,
                                     .more = S("{\"n\":1}") }));
    return OK;
}

static void fill(book *b, int total)
{
    static const int parts[] = { 1, 7, 40, 256, 3 };
    for (size_t i = 0; total > 0; i++) {
        int n = parts[i % ARRAY_LEN(parts)];
        if (n > total) n = total;
        assert_ok(store_write(b->ts->s, append_some, &n));
        total -= n;
    }
}

static err append_and_fail(txn *t, void *ctx)
{
    TRY(append_some(t, ctx));
    return ERR(E_CONFLICT, "error.store.conflict");
}

typedef struct {
    int64_t next;
    int bad;
} follower;

static err follow(void *ctx, const ledger_item *e)
{
    follower *f = ctx;
    f->bad += e->number != f->next || e->type != LEDGER_feed_created || !str_eq(e->kind, S("feed"));
    f->next++;
    return OK;
}

static void numbers_have_no_gap(book *b)
{
    int n = 3;
    int64_t last;
    follower f = { .next = 1 };
    fill(b, ENTRIES);
    assert_true(failed(store_write(b->ts->s, append_and_fail, &n)));
    fill(b, 10);
    ledger_head h = ledger_head_now(b->l);
    assert_int_equal(h.size, ENTRIES + 10);
    assert_ok(ledger_read(b->l, 0, 10000, follow, &f, &last));
    assert_int_equal(last, ENTRIES + 10);
    assert_int_equal(f.bad, 0);
    ledger_proof p;
    assert_ok(ledger_verify(b->ts->s, NULL, NULL, &p));
    assert_int_equal(p.entries, ENTRIES + 10);
    assert_memory_equal(p.root, h.root, sizeof h.root);
}

/* After a start the ring is empty: followers read the store, and go on where the tree stood. */
static void goes_on_after_a_start(book *b)
{
    int64_t last;
    follower f = { .next = 1 };
    fill(b, 300);
    ledger_head before = ledger_head_now(b->l);
    ledger *old = b->l;
    test_store_reopen(b->ts);
    ledger_close(old);
    assert_ok(ledger_open(b->ts->s, &b->l));
    ledger_head h = ledger_head_now(b->l);
    assert_int_equal(h.size, before.size);
    assert_memory_equal(h.root, before.root, sizeof h.root);
    fill(b, 5);
    assert_ok(ledger_read(b->l, 0, 10000, follow, &f, &last));
    assert_int_equal(last, 305);
    assert_int_equal(f.bad, 0);
    ledger_proof p;
    assert_ok(ledger_verify(b->ts->s, NULL, NULL, &p));
}

/* The leaf as an outsider makes it: from what the opening says and nothing else. */
static void leaf_of(txn *t, int64_t number, uint8_t ret[TREE_HASH])
{
    ledger_proving_row *r;
    entry_opening o;
    uint8_t both[64], c[32], want[32];
    size_t n;
    char text[4096];
    assert_ok(ledger_proving(
            t, &(ledger_proving_args){ .after = number - 1, .limit = 1 }, txn_arena(t), &r, &n));
    assert_true(entry_open(txn_arena(t), r->body, r->salt, &o));
    assert_int_equal(snprintf(text, sizeof text, "%.*s", STR_ARG(o.said)), o.said.n);
    assert_null(strstr(text, "audience"));
    crypto_hash_sha256_state s;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, (const uint8_t *)o.salt.p, o.salt.n);
    crypto_hash_sha256_update(&s, (const uint8_t *)o.said.p, o.said.n);
    crypto_hash_sha256_final(&s, both);
    memcpy(both + 32, o.inner, 32);
    crypto_hash_sha256(c, both, sizeof both);
    assert_true(entry_commitment(r->body, r->salt, want));
    assert_memory_equal(c, want, sizeof c);
    tree_leaf_hash((str){ (const char *)c, sizeof c }, ret);
    assert_memory_equal(ret, r->leaf.p, TREE_HASH);
}

static void every_entry_has_its_path(book *b)
{
    fill(b, 600);
    ledger_head h = ledger_head_now(b->l);
    txn *t;
    assert_ok(txn_read(b->ts->s, 0, &t));
    for (int64_t n = 1; n <= h.size; n += 7) {
        uint8_t leaf[TREE_HASH], root[TREE_HASH];
        str path;
        leaf_of(t, n, leaf);
        assert_ok(proof_inclusion(t, txn_arena(t), n - 1, h.size, &path));
        assert_true(tree_path_holds(n - 1, h.size, leaf, path, h.root));
        assert_ok(proof_root(t, n, root));
        assert_ok(proof_growth(t, txn_arena(t), n, h.size, &path));
        assert_true(tree_grew(n, h.size, root, path, h.root));
        root[3] ^= 1;
        assert_false(tree_grew(n, h.size, root, path, h.root));
    }
    str path;
    assert_fails(
            proof_inclusion(t, txn_arena(t), h.size, h.size, &path), E_ABSENT, "error.ledger.gap");
    assert_fails(
            proof_growth(t, txn_arena(t), h.size + 1, h.size, &path), E_ABSENT, "error.ledger.gap");
    txn_end(t);
}

/* ---- tampering ---- */

typedef struct {
    const char *sql, *key;
} crime;

static err commit_crime(txn *t, void *ctx)
{
    const crime *c = ctx;
    const char *text[] = { c->sql };
    static const cell_type none[1];
    stmt_def s = { .name = "crime",
        .sqlite = text,
        .pg = text,
        .in = none,
        .out = none,
        .index = UINT32_MAX,
        .writes = true };
    return stmt_run(t, &s, 0, NULL, NULL, NULL, NULL);
}

static void tampering_is_found(bool pg)
{
    static const crime crimes[] = {
        { "UPDATE ledger_entry SET body = replace(body, 'feed.created', 'feed.changed') WHERE "
          "number = 77",
                "error.ledger.leaf" },
        { "DELETE FROM ledger_entry WHERE number = 300", "error.ledger.gap" },
        { "DELETE FROM ledger_entry WHERE number > 590", "error.ledger.size" },
        { "UPDATE ledger_head SET size = size - 1", "error.ledger.size" },
        { "UPDATE ledger_tile SET hash = (SELECT t.leaf FROM ledger_entry t WHERE t.number = 1) "
          "WHERE position = 1",
                "error.ledger.tile" },
        { "UPDATE ledger_entry SET salt = (SELECT t.salt FROM ledger_entry t WHERE t.number = 1) "
          "WHERE number = 9",
                "error.ledger.leaf" },
        { "UPDATE ledger_entry SET body = replace(body, '\"owner\":1', '\"owner\":2') WHERE "
          "number = 599",
                "error.ledger.leaf" },
        { "UPDATE ledger_leaves SET hashes = (SELECT t.hashes FROM ledger_leaves t WHERE "
          "t.position = 1) WHERE position = 0",
                "error.ledger.tile" },
        { "DELETE FROM ledger_leaves WHERE position = 1", "error.ledger.tile" },
        { "UPDATE ledger_head SET root = (SELECT t.leaf FROM ledger_entry t WHERE t.number = 1)",
                "error.ledger.root" },
    };
    for (size_t i = 0; i < ARRAY_LEN(crimes); i++) {
        book b = open_book(pg);
        ledger_proof p;
        fill(&b, 600);
        crime c = crimes[i];
        assert_ok(store_write(b.ts->s, commit_crime, &c));
        assert_fails(ledger_verify(b.ts->s, NULL, NULL, &p), E_INVALID, c.key);
        close_book(&b);
    }
}

static void on_both(void (*test)(book *b))
{
    for (int pg = 0; pg <= (int)stores_have_pg(); pg++) {
        book b = open_book(pg);
        test(&b);
        close_book(&b);
    }
}

static void test_numbers(void **state)
{
    (void)state, on_both(numbers_have_no_gap);
}
static void test_start(void **state)
{
    (void)state, on_both(goes_on_after_a_start);
}
static void test_paths(void **state)
{
    (void)state, on_both(every_entry_has_its_path);
}
static void test_tampering(void **state)
{
    (void)state;
    for (int pg = 0; pg <= (int)stores_have_pg(); pg++)
        tampering_is_found(pg);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(test_numbers), UNIT(test_start), UNIT(test_paths),
        UNIT(test_tampering) };
    assert(sodium_init() >= 0);
    int bad = cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
    stores_over();
    return bad;
}
