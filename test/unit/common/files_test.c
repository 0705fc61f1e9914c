/* files_test.c - the vault and the way out: what is put comes back whole; what is altered, cut,
 * moved or under another key does not; a zip under the usual password. */
#include "common/files/vault.h"
#include "common/files/wrapped.h"
#include "unit.h"
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static arena *m;
static vault_place place;
static const uint8_t key[VAULT_KEY] = { 1, 2, 3 };
static char folder[4096];

static str bytes_of(size_t n)
{
    char *p = arena_alloc(m, n + 1);
    randombytes_buf_deterministic(p, n, key);
    return (str){ p, n };
}

static int file_of(str s)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t at = 0; at < s.n;) {
        ssize_t n = write(fd, s.p + at, s.n - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static id128 put(str s)
{
    id128 object = id_new();
    vault_sum sum;
    uint8_t hash[32];
    int fd = file_of(s);
    assert_ok(vault_put(&place, object, key, fd, &sum));
    close(fd);
    crypto_hash_sha256(hash, (const uint8_t *)s.p, s.n);
    assert_int_equal(sum.bytes, s.n);
    assert_memory_equal(sum.hash, hash, sizeof hash);
    return object;
}

/* False: it cannot be read to its end. */
static bool get(id128 object, const uint8_t *with, str *ret)
{
    vault_reader *r;
    buf b = buf_new(m, 1024);
    char part[1000];
    ssize_t n;
    if (failed(vault_open(&place, object, with, &r))) return false;
    while ((n = vault_read(r, part, sizeof part)) > 0)
        buf_put(&b, (str){ part, (size_t)n });
    assert_true(n == 0 || vault_read(r, part, sizeof part) < 0); /* and stays so */
    vault_close(r);
    *ret = buf_str(&b);
    return n == 0;
}

static const char *path_of(id128 object)
{
    str id = id_text(m, object);
    return str_z(m, str_fmt(m, "%s/%.2s/%.*s", folder, id.p, STR_ARG(id)));
}

static void what_is_put_comes_back(void **state)
{
    static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 1000000 };
    str got;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        str s = bytes_of(sizes[i]);
        assert_true(get(put(s), key, &got));
        assert_true(str_eq(got, s));
        id128 object = id_new();
        assert_ok(vault_put_bytes(&place, object, key, s));
        assert_true(get(object, key, &got) && str_eq(got, s));
    }
}

static void it_is_sealed_and_ours_alone(void **state)
{
    str s = bytes_of(70000), got;
    struct stat st;
    id128 object = put(s);
    assert_int_equal(stat(path_of(object), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true((size_t)st.st_size > s.n);
    const uint8_t other[VAULT_KEY] = { 9 };
    assert_false(get(object, other, &got));
}

static void what_is_altered_is_not_whole(void **state)
{
    str s = bytes_of(200000), got;
    for (off_t at = 0; at < 200000; at += 9973) {
        id128 object = put(s);
        int fd = open(path_of(object), O_RDWR);
        char c;
        assert_int_equal(pread(fd, &c, 1, at), 1);
        c ^= 4;
        assert_int_equal(pwrite(fd, &c, 1, at), 1);
        close(fd);
        assert_false(get(object, key, &got));
    }
}

static void what_is_cut_is_not_whole(void **state)
{
    str got;
    for (off_t n = 0; n < 200000; n += 32777) {
        id128 object = put(bytes_of(200000));
        assert_int_equal(truncate(path_of(object), n), 0);
        assert_false(get(object, key, &got));
    }
}

static void one_object_is_not_another(void **state)
{
    str got;
    id128 one = put(S("one")), two = put(S("two"));
    assert_int_equal(rename(path_of(one), path_of(two)), 0);
    assert_false(get(two, key, &got));
}

static void gone_is_gone(void **state)
{
    vault_reader *r;
    id128 object = put(S("x"));
    assert_ok(place.remove(place.ctx, object));
    assert_ok(place.remove(place.ctx, object));
    assert_fails(vault_open(&place, object, key, &r), E_ABSENT, "error.files.gone");
}

static void an_object_that_was_begun_is_not_there(void **state)
{
    void *w;
    vault_reader *r;
    id128 object = id_new();
    assert_ok(place.begin(place.ctx, object, &w));
    assert_ok(place.write(w, S("half")));
    assert_fails(vault_open(&place, object, key, &r), E_ABSENT, "error.files.gone");
    place.abandon(w);
    assert_int_not_equal(access(path_of(object), F_OK), 0);
}

/* ---- the way out ---- */

static str wrap(str s, const char *name, size_t step)
{
    vault_reader *r;
    wrapped *w;
    ssize_t n;
    buf b = buf_new(m, 1024);
    assert_ok(vault_open(&place, put(s), key, &r));
    assert_ok(wrapped_open(r, str_of(name), (int64_t)s.n, &w));
    while ((n = wrapped_read(w, buf_room(&b, step), step)) > 0)
        b.n += (size_t)n;
    assert_int_equal(n, 0);
    wrapped_close(w);
    return buf_str(&b);
}

static void a_zip_opens_with_the_usual_password(void **state)
{
    str s = bytes_of(300000);
    static const size_t steps[] = { 1000, 65536, 100000 };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        str zip = wrap(s, "نمونہ.exe", steps[i]);
        char *got = arena_alloc(m, s.n);
        struct archive_entry *e;
        struct archive *x = archive_read_new();
        archive_read_support_format_zip(x);
        archive_read_add_passphrase(x, WRAPPED_PASSWORD);
        assert_int_equal(archive_read_open_memory(x, zip.p, zip.n), ARCHIVE_OK);
        assert_int_equal(archive_read_next_header(x, &e), ARCHIVE_OK);
        assert_true(archive_entry_is_encrypted(e));
        assert_int_equal(archive_read_data(x, got, s.n), s.n);
        assert_memory_equal(got, s.p, s.n);
        archive_read_free(x);
        assert_true(str_find(zip, str_sub(s, 1000, 32)) < 0);
    }
}

static void an_altered_file_ends_no_zip(void **state)
{
    vault_reader *r;
    wrapped *w;
    char part[65536];
    ssize_t n;
    id128 object = put(bytes_of(300000));
    assert_int_equal(truncate(path_of(object), 200000), 0);
    assert_ok(vault_open(&place, object, key, &r));
    assert_ok(wrapped_open(r, S("x"), 300000, &w));
    while ((n = wrapped_read(w, part, sizeof part)) > 0)
        ;
    assert_int_equal(n, -1);
    wrapped_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_comes_back),
        cmocka_unit_test(it_is_sealed_and_ours_alone),
        cmocka_unit_test(what_is_altered_is_not_whole),
        cmocka_unit_test(what_is_cut_is_not_whole),
        cmocka_unit_test(one_object_is_not_another),
        cmocka_unit_test(gone_is_gone),
        cmocka_unit_test(an_object_that_was_begun_is_not_there),
        cmocka_unit_test(a_zip_opens_with_the_usual_password),
        cmocka_unit_test(an_altered_file_ends_no_zip),
    };
    m = arena_new((size_t)1 << 30);
    const char *below = getenv("MINAR_TMP");
    snprintf(folder, sizeof folder, "%s/vault-XXXXXX", below ? below : "/tmp");
    assert_true(mkdtemp(folder) != NULL && sodium_init() >= 0);
    assert_ok(vault_folder(m, folder, &place));
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
