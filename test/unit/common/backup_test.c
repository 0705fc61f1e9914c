/* backup_test.c - the form of a backup: every flipped bit, every cut and every swap is found; cards
 * give the key by any two and by nothing less; a manifest leads nowhere else; what is interrupted
 * has no name. */
#include "base/time.h"
#include "common/backup/follow.h"
#include "common/backup/place.h"
#include "common/backup/sealed.h"
#include "unit.h"

#include <ftw.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
    (void)st, (void)flag, (void)f;
    return remove(path);
}

static char *folder(arena *a)
{
    const char *tmp = getenv("MINAR_TMP");
    char *dir = str_z(a, str_fmt(a, "%s/backup-XXXXXX", tmp ? tmp : "/tmp"));
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void gone(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- sealing ---- */

static void every_flipped_bit_of_a_sealed_piece_is_found(void **state)
{
    arena *a = *state;
    uint8_t key[SEALED_KEY] = { 1 };
    char sealed[200], plain[200];
    size_t n;
    str text = S("what is written here");
    sealed_put_one(key, S("name"), text, sealed);
    str all = { sealed, sealed_bytes(text.n) };
    assert_true(sealed_get_one(key, S("name"), all, plain, &n));
    assert_str(((str){ plain, n }), "what is written here");
    for (size_t bit = 0; bit < all.n * 8; bit++) {
        sealed[bit / 8] ^= (char)(1 << bit % 8);
        assert_false(sealed_get_one(key, S("name"), all, plain, &n));
        sealed[bit / 8] ^= (char)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < all.n; cut++)
        assert_false(sealed_get_one(key, S("name"), str_sub(all, 0, cut), plain, &n));
    assert_false(sealed_get_one(key, S("other"), all, plain, &n));
    key[0] = 2;
    assert_false(sealed_get_one(key, S("name"), all, plain, &n));
    (void)a;
}

static void a_long_text_cut_at_a_part_or_put_together_of_two_is_found(void **state)
{
    arena *a = *state;
    const size_t sizes[] = { 0, 1, SEALED_PART - 1, SEALED_PART, SEALED_PART + 1,
        3 * SEALED_PART + 5 };
    uint8_t key[SEALED_KEY] = { 3 };
    str got;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *p = arena_alloc(a, sizes[i] + 1);
        memset(p, 'x', sizes[i]);
        str sealed = sealed_put(a, key, S("m"), (str){ p, sizes[i] });
        assert_true(sealed_get(a, key, S("m"), sealed, &got));
        assert_int_equal(got.n, sizes[i]);
        assert_false(sealed_get(a, key, S("n"), sealed, &got));
        assert_false(sealed_get(a, key, S("m"), str_cat(a, sealed, S("y")), &got));
    }
    str long_one = sealed_put(a, key, S("m"), (str){ arena_alloc(a, 200000), 200000 });
    size_t part = SEALED_PART + SEALED_TAG;
    for (size_t k = 0; k < 3; k++)
        assert_false(
                sealed_get(a, key, S("m"), str_sub(long_one, 0, SEALED_HEAD + k * part), &got));
    str swapped = str_copy(a, long_one);
    char *q = (char *)(uintptr_t)swapped.p + SEALED_HEAD;
    memcpy(q, long_one.p + SEALED_HEAD + part, part);
    memcpy(q + part, long_one.p + SEALED_HEAD, part);
    assert_false(sealed_get(a, key, S("m"), swapped, &got));
}

/* ---- cards ---- */

static void any_two_cards_give_the_key(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY], got[BACKUP_KEY];
    share made[CUSTODIANS_MAX], other[CUSTODIANS_MAX], read[CUSTODIANS_MAX];
    for (int n = 2; n <= CUSTODIANS_MAX; n++) {
        randombytes_buf(key, sizeof key);
        shares_make(key, n, made);
        shares_make(key, n, other);
        for (int i = 0; i < n; i++)
            assert_ok(share_read(share_card(a, &made[i], S("Aisha K.")), &read[i]));
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++) {
                assert_int_equal(shares_join(&read[i], &read[k], got), i != k);
                if (i != k) assert_memory_equal(got, key, sizeof key);
                assert_false(shares_join(&read[i], &other[k], got)); /* of two ceremonies */
            }
    }
}

/* What one has is chance: no half is the key, and two halves of one card are not related by it. */
static void one_card_says_nothing_of_the_key(void **state)
{
    uint8_t key[BACKUP_KEY] = { 0 }, sum[BACKUP_KEY];
    share s[CUSTODIANS_MAX];
    size_t ones = 0, all = 0;
    (void)state;
    for (int round = 0; round < 200; round++) {
        shares_make(key, 3, s);
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++) {
                if (k == i) continue;
                assert_memory_not_equal(s[i].half[k], key, BACKUP_KEY);
                for (size_t b = 0; b < BACKUP_KEY; b++, all += 8)
                    ones += (size_t)__builtin_popcount(s[i].half[k][b]);
            }
        for (size_t b = 0; b < BACKUP_KEY; b++)
            sum[b] = s[0].half[1][b] ^ s[0].half[2][b];
        assert_memory_not_equal(sum, key, BACKUP_KEY);
    }
    assert_true(ones > all / 2 - all / 50 && ones < all / 2 + all / 50);
}

static void every_wrong_letter_of_a_card_is_found(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY] = { 9 }, got[BACKUP_KEY];
    share s[CUSTODIANS_MAX], read, two;
    shares_make(key, 2, s);
    str card = share_card(a, &s[0], S("Aisha"));
    assert_ok(share_read(share_card(a, &s[1], S("Bilal")), &two));
    char *p = str_z(a, card);
    ptrdiff_t name = str_find(card, S("Aisha"));
    int harmless = 0;
    for (size_t i = 0; i < card.n; i++) {
        char was = p[i];
        if ((ptrdiff_t)i >= name && (ptrdiff_t)i < name + 5) continue; /* the name says nothing */
        p[i] = was == '1' ? '2' : '1';
        err e = share_read((str){ p, card.n }, &read);
        bool joined = !failed(e) && shares_join(&read, &two, got);
        assert_true(!joined || memcmp(got, key, sizeof key) == 0); /* never another key */
        harmless += joined;
        p[i] = was;
    }
    assert_int_equal(harmless, 1); /* the space before the name */
    for (size_t cut = 0; cut + 1 < card.n; cut++) {
        err e = share_read(str_sub(card, 0, cut), &read);
        assert_true(failed(e));
    }
}

/* ---- manifests ---- */

static void a_manifest_comes_back(void **state)
{
    arena *a = *state;
    uint8_t chunks[3][CHUNK_NAME] = { { 1 }, { 2 }, { 3 } };
    manifest_file files[] = { { S("minar.yaml"), 10, 1795000000000000000, 7, 0, 1 },
        { S("realm/live/name with a space"), CHUNK_BYTES + 1, 0, 8, 1, 2 },
        { S("realm/live/empty"), 0, 5, 9, 3, 0 } };
    manifest m = { S("{\"a\":1}"), files, 3, chunks, 3 }, got;
    str text = manifest_text(a, &m);
    assert_ok(manifest_parse(a, text, &got));
    assert_str(got.facts, "{\"a\":1}");
    assert_true(got.n_files == 3 && got.n_chunks == 3);
    assert_str(got.files[1].path, "realm/live/name with a space");
    assert_int_equal(got.files[1].n, 2);
    assert_memory_equal(got.chunks, chunks, sizeof chunks);
    for (size_t cut = 0; cut + 1 < text.n; cut++)
        assert_fails(
                manifest_parse(a, str_sub(text, 0, cut), &got), E_INVALID, "error.backup.manifest");
}

static void a_path_leads_nowhere_else(void **state)
{
    static const char *const bad[] = { "", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a",
        "a//b", "a/", "a/./b", "a\nb", "a\\b", "a\x7f" };
    arena *a = *state;
    manifest got;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(manifest_path_fits(str_of(bad[i])));
        str text = str_fmt(a, "minar-backup-manifest 1\n{}\nf 0 0 0 0 %s\nend 1 0\n", bad[i]);
        assert_fails(manifest_parse(a, text, &got), E_INVALID, "error.backup.manifest");
    }
    assert_true(manifest_path_fits(S("realm/live/history/2026-11.duckdb")));
    assert_true(manifest_path_fits(S("a..b/...")));
}

/* ---- a folder of backups ---- */

static void put_one(place *p, arena *a, str bytes, int64_t second, str *ret)
{
    uint8_t name[1][CHUNK_NAME];
    int64_t came;
    assert_ok(place_chunk_put(p, bytes, name[0], &came));
    assert_ok(place_chunks_commit(p));
    manifest_file f = { S("f"), (int64_t)bytes.n, 0, 0, 0, 1 };
    manifest m = { S("{}"), &f, 1, name, 1 };
    assert_ok(place_manifest_put(p, a, (instant){ second * US_PER_S }, &m, ret));
}

static void the_same_bytes_are_kept_once_and_come_back(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY] = { 1 }, name[CHUNK_NAME], again[CHUNK_NAME];
    char *dir = folder(a), *room = arena_alloc(a, CHUNK_BYTES), *big = arena_alloc(a, CHUNK_BYTES);
    place *p;
    int64_t came;
    size_t n;
    randombytes_buf(big, CHUNK_BYTES);
    assert_ok(place_open(dir, true, key, &p));
    const str pieces[] = { S("x"), { big, CHUNK_BYTES }, { room, CHUNK_BYTES }, { big, 77 } };
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        assert_ok(place_chunk_put(p, pieces[i], name, &came));
        assert_true(came > 0 && !place_chunk_there(p, name));
        assert_ok(place_chunk_put(p, pieces[i], again, &came));
        assert_true(came == 0 && memcmp(name, again, sizeof name) == 0);
        assert_ok(place_chunks_commit(p));
        assert_true(place_chunk_there(p, name));
        char *back = arena_alloc(a, CHUNK_BYTES);
        assert_ok(place_chunk_get(p, name, back, &n));
        assert_int_equal(n, pieces[i].n);
        assert_memory_equal(back, pieces[i].p, n);
    }
    place_close(p);
    gone(dir);
}

static void what_is_not_finished_has_no_name(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY] = { 1 }, name[CHUNK_NAME];
    char *dir = folder(a);
    place *p, *other;
    int64_t came;
    str *names;
    size_t n;
    assert_ok(place_open(dir, true, key, &p));
    assert_ok(place_chunk_put(p, S("begun"), name, &came));
    assert_fails(place_open(dir, true, key, &other), E_BUSY, "error.backup.busy");
    place_close(p);
    assert_ok(place_open(dir, false, key, &p));
    assert_false(place_chunk_there(p, name));
    assert_ok(place_manifests(p, a, &names, &n));
    assert_int_equal(n, 0);
    place_close(p);
    gone(dir);
}

static void another_key_opens_nothing_until_it_is_wrapped_anew(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY] = { 1 }, other[BACKUP_KEY] = { 2 };
    char *dir = folder(a);
    place *p;
    str name, text;
    instant made;
    manifest m;
    assert_fails(place_open(dir, false, key, &p), E_ABSENT, "error.backup.none");
    assert_ok(place_open(dir, true, key, &p));
    put_one(p, a, S("bytes"), 1795000000, &name);
    assert_ok(place_rolling_put(p, "keys", (instant){ 500 }, S("secret")));
    assert_ok(place_rolling_get(p, a, "keys", (instant){ 500 }, &made, &text));
    assert_str(text, "secret");
    assert_fails(place_rolling_get(p, a, "keys", (instant){ 501 }, &made, &text), E_INVALID,
            "error.backup.older");
    place_close(p);
    assert_fails(place_open(dir, true, other, &p), E_AUTH, "error.backup.key_other");
    assert_ok(place_open(dir, true, key, &p));
    assert_ok(place_rewrap(p, other));
    place_close(p);
    assert_fails(place_open(dir, false, key, &p), E_AUTH, "error.backup.key_other");
    assert_ok(place_open(dir, false, other, &p));
    assert_ok(place_manifest_get(p, a, name, &m));
    place_close(p);
    gone(dir);
}

static void pruning_leaves_what_the_newest_name(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY] = { 1 };
    char *dir = folder(a);
    place *p;
    str first, second, third;
    manifest m;
    size_t n;
    int64_t backups, bytes;
    assert_ok(place_open(dir, true, key, &p));
    put_one(p, a, S("only in the first"), 1795000000, &first);
    put_one(p, a, S("shared"), 1795000060, &second);
    put_one(p, a, S("shared"), 1795000120, &third);
    assert_ok(place_manifest_get(p, a, first, &m));
    assert_ok(place_prune(p, 2, &backups, &bytes));
    assert_true(backups == 1 && bytes > 0);
    assert_false(place_chunk_there(p, m.chunks[0]));
    assert_fails(place_manifest_get(p, a, first, &m), E_ABSENT, "error.backup.gone");
    assert_ok(place_prune(p, 1, &backups, &bytes));
    assert_true(backups == 1 && bytes == 0);
    assert_ok(place_manifest_get(p, a, third, &m));
    char *big = arena_alloc(a, CHUNK_BYTES);
    assert_ok(place_chunk_get(p, m.chunks[0], big, &n));
    assert_str(((str){ big, n }), "shared");
    place_close(p);
    gone(dir);
}

/* ---- a copy that follows ---- */

static void fails_as(err e, err_code code)
{
    assert_true(failed(e));
    assert_int_equal(err_code_of(e), code);
}

static void a_mark_is_read_beside_the_writer_and_under_its_own_name_alone(void **state)
{
    arena *a = *state;
    uint8_t key[BACKUP_KEY] = { 3 };
    char *dir = folder(a);
    place *writer, *other;
    str text;
    assert_ok(place_open(dir, true, key, &writer));
    assert_ok(place_open_beside(dir, key, &other));
    fails_as(place_mark_get(other, a, "alive", &text), E_ABSENT);
    assert_ok(place_mark_put(writer, "alive", S("{\"beat\":1}"), false));
    assert_ok(place_mark_put(other, "epoch", S("{\"epoch\":1}"), true));
    assert_ok(place_mark_get(other, a, "alive", &text));
    assert_str(text, "{\"beat\":1}");
    char *alive = str_z(a, str_fmt(a, "%s/marks/alive", dir));
    char *epoch = str_z(a, str_fmt(a, "%s/marks/epoch", dir));
    assert_int_equal(rename(alive, epoch), 0);
    fails_as(place_mark_get(other, a, "epoch", &text), E_INVALID);
    place_close(other);
    place_close(writer);
    gone(dir);
}

static void a_turn_comes_back_and_a_fence_stays(void **state)
{
    arena *a = *state;
    char *dir = folder(a);
    follow_epoch e;
    assert_int_equal(mkdir(str_z(a, str_fmt(a, "%s/realm", dir)), 0700), 0);
    assert_ok(follow_epoch_read(a, dir, &e));
    assert_int_equal(e.epoch, 0);
    follow_epoch mine = { .epoch = 7, .machine = S("0123456789abcdef"), .into = "/srv/copy" };
    assert_ok(follow_epoch_write(dir, &mine));
    assert_ok(follow_epoch_read(a, dir, &e));
    assert_int_equal(e.epoch, 7);
    assert_string_equal(e.into, "/srv/copy");
    fails_as(follow_epoch_parse(a, S("{\"epoch\":0,\"machine\":\"0123456789abcdef\"}"), &e),
            E_INVALID);
    fails_as(follow_epoch_parse(a, S("{\"epoch\":1,\"machine\":\"x\"}"), &e), E_INVALID);
    assert_false(follow_fenced(dir));
    assert_ok(follow_fence(dir, 8));
    assert_true(follow_fenced(dir));
    gone(dir);
}

static void a_copy_is_late_when_it_is_old_or_nobody_makes_it(void **state)
{
    arena *a = *state;
    char *dir = folder(a);
    instant now = { INT64_C(1796000000) * US_PER_S };
    follow_state s = { .state = S("waiting"), .every_s = 10, .at = now, .made = now }, back;
    assert_int_equal(mkdir(str_z(a, str_fmt(a, "%s/realm", dir)), 0700), 0);
    fails_as(follow_read(a, dir, &back), E_ABSENT);
    assert_ok(follow_write(dir, &s));
    assert_ok(follow_read(a, dir, &back));
    assert_int_equal(back.made.us, now.us);
    assert_int_equal(follow_age_s(&back, (instant){ now.us + 5 * US_PER_S }), 5);
    assert_false(follow_late(&back, (instant){ now.us + 20 * US_PER_S }));
    assert_true(follow_late(&back, (instant){ now.us + 31 * US_PER_S })); /* nobody says anything */
    back.at.us += 61 * US_PER_S;
    assert_true(follow_late(&back, (instant){ now.us + 61 * US_PER_S })); /* it fails */
    back.made = (instant){ 0 };
    assert_int_equal(follow_age_s(&back, now), -1);
    assert_true(follow_late(&back, now));
    gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(every_flipped_bit_of_a_sealed_piece_is_found),
        UNIT(a_long_text_cut_at_a_part_or_put_together_of_two_is_found),
        UNIT(any_two_cards_give_the_key),
        UNIT(one_card_says_nothing_of_the_key),
        UNIT(every_wrong_letter_of_a_card_is_found),
        UNIT(a_manifest_comes_back),
        UNIT(a_path_leads_nowhere_else),
        UNIT(the_same_bytes_are_kept_once_and_come_back),
        UNIT(what_is_not_finished_has_no_name),
        UNIT(another_key_opens_nothing_until_it_is_wrapped_anew),
        UNIT(pruning_leaves_what_the_newest_name),
        UNIT(a_mark_is_read_beside_the_writer_and_under_its_own_name_alone),
        UNIT(a_turn_comes_back_and_a_fence_stays),
        UNIT(a_copy_is_late_when_it_is_old_or_nobody_makes_it),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("common backup", tests, NULL, NULL);
}
