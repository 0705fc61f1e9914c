/* tree_test.c - the Merkle tree against RFC 6962's published roots and against a naive recursion.
 */
#include "unit/unit.h"

#include "ledger/tree.h"

#include <sodium.h>

/* The leaves and roots of the reference implementation's test (RFC 6962, "CT test vectors"). */
static const char *const leaves[8] = { "", "00", "10", "2021", "3031", "40414243",
    "5051525354555657", "606162636465666768696a6b6c6d6e6f" };
static const char *const roots[8] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void leaf_of(int i, uint8_t ret[TREE_HASH])
{
    uint8_t bytes[64];
    size_t n = 0;
    assert_int_equal(
            sodium_hex2bin(bytes, sizeof bytes, leaves[i], strlen(leaves[i]), NULL, &n, NULL), 0);
    tree_leaf_hash((str){ (const char *)bytes, n }, ret);
}

static void published_roots(void **state)
{
    (void)state;
    tree t = { 0 };
    uint8_t h[TREE_HASH];
    char text[2 * TREE_HASH + 1];
    tree_root(&t, h);
    sodium_bin2hex(text, sizeof text, h, sizeof h);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (int i = 0; i < 8; i++) {
        leaf_of(i, h);
        assert_ok(tree_push(&t, h, NULL, NULL));
        tree_root(&t, h);
        sodium_bin2hex(text, sizeof text, h, sizeof h);
        assert_string_equal(text, roots[i]);
    }
}

static void number_leaf(int64_t i, uint8_t ret[TREE_HASH])
{
    tree_leaf_hash((str){ (const char *)&i, sizeof i }, ret);
}

/* RFC 6962 2.1, word for word. */
static void naive_root(int64_t from, int64_t n, uint8_t ret[TREE_HASH])
{
    uint8_t l[TREE_HASH], r[TREE_HASH];
    int64_t k = 1;
    if (n == 1) {
        number_leaf(from, ret);
        return;
    }
    while (k * 2 < n)
        k *= 2;
    naive_root(from, k, l);
    naive_root(from + k, n - k, r);
    tree_node_hash(l, r, ret);
}

static void naive_path(buf *b, int64_t m, int64_t from, int64_t n)
{
    uint8_t h[TREE_HASH];
    int64_t k = 1;
    if (n == 1) return;
    while (k * 2 < n)
        k *= 2;
    if (m < k) {
        naive_path(b, m, from, k);
        naive_root(from + k, n - k, h);
    } else {
        naive_path(b, m - k, from + k, n - k);
        naive_root(from, k, h);
    }
    buf_put(b, (str){ (const char *)h, TREE_HASH });
}

static void any_size_and_its_frontier(void **state)
{
    tree t = { 0 }, again;
    uint8_t h[TREE_HASH], want[TREE_HASH];
    for (int64_t n = 1; n <= 300; n++) {
        number_leaf(n - 1, h);
        assert_ok(tree_push(&t, h, NULL, NULL));
        naive_root(0, n, want);
        tree_root(&t, h);
        assert_memory_equal(h, want, TREE_HASH);
        assert_true(tree_restore(&again, n, tree_frontier(&t, *state)));
        tree_root(&again, h);
        assert_memory_equal(h, want, TREE_HASH);
    }
    assert_false(tree_restore(&again, 300, S("short")));
}

static void paths_hold_and_changed_ones_do_not(void **state)
{
    uint8_t root[TREE_HASH], leaf[TREE_HASH];
    for (int64_t size = 1; size <= 40; size++) {
        naive_root(0, size, root);
        for (int64_t m = 0; m < size; m++) {
            buf b = buf_new(*state, 512);
            naive_path(&b, m, 0, size);
            number_leaf(m, leaf);
            assert_true(tree_path_holds(m, size, leaf, buf_str(&b), root));
            assert_false(tree_path_holds(m + 1, size, leaf, buf_str(&b), root) && size > 1);
            leaf[0] ^= 1;
            assert_false(tree_path_holds(m, size, leaf, buf_str(&b), root));
        }
    }
    assert_false(tree_path_holds(0, 0, leaf, S(""), root));
    assert_false(tree_path_holds(-1, 5, leaf, S(""), root));
}

static void naive_growth(buf *b, int64_t m, int64_t from, int64_t n, bool known)
{
    uint8_t h[TREE_HASH];
    int64_t k = 1;
    if (m == n && known) return;
    while (m != n && k * 2 < n)
        k *= 2;
    if (m == n)
        naive_root(from, n, h);
    else if (m <= k)
        naive_growth(b, m, from, k, known), naive_root(from + k, n - k, h);
    else
        naive_growth(b, m - k, from + k, n - k, false), naive_root(from, k, h);
    buf_put(b, (str){ (const char *)h, TREE_HASH });
}

/* What the published vectors do to a proof that holds: each change must be refused. */
static void broken_growth_is_refused(
        arena *a, int64_t m, int64_t n, str path, const uint8_t *from, const uint8_t *to)
{
    uint8_t other[TREE_HASH];
    char *bytes = str_z(a, path);
    memcpy(other, from, TREE_HASH);
    other[31] ^= 4;
    assert_false(tree_grew(m, n, other, path, to));
    assert_false(tree_grew(m, n, from, path, other));
    assert_false(tree_grew(m, n, to, path, from));
    assert_false(tree_grew(m - 1, n, from, path, to) && m > 1);
    assert_false(tree_grew(m + 1, n, from, path, to));
    assert_false(tree_grew(m, n * 2, from, path, to));
    assert_false(tree_grew(m ^ 2, n, from, path, to));
    assert_false(tree_grew(m, n / 2, from, path, to));
    assert_false(tree_grew(m, n, from, S(""), to));
    assert_false(tree_grew(m, n, from, str_cat(a, path, (str){ (const char *)to, 32 }), to));
    assert_false(tree_grew(m, n, from, str_cat(a, (str){ (const char *)from, 32 }, path), to));
    assert_false(tree_grew(m, n, from, str_sub(path, 0, path.n - TREE_HASH), to));
    assert_false(tree_grew(m, n, from, str_sub(path, TREE_HASH, path.n), to));
    assert_false(tree_grew(m, n, from, str_sub(path, 0, path.n - 1), to));
    for (size_t i = 0; i < path.n; i += TREE_HASH) {
        bytes[i] ^= 16;
        assert_false(tree_grew(m, n, from, (str){ bytes, path.n }, to));
        bytes[i] ^= 16;
    }
}

static void growth_holds_and_changed_ones_do_not(void **state)
{
    uint8_t from[TREE_HASH], to[TREE_HASH], none[TREE_HASH];
    tree empty = { 0 };
    tree_root(&empty, none);
    for (int64_t n = 1; n <= 33; n++) {
        naive_root(0, n, to);
        assert_true(tree_grew(0, n, none, S(""), to));
        assert_true(tree_grew(n, n, to, S(""), to));
        assert_false(tree_grew(0, n, to, S(""), to));
        for (int64_t m = 1; m < n; m++) {
            buf b = buf_new(*state, 512);
            naive_root(0, m, from);
            naive_growth(&b, m, 0, n, true);
            assert_true(tree_grew(m, n, from, buf_str(&b), to));
            broken_growth_is_refused(*state, m, n, buf_str(&b), from, to);
        }
    }
    assert_false(tree_grew(5, 4, to, S(""), to));
    assert_false(tree_grew(-1, 4, to, S(""), to));
}

typedef struct {
    int64_t next[8];
    int n;
} tiles;

static err note_tile(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH])
{
    tiles *x = ctx;
    uint8_t want[TREE_HASH];
    int64_t width = INT64_C(1) << (8 * level);
    assert_int_equal(position, x->next[level]++);
    naive_root(position * width, width, want);
    assert_memory_equal(hash, want, TREE_HASH);
    x->n++;
    return OK;
}

static void tiles_are_roots_of_256(void **state)
{
    (void)state;
    tree t = { 0 };
    tiles x = { 0 };
    uint8_t h[TREE_HASH];
    for (int64_t i = 0; i < 1000; i++) {
        number_leaf(i, h);
        assert_ok(tree_push(&t, h, note_tile, &x));
    }
    assert_int_equal(x.n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(published_roots), UNIT(any_size_and_its_frontier),
        UNIT(paths_hold_and_changed_ones_do_not), UNIT(tiles_are_roots_of_256),
        UNIT(growth_holds_and_changed_ones_do_not) };
    assert(sodium_init() >= 0);
    return cmocka_run_group_tests_name("ledger tree", tests, NULL, NULL);
}
