/* tree_test.c - the Merkle tree against RFC 6962's published roots and against a naive recursion.
 */
#include "unit/unit.h"

#include "base/json.h"
#include "ledger/note.h"
#include "ledger/tree.h"

#include <ftw.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- published proofs (RFC 6962, the reference implementations' vectors), whole and broken ----
 */

#define ROOT_8 "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
#define NODE_0_2 "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="
#define NODE_2_4 "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4="
#define NODE_4_8 "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="
#define NODE_6_8 "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA="
#define NODE_0_4 "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="
#define NODE_4_6 "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o="
#define LEAF_0 "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0="
#define LEAF_1 "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c="
#define LEAF_2 "ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c="
#define LEAF_4 "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="
#define LEAF_5 "QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg="

typedef struct {
    int64_t index, size;               /* growth: from, to */
    const char *leaf, *root, *path[3]; /* growth: leaf is the earlier root */
} vector;

static void hash_of(const char *text, uint8_t ret[TREE_HASH])
{
    assert_true(base64_bytes(str_of(text), ret, TREE_HASH));
}

static str path_of_vector(arena *a, const vector *v)
{
    uint8_t h[TREE_HASH];
    buf b = buf_new(a, 128);
    for (size_t i = 0; i < 3 && v->path[i]; i++) {
        hash_of(v->path[i], h);
        buf_put(&b, (str){ (const char *)h, TREE_HASH });
    }
    return buf_str(&b);
}

static void broken_path_is_refused(
        arena *a, int64_t index, int64_t size, const uint8_t *leaf, str path, const uint8_t *root)
{
    uint8_t none[TREE_HASH] = { 0 };
    char *bytes = str_z(a, path);
    str l = { (const char *)leaf, TREE_HASH }, r = { (const char *)root, TREE_HASH };
    assert_false(tree_path_holds(index + 1, size, leaf, path, root));
    assert_false(tree_path_holds(index - 1, size, leaf, path, root));
    assert_false(tree_path_holds(index ^ 2, size, leaf, path, root));
    assert_false(tree_path_holds(index, size * 2, leaf, path, root));
    assert_false(tree_path_holds(index, size / 2, leaf, path, root));
    assert_false(tree_path_holds(index, size, none, path, root));
    assert_false(tree_path_holds(index, size, leaf, path, none));
    assert_false(tree_path_holds(index, size, leaf, str_cat(a, path, S("garbage")), root));
    assert_false(tree_path_holds(index, size, leaf, str_cat(a, path, r), root));
    assert_false(tree_path_holds(index, size, leaf, str_cat(a, r, path), root));
    assert_false(tree_path_holds(index, size, leaf, str_cat(a, l, path), root));
    assert_false(tree_path_holds(index, size, leaf, str_sub(path, 0, path.n - TREE_HASH), root));
    for (size_t i = 0; i < path.n; i++) {
        bytes[i] ^= 8;
        assert_false(tree_path_holds(index, size, leaf, (str){ bytes, path.n }, root));
        bytes[i] ^= 8;
    }
}

static void published_paths(void **state)
{
    static const vector vectors[] = {
        { 0, 8, LEAF_0, ROOT_8, { LEAF_1, NODE_2_4, NODE_4_8 } },
        { 5, 8, LEAF_5, ROOT_8, { LEAF_4, NODE_6_8, NODE_0_4 } },
        { 2, 3, LEAF_2, "rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=", { NODE_0_2 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        const vector *v = &vectors[i];
        uint8_t leaf[TREE_HASH], root[TREE_HASH];
        hash_of(v->leaf, leaf);
        hash_of(v->root, root);
        str path = path_of_vector(*state, v);
        assert_true(tree_path_holds(v->index, v->size, leaf, path, root));
        broken_path_is_refused(*state, v->index, v->size, leaf, path, root);
    }
}

static void published_growth(void **state)
{
    static const vector vectors[] = {
        { 1, 8, LEAF_0, ROOT_8, { LEAF_1, NODE_2_4, NODE_4_8 } },
        { 6, 8, "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=", ROOT_8,
                { NODE_4_6, NODE_6_8, NODE_0_4 } },
        { 2, 5, NODE_0_2, "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=", { NODE_2_4, LEAF_4 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        const vector *v = &vectors[i];
        uint8_t from[TREE_HASH], to[TREE_HASH];
        hash_of(v->leaf, from);
        hash_of(v->root, to);
        str path = path_of_vector(*state, v);
        assert_true(tree_grew(v->index, v->size, from, path, to));
        broken_growth_is_refused(*state, v->index, v->size, path, from, to);
    }
}

/* ---- all published files, where they are: MINAR_DATA/rfc6962, JSON a proof, below any folder ----
 */

static bool hash_in(const json *j, const char *key, uint8_t ret[TREE_HASH])
{
    return base64_bytes(json_get_text(j, str_of(key)), ret, TREE_HASH);
}

static bool says_it_holds(const json *j, arena *a)
{
    uint8_t root[TREE_HASH], other[TREE_HASH], h[TREE_HASH];
    int64_t index, size;
    buf path = buf_new(a, 512);
    const json *proof = json_get(j, S("proof"));
    for (const json *p = proof ? proof->first : NULL; p; p = p->next) {
        if (!base64_bytes(json_text(p), h, TREE_HASH)) return false;
        buf_put(&path, (str){ (const char *)h, TREE_HASH });
    }
    if (json_i64(json_get(j, S("leafIdx")), &index))
        return json_i64(json_get(j, S("treeSize")), &size) && hash_in(j, "root", root) &&
               hash_in(j, "leafHash", other) &&
               tree_path_holds(index, size, other, buf_str(&path), root);
    return json_i64(json_get(j, S("size1")), &index) && json_i64(json_get(j, S("size2")), &size) &&
           hash_in(j, "root1", other) && hash_in(j, "root2", root) &&
           tree_grew(index, size, other, buf_str(&path), root);
}

static size_t vectors_seen;

static int one_file(const char *name, const struct stat *st, int flag, struct FTW *at)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 22);
    char text[16384];
    const json *j;
    bool wrong = false;
    (void)st, (void)at;
    if (flag != FTW_F || !str_ends(str_of(name), S(".json"))) return 0;
    FILE *f = fopen(name, "re");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    assert_ok(json_parse(a, (str){ text, n }, NULL, &j));
    if (!json_bool(json_get(j, S("wantErr")), &wrong)) return 0;
    vectors_seen++;
    if (says_it_holds(j, a) == wrong) fail_msg("%s: wantErr is %d", name, wrong);
    return 0;
}

static void all_published_files(void **state)
{
    const char *data = getenv("MINAR_DATA");
    char folder[4096];
    (void)state;
    snprintf(folder, sizeof folder, "%s/rfc6962", data ? data : "");
    if (!data || access(folder, R_OK)) {
        print_message("[  SKIPPED ] all_published_files: MINAR_DATA has no rfc6962\n");
        skip();
    }
    assert_int_equal(nftw(folder, one_file, 16, FTW_PHYS), 0);
    assert_true(vectors_seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(published_roots), UNIT(any_size_and_its_frontier),
        UNIT(paths_hold_and_changed_ones_do_not), UNIT(tiles_are_roots_of_256),
        UNIT(growth_holds_and_changed_ones_do_not), UNIT(published_paths), UNIT(published_growth),
        UNIT(all_published_files) };
    assert(sodium_init() >= 0);
    return cmocka_run_group_tests_name("ledger tree", tests, NULL, NULL);
}
